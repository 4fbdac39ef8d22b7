// When a document says to act: in exactly one way, and one that comes to an end.

import { z } from "zod";
import type { TimingPlan } from "../../model/plan";
import { Aggregate, Debounce } from "../../model/timing";
import type { Path } from "../expression/path";
import type { Program } from "../expression/program";
import { checkClock } from "./check-clock";
import type { CompiledTrigger, ExtractPrograms } from "./compile";
import { compileExtract } from "./compile-extract";
import { compileJoin } from "./compile-join";
import { readable } from "./readable";
import { type Issue, kindOf, type Report, reportIssues, unknownKey } from "./schema-issues";

export const KINDS = ["immediate", "debounce", "aggregate", "join"];
const EXAMPLE = "timing: { debounce: { quiet: 90s, max_wait: 10m } }";
const TOP_DEFAULT = 10;

export interface CompiledTiming {
	timing: TimingPlan;
	extract?: ExtractPrograms;
	/** Those of a join's branches. */
	triggers?: CompiledTrigger[];
	skipUnchanged?: boolean;
}

/**
 * `key` is the workflow's key, where it compiles; `isOwnKey`, whether its author wrote it. What is returned counts only
 * if nothing was reported.
 */
export function compileTiming(
	timing: unknown,
	{ key, isOwnKey }: { key: Program | undefined; isOwnKey: boolean },
	report: Report,
): CompiledTiming {
	const immediate: CompiledTiming = { timing: { kind: "immediate" } };
	if (timing === undefined) return immediate;
	if (typeof timing !== "object" || timing === null || Array.isArray(timing)) {
		report(
			["timing"],
			`must say immediate, debounce, aggregate or join, like ${EXAMPLE}, and this is ${kindOf(timing)}`,
		);
		return immediate;
	}
	const said = Object.keys(timing);
	const kinds = KINDS.filter((kind) => said.includes(kind));
	for (const name of said) if (!KINDS.includes(name)) report(["timing"], unknownKey(name, KINDS));
	if (said.length === 0) report(["timing"], `says nothing; write one of ${KINDS.join(", ")}, like ${EXAMPLE}`);
	if (kinds.length > 1)
		report(["timing"], `says ${kinds.join(" and ")}; a workflow has one timing, so keep one of them`);
	const value = (kind: string) => Reflect.get(timing, kind);
	if (kinds.includes("immediate")) checkImmediate(value("immediate"), report);
	const debounce = kinds.includes("debounce") ? compileDebounce(value("debounce"), report) : undefined;
	const aggregate = kinds.includes("aggregate") ? compileAggregate(value("aggregate"), key, report) : undefined;
	const join = kinds.includes("join") ? compileJoin(value("join"), { key, isOwnKey }, report) : undefined;
	return debounce ?? aggregate ?? join ?? immediate;
}

function checkImmediate(value: unknown, report: Report): void {
	const base = ["timing", "immediate"];
	const schema = z.strictObject({});
	if (value === null) report(base, "is null; write immediate: {}");
	else reportIssues({ schema, value, base }, schema.safeParse(value).error?.issues ?? [], report);
}

function compileDebounce(value: unknown, report: Report): CompiledTiming | undefined {
	const base = ["timing", "debounce"];
	const parsed = Debounce.safeParse(value);
	const { quiet, max_wait } = readable(Debounce, value);
	const isMissing = typeof value === "object" && value !== null && !("max_wait" in value);
	if (isMissing)
		report(
			[...base, "max_wait"],
			"is missing: without it, events that keep coming put the run off for ever; write the longest that the first event may wait, like max_wait: 10m",
		);
	const issues = (parsed.error?.issues ?? []).filter(({ path }) => !(isMissing && path[0] === "max_wait"));
	reportIssues({ schema: Debounce, value, base }, issues, report);
	if (quiet !== undefined && max_wait !== undefined && max_wait < quiet)
		report([...base, "max_wait"], "is shorter than quiet, so the workflow would never wait for quiet; make it longer");
	if (!parsed.success) return undefined;
	const { skip_unchanged: skipUnchanged, ...policy } = parsed.data;
	return { timing: { kind: "debounce", ...policy }, skipUnchanged };
}

function compileAggregate(value: unknown, key: Program | undefined, report: Report): CompiledTiming | undefined {
	const base = ["timing", "aggregate"];
	const parsed = Aggregate.safeParse(value);
	// Whatever is wrong with a clock, `checkClock` says it better; what is wrong in `summarize` is told there.
	const isElsewhere = ({ path, code }: Issue) => path[0] === "every" && code !== "invalid_type";
	reportIssues(
		{ schema: Aggregate, value, base },
		(parsed.error?.issues ?? []).filter((issue) => !isElsewhere(issue)),
		report,
	);
	if (typeof value !== "object" || value === null) return undefined;
	checkClock(value, base, report);
	checkEmpty(value, key, [...base, "when_empty"], report);
	const { flush_if } = readable(Aggregate, value);
	const extract = compileExtract({ flush_if, summarize: Reflect.get(value, "summarize") }, base, report);
	if (!parsed.success) return undefined;
	const { window, every, tz, max_events, max_bytes, when_empty, summarize } = parsed.data;
	const top_n = summarize.top?.n ?? TOP_DEFAULT;
	return { timing: { kind: "aggregate", window, every, tz, max_events, max_bytes, when_empty, top_n }, extract };
}

/** A window that closes empty has no event to take a key from. */
function checkEmpty(aggregate: object, key: Program | undefined, path: Path, report: Report): void {
	if (Reflect.get(aggregate, "when_empty") !== "run") return;
	if (!("every" in aggregate))
		report(path, "run needs every: a window opens with its first event, so it is never empty");
	if (key?.uses.has("event") === true)
		report(
			path,
			`run needs a key that is the same for all events, like key: '"all"': where no event came, there is none to read`,
		);
}
