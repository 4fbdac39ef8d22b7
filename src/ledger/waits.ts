// What a run, or the join that is to become one, waits for: folded from all that was told of it.

import type { Fact } from "../model/fact";
import { ApprovalWait, type Entry, JoinWait, TimeWait, type Wait } from "../model/ledger";
import { asItHappened } from "./order";

/** `facts` are all facts of one run, in any order. */
export function waitsOf(facts: readonly Entry[]): Wait[] {
	const told = facts.toSorted(asItHappened);
	const join = openJoin(told);
	return join === null ? openSteps(told) : [join];
}

/** As long as nothing but branches was heard of it, a join is open. */
function openJoin(told: readonly Entry[]): Wait | null {
	const latest = told.at(-1);
	if (latest === undefined || told.some(({ kind }) => kind !== "join.waiting")) return null;
	const { have, missing, until, opened_at } = latest.data;
	return parsed(JoinWait.safeParse({ kind: "join", ...place(latest, told), since: opened_at, until, have, missing }));
}

function openSteps(told: readonly Entry[]): Wait[] {
	const open = new Map<string, Wait>();
	for (const fact of told) {
		const { step = "" } = fact;
		const known = open.get(step);
		switch (fact.kind) {
			case "step.waiting": {
				const wait = stepWait(fact, step, told);
				if (wait !== null) open.set(step, wait);
				break;
			}
			case "approval.voted":
				if (known?.kind === "approval") open.set(step, withVote(known, fact));
				break;
			case "step.ended":
			case "dead_letter.opened":
				open.delete(step);
				break;
			case "run.cancelled":
			case "run.finished":
				open.clear();
				break;
			case "event.received":
			case "event.duplicate":
			case "event.handed_on":
			case "delivery.unreadable":
			case "join.waiting":
			case "run.started":
			case "run.resumed":
			case "run.compensating":
			case "attempt.finished":
			case "dead_letter.retried":
			case "dead_letter.discarded":
			case "dead_letter.resolved":
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
				break;
		}
	}
	return [...open.values()].sort(soonestFirst);
}

function soonestFirst(a: Wait, b: Wait): number {
	return a.until - b.until || (stepOf(a) < stepOf(b) ? -1 : 1);
}

/** A join has none, and is alone. */
export function stepOf(wait: Wait): string {
	return wait.kind === "join" ? "" : wait.step;
}

function stepWait(fact: Fact, step: string, told: readonly Entry[]): Wait | null {
	const { until, of, need, ask } = fact.data;
	const common = { ...place(fact, told), since: fact.at, until, step };
	return fact.data.for === "time"
		? parsed(TimeWait.safeParse({ kind: "time", ...common }))
		: parsed(ApprovalWait.safeParse({ kind: "approval", ...common, ask, of, need, approved: 0, votes: [] }));
}

function withVote(wait: ApprovalWait, { actor, at, data }: Fact): ApprovalWait {
	const { vote, comment, approved } = data;
	const votes = [...wait.votes, { by: actor ?? "", vote, at, ...(comment === undefined ? {} : { comment }) }];
	return parsed(ApprovalWait.safeParse({ ...wait, approved: approved ?? wait.approved, votes })) ?? wait;
}

function place(fact: Fact, told: readonly Entry[]) {
	const { run, workflow, version, trace_id } = fact;
	const entity_key = told.find((one) => one.entity_key !== undefined)?.entity_key ?? null;
	return { run, workflow, version, trace_id, entity_key };
}

/** A fact that says too little is a fact all the same; it only cannot be listed here. */
function parsed<T>(result: { success: true; data: T } | { success: false }): T | null {
	return result.success ? result.data : null;
}
