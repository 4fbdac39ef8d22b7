// What makes two dead letters the same trouble: the same step failed in the same way. Of the reason only what does not
// differ from letter to letter counts. Another rule here makes other groups, so it is not changed lightly.

import { createHash } from "node:crypto";
import { canonicalText } from "../model/json";
import type { DeadLetter } from "../model/letter";

const PATTERN_CHARS = 300;
const ID_CHARS = 24;
const TRACE_CHARS = 32;

export type Cause = Pick<DeadLetter, "workflow" | "step" | "class" | "connection" | "source" | "reason">;

/** The reason with quoted parts, addresses, and words that hold a digit left out. */
export function patternOf(reason: string): string {
	return reason
		.slice(0, 4 * PATTERN_CHARS)
		.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, "“…”")
		.replaceAll(/\bhttps?:\/\/[^\s)\]]+/g, "<url>")
		.replaceAll(/[\w.:-]*\d[\w.:-]*/g, "#")
		.replaceAll(/\s+/g, " ")
		.trim()
		.slice(0, PATTERN_CHARS);
}

/** The step of the document: items of one list fail together. The undo of a step is a step of its own. */
export function stepOfDocument(step: string): string {
	const [base = step] = step.split(".");
	return step.endsWith(".undo") ? `${base}.undo` : base;
}

/** A delivery that could not be read has no workflow; there its source stands for the cause. */
export function groupOf({ workflow, step, class: failure, connection, source, reason }: Cause): string {
	const base = step === null ? null : stepOfDocument(step);
	return `lg_${digest([workflow ?? { source }, base, failure, connection, patternOf(reason)]).slice(0, ID_CHARS)}`;
}

/** The trace of what the Ledger tells of itself, which no event began. */
export function traceOf(...parts: string[]): string {
	return digest(parts).slice(0, TRACE_CHARS);
}

export function digest(value: unknown): string {
	return createHash("sha256").update(canonicalText(value)).digest("hex");
}
