// The pages behind an approval link: small, readable without style and script, and escaped wherever a text comes from
// outside. Nothing here decides anything.

import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { Approval } from "../model/entity";
import type { VoteAnswer } from "../model/message";
import { MAX_COMMENT } from "./approval-form";

type Html = ReturnType<typeof html>;

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 36rem; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
.ask { border-left: .25rem solid; overflow-wrap: anywhere; padding-left: 1rem; white-space: pre-wrap; }
dl { display: grid; gap: .25rem 1rem; grid-template-columns: max-content 1fr; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; }
textarea { box-sizing: border-box; font: inherit; margin: .25rem 0 1rem; width: 100%; }
button { border: .125rem solid; border-radius: .25rem; cursor: pointer; font: inherit; font-weight: 600; margin-right: .5rem; min-height: 2.75rem; padding: 0 1.25rem; }
button[value=approve] { background: #14532d; border-color: #14532d; color: #fff; }
button[value=reject] { background: #fff; border-color: #7f1d1d; color: #7f1d1d; }
`;

/** No script, nothing from elsewhere, no frame around it, and no style but the one above. */
export const CONTENT_SECURITY_POLICY = [
	"default-src 'none'",
	`style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
	"form-action 'self'",
	"frame-ancestors 'none'",
	"base-uri 'none'",
].join("; ");

export interface Question {
	approval: Pick<Approval, "ask" | "need" | "until" | "votes">;
	workflow: string;
	run: string;
	step: string;
	/** Whom the link is for. */
	approver: { name: string; title: string };
}

/** What is asked, and the form that answers it. */
export function votePage(question: Question): Html {
	return page(
		"Your approval is asked for",
		html`${details(question)}
<form method="post">
<label for="comment">Comment (optional)</label>
<textarea id="comment" name="comment" rows="3" maxlength="${MAX_COMMENT}" aria-describedby="kept"></textarea>
<p id="kept">Your vote and your comment are kept in the journal of the run. A vote cannot be changed.</p>
<button type="submit" name="vote" value="approve">Approve</button>
<button type="submit" name="vote" value="reject">Reject</button>
</form>`,
	);
}

/** What was asked, for somebody whose vote is no longer wanted. */
export function closedPage(question: Question, said: "voted_already" | "over"): Html {
	const { title, text } = NOTICES[said];
	return page(
		title,
		html`<p role="status">${text}</p>
${details(question)}`,
	);
}

export interface Notice {
	title: string;
	/** What happened, and what would help. */
	text: string;
}

export function noticePage({ title, text }: Notice): Html {
	return page(title, html`<p role="status">${text}</p>`);
}

const MORE = "The run goes on as soon as enough people have approved, and stops at the first rejection.";

/** What became of a vote. */
export const NOTICES: Record<Exclude<VoteAnswer, "counted"> | "approve" | "reject", Notice> = {
	approve: { title: "Your approval is counted", text: `Thank you; you can close this page. ${MORE}` },
	reject: {
		title: "Your rejection is counted",
		text: "Thank you; you can close this page. The step is not carried out.",
	},
	voted_already: {
		title: "You have voted already",
		text: "Your first vote counts and stays as it is. To stop the run, ask an operator to cancel it.",
	},
	not_asked: {
		title: "You are not asked",
		text: "Somebody else has to vote on this step. If it should be you, ask an operator to check your teams.",
	},
	own: {
		title: "You cannot approve your own change",
		text: "This run is about something that you did yourself. Somebody else who is asked has to vote.",
	},
	over: {
		title: "Nobody is asked any more",
		text: "The step was decided, its time is over or its run was cancelled. Ask an operator what became of the run.",
	},
	gone: {
		title: "The run is no longer kept",
		text: "It ended a while ago. Ask an operator to look it up in the journal.",
	},
};

/** A message with a link can be faster than the run that it is about. */
export const NOT_YET: Notice = {
	title: "Nobody is asked yet",
	text: "The run has not come to this step. Open the link again a little later.",
};

/** The same words whatever is wrong with a link: they say nothing about what exists. */
export const VOID: Notice = {
	title: "This link is not valid",
	text: "It has expired, was cut off on its way, or is for somebody who is no longer asked. Open the link from the newest message again, or ask an operator.",
};

function details({ approval, workflow, run, step, approver }: Question): Html {
	const approvals = approval.votes.filter(({ vote }) => vote === "approve").length;
	const until = new Date(approval.until).toISOString();
	const ask = approval.ask === "" ? `May the step ${step} of ${workflow} be carried out?` : approval.ask;
	return html`<p class="ask" dir="auto">${ask}</p>
<dl>
<dt>Workflow</dt><dd>${workflow}</dd>
<dt>Step</dt><dd>${step}</dd>
<dt>Run</dt><dd>${run}</dd>
<dt>Asked of</dt><dd><bdi>${approver.title}</bdi> (${approver.name})</dd>
<dt>Approvals</dt><dd>${approvals} of ${approval.need}</dd>
<dt>Until</dt><dd><time datetime="${until}">${until.slice(0, 16).replace("T", " ")} UTC</time></dd>
</dl>`;
}

function page(title: string, main: Html): Html {
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title} - Signalbox</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`;
}
