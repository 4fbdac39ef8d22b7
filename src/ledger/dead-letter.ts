// The index of dead letters: what the facts say of each, folded into one row. Facts may arrive out of order, so a letter
// is folded again from all of them, in the order in which they happened.

import type { Fact } from "../model/fact";
import { DeadLetter } from "../model/letter";
import { FailureClass } from "../model/outcome";
import { groupOf } from "./cause";

/**
 * The letter that the facts of its trace add up to; null as long as the one that opens it is not among them. What it is
 * about, the fact of its event says.
 */
export function deadLetterOf(id: string, trace: readonly Fact[]): DeadLetter | null {
	const own = trace.filter(({ data }) => data.id === id);
	const letter = own.toSorted((a, b) => a.at - b.at).reduce(fold, null);
	if (letter === null || letter.event === null) return letter;
	const received = trace.find(({ kind, event }) => kind === "event.received" && event === letter.event);
	if (received === undefined) return letter;
	const { source_system, entity_id } = received.data;
	return { ...letter, source_system: textOr(source_system, null), entity_id: textOr(entity_id, null) };
}

/** The cause that a fact tells of; null if it opens no letter. */
export function openingOf(fact: Fact): DeadLetter | null {
	return fact.kind === "dead_letter.opened" || fact.kind === "delivery.unreadable" ? opened(null, fact) : null;
}

function fold(known: DeadLetter | null, fact: Fact): DeadLetter | null {
	switch (fact.kind) {
		case "delivery.unreadable":
		case "dead_letter.opened":
			return opened(known, fact);
		case "dead_letter.retried":
			return known === null ? null : { ...known, state: "retrying", updated_at: fact.at };
		case "dead_letter.discarded":
			return known === null ? null : { ...known, state: "discarded", updated_at: fact.at };
		case "dead_letter.resolved":
			return known === null ? null : { ...known, state: "resolved", updated_at: fact.at };
		case "event.received":
		case "event.duplicate":
		case "event.handed_on":
		case "join.waiting":
		case "run.started":
		case "run.resumed":
		case "run.cancelled":
		case "run.compensating":
		case "step.waiting":
		case "step.ended":
		case "approval.voted":
		case "attempt.finished":
		case "run.finished":
		case "workflow.paused":
		case "workflow.resumed":
		case "connection.resumed":
		case "dead_letter.patched":
		case "letter_group.acknowledged":
		case "letter_group.resolved":
		case "letter_group.ignored":
		case "letter_group.reopened":
		case "replay.started":
		case "replay.finished":
		case "replay.aborted":
		case "alert.raised":
		case "alert.cleared":
			return known;
	}
}

function opened(known: DeadLetter | null, fact: Fact): DeadLetter {
	const cause = {
		class: FailureClass.catch("exhausted").parse(fact.data.class),
		reason: textOr(fact.data.reason, ""),
		source: textOr(fact.data.source, null),
		workflow: fact.workflow ?? null,
		step: fact.step ?? null,
		connection: textOr(fact.data.connection, null),
	};
	return DeadLetter.parse({
		id: fact.data.id,
		state: "open",
		opened_at: known?.opened_at ?? fact.at,
		failed_at: fact.at,
		updated_at: fact.at,
		trace_id: fact.trace_id,
		entity_key: fact.entity_key ?? null,
		entity_id: null,
		event: fact.event ?? null,
		source_system: textOr(fact.data.source_system, null),
		version: fact.version ?? null,
		run: fact.run ?? null,
		...cause,
		group: groupOf(cause),
		...leftOf(fact),
	});
}

function leftOf({ data: { left } }: Fact): Pick<DeadLetter, "left"> {
	return Array.isArray(left) ? { left: left.filter((text) => typeof text === "string") } : {};
}

function textOr<T>(value: unknown, otherwise: T): string | T {
	return typeof value === "string" ? value : otherwise;
}
