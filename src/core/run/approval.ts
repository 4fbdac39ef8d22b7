// Approvals: people are asked, each may vote once, and a stated number of them decides. One rejection rejects.

import type { Approval, StepState, Vote } from "../../model/entity";
import type { CanonicalEvent } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import type { Ballot, VoteAnswer } from "../../model/message";
import { failStep } from "./run";

export interface Voting {
	step: StepState;
	ballot: Ballot;
	/** The events that led to the run. */
	events: readonly CanonicalEvent[];
	/** The approver who asked for the run, if one did. */
	asked_by: string | undefined;
}

/** The step with the vote in it, and whether that has decided it. */
export type Voted =
	| { said: Exclude<VoteAnswer, "counted"> }
	| { said: "counted"; vote: Vote; step: StepState; decided: boolean };

export function castVote({ step, ballot, events, asked_by }: Voting, now: number): Voted {
	const { approval } = step;
	if (step.status !== "asking" || approval === undefined) return { said: "over" };
	if (!isAsked(approval, ballot)) return { said: "not_asked" };
	if (!approval.self_approval && isOwn(ballot, events, asked_by)) return { said: "own" };
	if (approval.votes.some(({ by }) => by === ballot.by)) return { said: "voted_already" };
	const { by, vote: said, comment } = ballot;
	const vote: Vote = { by, vote: said, at: now, ...(comment === undefined ? {} : { comment }) };
	const votes = [...approval.votes, vote];
	const voted: StepState = { ...step, approval: { ...approval, votes } };
	return { said: "counted", vote, ...judge(voted, votes, approval.need) };
}

function judge(step: StepState, votes: Vote[], need: number): { step: StepState; decided: boolean } {
	const against = votes.find(({ vote }) => vote === "reject");
	if (against !== undefined) {
		const reason = `rejected by ${against.by}${against.comment === undefined ? "" : `: ${against.comment}`}`;
		return { step: { ...failStep(step, "rejected", reason), output: outputOf(false, votes) }, decided: true };
	}
	if (votes.length < need) return { step, decided: false };
	return { step: { ...step, status: "succeeded", due_at: null, output: outputOf(true, votes) }, decided: true };
}

/** The time is over. */
export function expireApproval(step: StepState): StepState {
	const { approval } = step;
	const votes = approval?.votes ?? [];
	if (approval?.on_timeout === "proceed") {
		return { ...step, status: "succeeded", due_at: null, output: outputOf(false, votes) };
	}
	const reason = `${votes.length} of ${approval?.need ?? 1} votes came in time`;
	return { ...failStep(step, "timeout", reason), output: outputOf(false, votes) };
}

/** What later steps can read. */
export const APPROVE_OUTPUT = {
	approved: "Whether enough people approved.",
	votes: "Who voted what and when.",
};

function outputOf(approved: boolean, votes: Vote[]): JsonObject {
	return { approved, votes: votes.map(({ at, ...vote }): Json => ({ ...vote, at: new Date(at).toISOString() })) };
}

function isAsked({ of }: Approval, { approver, teams }: Ballot): boolean {
	if (of.length === 0) return approver === null;
	return approver !== null && (of.includes(approver) || teams.some((team) => of.includes(team)));
}

/** Whether somebody votes on what they have set off themselves. */
function isOwn(
	{ approver, identities }: Ballot,
	events: readonly CanonicalEvent[],
	askedBy: string | undefined,
): boolean {
	if (approver !== null && approver === askedBy) return true;
	return events.some(
		({ source_system, actor }) => actor.id !== undefined && identities.includes(`${source_system}:${actor.id}`),
	);
}
