// The index of dead letters: what the facts say of each, folded into one row. Facts may arrive out of order, so a letter
// is folded again from all of them, in the order in which they happened.

import type { Fact } from "../model/fact";
import { DeadLetter } from "../model/ledger";
import { FailureClass } from "../model/outcome";

/** The letter that these facts of it add up to; null as long as the one that opens it is not among them. */
export function deadLetterOf(facts: readonly Fact[]): DeadLetter | null {
	return facts.toSorted((a, b) => a.at - b.at).reduce(fold, null);
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
		case "run.started":
		case "run.finished":
		case "attempt.finished":
			return known;
	}
}

function opened(known: DeadLetter | null, fact: Fact): DeadLetter {
	return DeadLetter.parse({
		id: fact.data.id,
		state: "open",
		class: FailureClass.catch("exhausted").parse(fact.data.class),
		reason: textOr(fact.data.reason, ""),
		opened_at: known?.opened_at ?? fact.at,
		updated_at: fact.at,
		trace_id: fact.trace_id,
		entity_key: fact.entity_key ?? null,
		event: fact.event ?? null,
		source: textOr(fact.data.source, null),
		workflow: fact.workflow ?? null,
		version: fact.version ?? null,
		run: fact.run ?? null,
		step: fact.step ?? null,
		connection: textOr(fact.data.connection, null),
	});
}

function textOr<T>(value: unknown, otherwise: T): string | T {
	return typeof value === "string" ? value : otherwise;
}
