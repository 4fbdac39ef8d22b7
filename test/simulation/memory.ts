// What an Entity knows while it is awake: a copy of its rows, and what follows from it. Gone when it dies.

import { OUTBOX_RETRY_MS, outboxDueAt } from "../../src/core/outbox";
import { type Dues, nextWake } from "../../src/core/wake";
import { expiresAt, type Memory as Kept, memoryOf } from "../../src/entity/memory";
import type { Loaded } from "../../src/entity/store";
import type { Rows } from "./rows";

/** The memory of the real Entity, and what it keeps beside. */
export interface Memory extends Kept {
	/** What is being sent at this moment. */
	inFlight: Set<unknown>;
	/** Whether the alarm was looked at in this life. */
	armed: boolean;
}

export function recalled(place: { tenant: string; key: string }, loaded: Loaded, rows: Rows): Memory {
	return { ...memoryOf(place, loaded, (id) => rows.findEvent(id)), inFlight: new Set(), armed: false };
}

export function wakeAt(memory: Memory, now: number): number | null {
	return nextWake({ ...workOf(memory, now), expires_at: expiresAt(memory) });
}

/** Like `wakeAt`, for work alone: what is only to be forgotten is nothing to do. */
export function workAt(memory: Memory, now: number): number | null {
	return nextWake({ ...workOf(memory, now), expires_at: null });
}

function workOf({ state, outbox, inFlight }: Memory, now: number): Omit<Dues, "expires_at"> {
	const due = outboxDueAt(outbox);
	return {
		windows: state.windows.values(),
		runs: state.runs.values(),
		outbox_due_at: due === null || inFlight.size === 0 ? due : Math.max(due, now + OUTBOX_RETRY_MS),
	};
}
