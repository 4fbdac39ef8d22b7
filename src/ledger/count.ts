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

/** `steps.…` counts the ends that no attempt tells: skips, answers of people, waits that are over. */
function countersOf(fact: Fact): string[] {
	const { data } = fact;
	switch (fact.kind) {
		case "event.received":
			return ["events", ...verdictsOf(fact)];
		case "event.duplicate":
			return ["duplicates"];
		case "event.handed_on":
			return verdictsOf(fact);
		case "delivery.unreadable":
			return ["unreadable"];
		case "join.waiting":
			return isFirstOfJoin(fact) ? ["joins", "joins.arrivals"] : ["joins.arrivals"];
		case "run.started":
			return typeof data.repeats === "string" ? ["runs", "reruns"] : ["runs"];
		case "run.finished":
			return [`runs.${String(data.status)}`];
		case "run.resumed":
			return ["resumptions"];
		case "run.cancelled":
			return ["cancellations"];
		case "run.compensating":
			return ["compensations"];
		case "step.waiting":
			return [data.for === "approval" ? "approvals" : "waits"];
		case "step.ended":
			return [`steps.${String(data.status)}`, ...(data.fell_back === true ? ["fallbacks"] : [])];
		case "approval.voted":
			return ["votes", `votes.${String(data.vote)}`];
		case "attempt.finished":
			return ["attempts", `attempts.${String(data.outcome)}`];
		case "dead_letter.opened":
			return ["dead_letters", `dead_letters.${String(data.class)}`];
		case "dead_letter.patched":
		case "dead_letter.retried":
		case "dead_letter.discarded":
		case "dead_letter.resolved":
			return [`dead_letters.${fact.kind.slice("dead_letter.".length)}`];
		case "workflow.paused":
		case "workflow.resumed":
			return [`workflows.${fact.kind.slice("workflow.".length)}`];
		case "connection.resumed":
			return ["connections.resumed"];
		case "letter_group.acknowledged":
		case "letter_group.resolved":
		case "letter_group.ignored":
		case "letter_group.reopened":
			return [`letter_groups.${fact.kind.slice("letter_group.".length)}`];
		case "replay.started":
			return ["replays"];
		case "replay.finished":
		case "replay.aborted":
			return [`replays.${fact.kind.slice("replay.".length)}`];
		case "alert.raised":
			return ["alerts"];
		case "alert.cleared":
			return ["alerts.cleared"];
	}
}

/** One fact tells of each event that came to it; the first of them opened it. */
function isFirstOfJoin({ at, data }: Fact): boolean {
	return at === data.opened_at && Array.isArray(data.have) && data.have.length === 1;
}

function verdictsOf(fact: Fact): string[] {
	const verdicts = Array.isArray(fact.data.verdicts) ? fact.data.verdicts : [];
	return verdicts.map((verdict) => {
		const kind = verdict !== null && typeof verdict === "object" && !Array.isArray(verdict) ? verdict.verdict : null;
		return `verdicts.${String(kind)}`;
	});
}
