// How much a run keeps of what its steps answered: it has to fit into one row of 2 MB, beside everything else.

import type { Run, StepState } from "../../model/entity";
import type { Json } from "../../model/json";

/** Bytes of outputs, elements of lists, and inputs of undoing, as JSON, of all steps of a run. */
const KEPT_BYTES = 262_144;

export function fitsInRun(run: Run, more: Json): boolean {
	const kept = run.steps.reduce(
		(total, { output, item, undo_with }) => total + bytesOf([output ?? null, item?.value ?? null, undo_with ?? null]),
		0,
	);
	return kept + bytesOf(more) <= KEPT_BYTES;
}

/** Bytes of a run as it is stored up to which a step may fan out. The facts that it carries come on top. */
const RUN_BYTES = 1_000_000;

export function fitsInRow(run: Run, items: readonly StepState[]): boolean {
	return bytesOf(run) + bytesOf(items) <= RUN_BYTES;
}

/** As UTF-8, which is how rows are measured. */
function bytesOf(value: unknown): number {
	return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}
