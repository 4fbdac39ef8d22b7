// What an aggregate evaluates on each event, so that its Entity only has to add up.

import { CanonicalEvent } from "../../model/event";
import { Summarize } from "../../model/timing";
import type { Path } from "../expression/path";
import { nearest } from "../expression/suggest";
import { FORBIDDEN_KEYS } from "../expression/to-json";
import { compileAt, type ExtractPrograms } from "./compile";
import { readable } from "./readable";
import type { Report } from "./schema-issues";

const FIELDS = Object.keys(CanonicalEvent.shape);

export function compileExtract(
	{ flush_if, summarize }: { flush_if: string | undefined; summarize: unknown },
	base: Path,
	report: Report,
): ExtractPrograms {
	const { counts_by, latest_by, top, sum = {}, critical_if, keep = [] } = readable(Summarize, summarize ?? {});
	const at = (...path: string[]) => [...base, "summarize", ...path];
	return {
		counts_by: compileAt(counts_by, at("counts_by"), report),
		latest_by: compileAt(latest_by, at("latest_by"), report),
		top: compileAt(top?.by, at("top", "by"), report),
		sum: Object.entries(sum).flatMap(([name, expression]) => {
			const program = compileAt(expression, at("sum", name), report);
			return program === undefined ? [] : [[name, program] as const];
		}),
		critical_if: compileAt(critical_if, at("critical_if"), report),
		flush_if: compileAt(flush_if, [...base, "flush_if"], report),
		keep: keep.map((written, i) => [written, readPath(written, [...at("keep"), i], report)] as const),
	};
}

/** `data.issue.title`, taken apart. Elements of lists are numbers: `data.labels.0.name`. */
function readPath(written: string, place: Path, report: Report): string[] {
	const path = written.split(".");
	const [first = ""] = path;
	if (path.some((name) => name === "" || FORBIDDEN_KEYS.has(name)))
		report(place, "must be names with single dots between them, like data.issue.title");
	else if (!FIELDS.includes(first)) {
		const near = nearest(first, FIELDS);
		const hint = near === undefined ? "paths start at the event, like data.issue.title" : `did you mean ${near}?`;
		report(place, `an event has no field ${first}; ${hint}`);
	}
	return path;
}
