// What a consumer gets with a step that it has claimed.

import type { Run, StepState } from "../../model/entity";
import type { Lease } from "../../model/message";
import { idempotencyKey } from "./run";
import { type ReadEvent, scopeOf } from "./scope";
import { undoneBy } from "./undo";

export function leaseOf(run: Run, step: StepState, read: ReadEvent): Lease {
	const origin = (step.kind === "undo" ? undoneBy(run, step) : undefined) ?? step;
	const { undo_with, patched_with } = origin;
	return {
		state: "go",
		kind: step.kind === "undo" ? "undo" : "do",
		step: step.plan.id,
		attempt: step.attempts + 1,
		until: step.due_at ?? 0,
		idempotency_key: idempotencyKey(run, step),
		trace_id: run.trace_id,
		workflow: run.workflow,
		version: origin.version ?? run.version,
		started_at: run.started_at,
		scope: scopeOf(run, origin, read),
		doubtful: origin.doubtful === true,
		...(origin.doubtful_at === undefined ? {} : { doubtful_at: origin.doubtful_at }),
		probe_key: idempotencyKey(run, origin),
		...(patched_with === undefined ? {} : { patched_with }),
		...(undo_with === undefined ? {} : { undo_with }),
	};
}
