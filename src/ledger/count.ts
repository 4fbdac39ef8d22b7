// Basic counters, counted from facts as they are appended. Each chunk carries the totals so far, so that a period's
// numbers are a difference of two chunks.

import type { Fact } from "../model/fact";

export type Counters = Record<string, number>;

/** The totals after these facts. Names are `what` or `what.kind`. */
export function addToCounters(totals: Counters, facts: readonly Fact[]): Counters {
	const next = new Map(Object.entries(totals));
	for (const fact of facts) {
		for (const name of countersOf(fact)) next.set(name, (next.get(name) ?? 0) + weightOf(fact));
	}
	return Object.fromEntries(next);
}

/** Duplicates are told in numbers once there are many. */
function weightOf({ kind, data }: Fact): number {
	return kind === "event.duplicate" && typeof data.more === "number" ? data.more : 1;
}

function countersOf(fact: Fact): string[] {
	switch (fact.kind) {
		case "event.received":
			return ["events", ...verdictsOf(fact)];
		case "event.duplicate":
			return ["duplicates"];
		case "event.handed_on":
			return verdictsOf(fact);
		case "delivery.unreadable":
			return ["unreadable"];
		case "run.started":
			return ["runs"];
		case "run.finished":
			return [`runs.${String(fact.data.status)}`];
		case "attempt.finished":
			return ["attempts", `attempts.${String(fact.data.outcome)}`];
		case "dead_letter.opened":
			return ["dead_letters", `dead_letters.${String(fact.data.class)}`];
		case "dead_letter.retried":
		case "dead_letter.discarded":
		case "dead_letter.resolved":
			return [`dead_letters.${fact.kind.slice("dead_letter.".length)}`];
	}
}

function verdictsOf(fact: Fact): string[] {
	const verdicts = Array.isArray(fact.data.verdicts) ? fact.data.verdicts : [];
	return verdicts.map((verdict) => {
		const kind = verdict !== null && typeof verdict === "object" && !Array.isArray(verdict) ? verdict.verdict : null;
		return `verdicts.${String(kind)}`;
	});
}
