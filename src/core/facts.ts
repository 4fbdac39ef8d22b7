// What decisions about events tell the journal; those about runs are in `run-facts.ts`. A fact's id says what it tells, and is unique within its trace.

import type { AcceptInput, Receipt, Verdict, Window } from "../model/entity";
import type { CanonicalEvent } from "../model/event";
import type { Fact } from "../model/fact";
import type { Json, JsonObject } from "../model/json";
import { branchesOf } from "./timing/join";

/** Where a fact happened: an Entity of a tenant. */
export interface Place {
	tenant: string;
	key: string;
}

export function eventReceived(place: Place, input: AcceptInput, verdicts: Verdict[], now: number): Fact {
	const { event, unmatched } = input;
	return {
		...ofEvent(place, event, now),
		id: "received",
		kind: "event.received",
		data: {
			...aboutEvent(event),
			verdicts: verdicts.map(aboutVerdict),
			unmatched: unmatched.map((reason) => ({ ...reason })),
		},
	};
}

export function eventHandedOn(place: Place, event: CanonicalEvent, verdict: Verdict, now: number): Fact {
	return {
		...ofEvent(place, event, now),
		id: `handed_on:${verdict.workflow}`,
		kind: "event.handed_on",
		workflow: verdict.workflow,
		version: verdict.version,
		data: { verdicts: [aboutVerdict(verdict)] },
	};
}

/** `more`: how many duplicates came since the last time that it was told. */
export function eventDuplicate(
	place: Place,
	event: CanonicalEvent,
	{ receipt, more }: { receipt: Receipt; more: number },
	now: number,
): Fact {
	return {
		...ofEvent(place, event, now),
		id: `duplicate:${receipt.duplicates}`,
		kind: "event.duplicate",
		data: { times: receipt.duplicates, more, first_at: receipt.at, source: event.source },
	};
}

/** A branch has come, and the join still waits. */
export function joinWaiting(place: Place, window: Window, branch: string, now: number): Fact {
	const { have, missing } = branchesOf(window);
	return {
		at: now,
		tenant: place.tenant,
		id: `join:${window.id.slice(`run_${window.trace_id}.`.length)}:${window.count}`,
		kind: "join.waiting",
		trace_id: window.trace_id,
		entity_key: place.key,
		workflow: window.workflow,
		version: window.version,
		run: window.id,
		classification: "internal",
		data: { branch, have, missing, until: window.due_at, opened_at: window.opened_at },
	};
}

function ofEvent(place: Place, event: CanonicalEvent, now: number) {
	return {
		at: now,
		tenant: place.tenant,
		trace_id: event.trace.trace_id,
		entity_key: place.key,
		event: event.id,
		classification: "internal" as const,
	};
}

/** What an event was about, without its data: the body stays with its Entity. */
export function aboutEvent(event: CanonicalEvent): JsonObject {
	return {
		source: event.source,
		source_system: event.source_system,
		event_type: event.event_type,
		native_type: event.native_type,
		entity_id: event.entity_id,
		actor: event.actor.kind,
		timestamp: event.timestamp,
		received_at: event.received_at,
		trust: event.trust,
		changed: event.changes.map((change) => change.field),
	};
}

function aboutVerdict({ workflow, version, verdict, run, due_at, extract, branch }: Verdict): Json {
	const problems = extract?.problems;
	return {
		workflow,
		version,
		verdict,
		// Where it was handed on to knows the run.
		...(verdict === "handed_on" ? {} : { run }),
		...(due_at === undefined ? {} : { due_at }),
		...(branch === undefined ? {} : { branch }),
		...(problems === undefined ? {} : { problems }),
	};
}
