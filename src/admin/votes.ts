// Voting through the API: as the approver whom the token belongs to, or as an operator where nobody is named. The run's
// Entity judges; here only who votes is found out.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { VOTES } from "../model/entity";
import type { Ballot, VoteAnswer } from "../model/message";
import { findApprover } from "../registry/approvers";
import type { Principal } from "../registry/tokens";
import { entityOf, ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin, AdminEnv } from "./context";
import { guardedForVoters } from "./guard";
import { IdParam } from "./journal";
import { problem, problems } from "./problem";
import { answer, jsonBody, WRITE_PROBLEMS } from "./schema";

const VoteInput = z
	.strictObject({
		step: z.string().min(1).max(200).describe("The step that waits for votes."),
		vote: z.enum(VOTES).default("approve"),
		comment: z.string().trim().min(1).max(1_000).optional().describe("Kept in the journal."),
	})
	.openapi("VoteInput");

const Counted = z
	.object({ run: z.string(), step: z.string(), vote: z.enum(VOTES), by: z.string() })
	.openapi("CountedVote");

const vote = createRoute({
	method: "post",
	path: "/tenants/{tenant}/runs/{id}/approve",
	tags: ["runs"],
	summary: "Vote on a step that waits for approval",
	description:
		"A token that belongs to an approver votes as them and needs the scope `approve`. Another one needs `operate`, and its vote counts only where the workflow names no approvers.",
	...guardedForVoters(checkJson),
	request: { params: IdParam, body: jsonBody(VoteInput) },
	responses: { 200: answer("The vote is counted.", Counted), ...WRITE_PROBLEMS, ...problems(409, 410) },
});

export function addVotes(app: Admin): void {
	app.openapi(vote, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const { step, ...choice } = c.req.valid("json");
		const run = await ledgerOf(c.env, tenant).runSummary(id);
		if (run === null) {
			const detail = `There is no run ${id} in the journal, which lags behind by up to ten seconds. Try again.`;
			return problem(c, 404, detail);
		}
		const voter = await voterOf(c, tenant, c.get("principal"));
		if (voter === null) {
			return problem(c, 403, "The approver whom this token belongs to was deleted. Use another token.");
		}
		const said = await entityOf(c.env, tenant, run.entity_key).vote(id, step, { ...voter, ...choice });
		if (said !== "counted") return notCounted(c, said, { voter, step });
		return c.json({ run: id, step, vote: choice.vote, by: voter.by }, 200);
	});
}

type Voter = Omit<Ballot, "vote">;

/** Who votes, as the database knows them now. Null for an approver who was deleted at this moment. */
async function voterOf(c: Context<AdminEnv>, tenant: string, { name, approver }: Principal): Promise<Voter | null> {
	if (approver === null) return { approver, by: name, teams: [], identities: [] };
	const row = await findApprover(c.env.DB, tenant, approver);
	if (row === null) return null;
	return { approver, by: `approver:${approver}`, teams: row.teams, identities: row.identities };
}

function notCounted(c: Context, said: Exclude<VoteAnswer, "counted">, { voter, step }: { voter: Voter; step: string }) {
	switch (said) {
		case "voted_already":
			return problem(c, 409, "You have voted on this step already, and a vote stays. Cancel the run to stop it.");
		case "not_asked":
			return problem(c, 403, notAsked(voter, step));
		case "own":
			return problem(c, 403, "The run is about what you did yourself. Somebody else who is asked has to vote.");
		case "over":
			return problem(c, 409, `The step ${step} does not wait for votes now. Read the run to see what became of it.`);
		case "gone":
			return problem(c, 410, "The run is no longer kept, so nothing in it waits for votes.");
	}
}

function notAsked({ approver }: Voter, step: string): string {
	return approver === null
		? `The step ${step} names who may approve it. Use a token that belongs to one of them and has the scope approve.`
		: `The step ${step} asks somebody else than ${approver}. One of those whom it names has to vote.`;
}
