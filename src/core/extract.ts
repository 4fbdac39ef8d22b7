// What an aggregate keeps of one event. An expression that fails on it is left out and noted: the event still counts, and
// one odd payload does not keep a thousand others from being summed up.

import type { CanonicalEvent } from "../model/event";
import type { Json, JsonObject } from "../model/json";
import type { Extract } from "../model/plan";
import type { ExtractPrograms } from "./document/compile";
import { evaluate, evaluateCondition, type Program } from "./expression/program";

/** Characters of a value that is counted by. */
const NAME_MAX = 256;
/** Characters of JSON text of one kept value: texts are cut, anything else that is larger is left out. */
const KEPT_MAX = 2_048;

export function extractOf(programs: ExtractPrograms, event: CanonicalEvent): Extract {
	const reading: Reading = { event, problems: [] };
	const { counts_by, latest_by, top, sum, critical_if, flush_if, keep } = programs;
	const extract: Extract = {
		counts_by: name("counts_by", counts_by, reading),
		latest_by: name("latest_by", latest_by, reading),
		top: name("top", top, reading),
		sum: sum.length === 0 ? undefined : sums(sum, reading),
		critical: condition("critical_if", critical_if, reading),
		flush: condition("flush_if", flush_if, reading),
		kept: keep.length === 0 ? undefined : kept(keep, reading),
	};
	const found: Extract = Object.fromEntries(Object.entries(extract).filter(([, value]) => value !== undefined));
	return reading.problems.length === 0 ? found : { ...found, problems: reading.problems };
}

interface Reading {
	event: CanonicalEvent;
	problems: string[];
}

function name(what: string, program: Program | undefined, reading: Reading): string | undefined {
	const value = read(what, program, reading);
	if (value === undefined) return undefined;
	if (value !== null && typeof value !== "object") {
		const text = String(value);
		if (text.length <= NAME_MAX) return text;
	}
	reading.problems.push(`${what}: must be text or a number of at most ${NAME_MAX} characters`);
	return undefined;
}

function sums(programs: ExtractPrograms["sum"], reading: Reading): Record<string, number> {
	const entries = programs.flatMap(([sum, program]) => {
		const value = read(`sum.${sum}`, program, reading);
		if (typeof value === "number") return [[sum, value] as const];
		if (value !== undefined) reading.problems.push(`sum.${sum}: must be a number; double() makes one of a text`);
		return [];
	});
	return Object.fromEntries(entries);
}

function read(what: string, program: Program | undefined, reading: Reading): Json | undefined {
	if (program === undefined) return undefined;
	const evaluated = evaluate(program, { event: reading.event });
	if (evaluated.ok) return evaluated.value;
	reading.problems.push(`${what}: ${evaluated.error.message}`);
	return undefined;
}

function condition(what: string, program: Program | undefined, reading: Reading): boolean | undefined {
	if (program === undefined) return undefined;
	const holds = evaluateCondition(program, { event: reading.event });
	if (holds.ok) return holds.value;
	reading.problems.push(`${what}: ${holds.error.message}`);
	return undefined;
}

/** Values by the paths that they were asked for by; what an event does not have is not there. */
function kept(keep: ExtractPrograms["keep"], { event, problems }: Reading): JsonObject {
	const found: [string, Json][] = [];
	for (const [written, path] of keep) {
		const value = valueAt(event, path);
		const text = JSON.stringify(typeof value === "string" ? cut(value) : value);
		if (text === undefined) continue;
		if (typeof value !== "string" && text.length > KEPT_MAX)
			problems.push(`keep: ${written} is larger than ${KEPT_MAX} characters`);
		else found.push([written, JSON.parse(text)]);
	}
	return Object.fromEntries(found);
}

function valueAt(event: CanonicalEvent, path: readonly string[]): unknown {
	return path.reduce<unknown>(
		(at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
		event,
	);
}

/** Never through the middle of a character. */
function cut(text: string): string {
	if (text.length <= KEPT_MAX) return text;
	return `${text.slice(0, KEPT_MAX - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
