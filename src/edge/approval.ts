// The approval page: GET shows what is asked and never votes, so that a link preview cannot approve; POST votes. The
// signature in the address is all the proof there is, so nothing is looked up before it holds, and who the approver is
// now stands in the database, not in the link.

import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Env } from "../env";
import type { StepState } from "../model/entity";
import type { Ballot, RunState, VoteAnswer } from "../model/message";
import { type Grant, readApprovalToken } from "../registry/approval-link";
import { type ApproverRow, findApprover } from "../registry/approvers";
import { vaultKeys } from "../registry/cache";
import { entityOf } from "../stubs";
import { MAX_COMMENT, MAX_FORM_BYTES, readForm } from "./approval-form";
import {
	CONTENT_SECURITY_POLICY,
	closedPage,
	NOT_YET,
	NOTICES,
	type Notice,
	noticePage,
	type Question,
	VOID,
	votePage,
} from "./approval-page";
import { readBody } from "./body";

type PageContext = Context<{ Bindings: Env }>;

const STATUSES = { counted: 200, voted_already: 409, not_asked: 403, own: 403, over: 409, gone: 410 } as const;

const HEADERS = {
	"cache-control": "no-store",
	"content-security-policy": CONTENT_SECURITY_POLICY,
	"referrer-policy": "no-referrer",
	"x-content-type-options": "nosniff",
	"x-frame-options": "DENY",
	"x-robots-tag": "noindex, nofollow",
};

const AGAIN = "Your vote was not counted. Open the link in a browser and press a button there.";
const TOO_LONG = `Your vote was not counted. Go back and write a comment of at most ${MAX_COMMENT} characters.`;

const FORM_NOTICES = {
	vote: {
		title: "Your vote was not understood",
		text: "It was not counted. Go back and press one of the two buttons.",
	},
	comment: { title: "The comment is too long", text: TOO_LONG },
};

export function createApproval(): Hono<{ Bindings: Env }> {
	const app = new Hono<{ Bindings: Env }>();
	app.use("*", addHeaders);
	app.get("/:token", (c) => ask(c, Date.now()));
	app.post("/:token", (c) => vote(c, Date.now()));
	app.all("/:token", (c) => {
		c.header("allow", "GET, POST");
		return answer(c, 405, { title: "This is a page", text: "Open the link in a browser." });
	});
	app.all("*", (c) => answer(c, 404, VOID));
	app.onError((error, c) => {
		// Not the address: whoever reads it there could vote.
		console.error(JSON.stringify({ at: "approval", error: String(error) }));
		c.header("retry-after", "5");
		const text = "Nothing is known of a vote that was just sent. Open the link again in a few seconds to see.";
		return answer(c, 503, { title: "The page cannot be shown at the moment", text });
	});
	return app;
}

const addHeaders: MiddlewareHandler = async function addHeaders(c, next) {
	await next();
	for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
};

async function ask(c: PageContext, now: number): Promise<Response> {
	const invited = await invite(c, now);
	if (invited === null) return answer(c, 404, VOID);
	const { grant, approver } = invited;
	const state = await entityOf(c.env, grant.tenant, grant.entity_key).look(grant.run);
	if (state === null) return answer(c, STATUSES.gone, NOTICES.gone);
	const step = state.steps.find(({ id }) => id === grant.step);
	if (step !== undefined && isYetToAsk(step.status)) return answer(c, 200, NOT_YET);
	const question = questionOf(state, grant, approver);
	if (step === undefined || question === null) return answer(c, 200, NOTICES.over);
	if (step.status !== "asking") return c.html(closedPage(question, "over"));
	const hasVoted = question.approval.votes.some(({ by }) => by === nameOf(approver));
	return c.html(hasVoted ? closedPage(question, "voted_already") : votePage(question));
}

async function vote(c: PageContext, now: number): Promise<Response> {
	const invited = await invite(c, now);
	if (invited === null) return answer(c, 404, VOID);
	const { grant, approver } = invited;
	if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? "")) {
		return answer(c, 415, { title: "This is not the form", text: AGAIN });
	}
	const body = await readBody(c.req.raw, MAX_FORM_BYTES);
	if (!body.ok) {
		const { status, title } = body.error;
		return answer(c, status, { title, text: status === 413 ? TOO_LONG : AGAIN });
	}
	const form = readForm(new TextDecoder().decode(body.value));
	if (!form.ok) return answer(c, 400, FORM_NOTICES[form.error]);
	const ballot: Ballot = {
		...{ approver: approver.name, by: nameOf(approver), teams: approver.teams, identities: approver.identities },
		...form.value,
	};
	const said = await entityOf(c.env, grant.tenant, grant.entity_key).vote(grant.run, grant.step, ballot);
	return answer(c, STATUSES[said], noticeOf(said, ballot));
}

/** Whom the link is for and what it allows; null for every reason why it allows nothing. */
async function invite(c: PageContext, now: number): Promise<{ grant: Grant; approver: ApproverRow } | null> {
	const read = await readApprovalToken(await vaultKeys(c.env), c.req.param("token") ?? "", now);
	if (!read.ok) return null;
	const approver = await findApprover(c.env.DB, read.value.tenant, read.value.approver);
	return approver === null ? null : { grant: read.value, approver };
}

function isYetToAsk(status: StepState["status"]): boolean {
	switch (status) {
		case "pending":
		case "ready":
		case "queued":
		case "leased":
		case "waiting":
		case "held":
			return true;
		case "asking":
		case "sleeping":
		case "fanned_out":
		case "succeeded":
		case "failed":
		case "skipped":
		case "cancelled":
			return false;
	}
}

/** Null if the run has no such question. */
function questionOf(state: RunState, { step: id, run }: Grant, approver: ApproverRow): Question | null {
	const approval = state.steps.find((step) => step.id === id)?.approval;
	return approval === undefined ? null : { approval, workflow: state.workflow, run, step: id, approver };
}

/** As the journal and the votes name an approver. */
function nameOf({ name }: ApproverRow): string {
	return `approver:${name}`;
}

function noticeOf(said: VoteAnswer, ballot: Ballot): Notice {
	return NOTICES[said === "counted" ? ballot.vote : said];
}

type PageStatus = 200 | 400 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 503;

function answer(c: Context, status: PageStatus, notice: Notice) {
	return c.html(noticePage(notice), status);
}
