// Dead letters: work that waits for a person, and what a person can do about it.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { DEAD_LETTER_STATES, DeadLetter, isClosed, type RereadAnswer, stepOf } from "../model/letter";
import { entityOf, ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { Facts, IdParam, ledgerPage } from "./journal";
import { notFound, problem, problems } from "./problem";
import { LetterParams, listOf } from "./replays-select";
import { rerunPath } from "./runs";
import {
	answer,
	jsonBody,
	nextCursor,
	pageOf,
	pageRequest,
	READ_PROBLEMS,
	TenantParam,
	Time,
	WRITE_PROBLEMS,
} from "./schema";

const Letter = z
	.object(DeadLetter.shape)
	.extend({ opened_at: Time, failed_at: Time, updated_at: Time })
	.openapi("DeadLetter");
const LetterStory = z.object({ letter: Letter, story: Facts }).openapi("DeadLetterStory");

const Params = LetterParams.extend({ state: z.enum(DEAD_LETTER_STATES).optional() });

const Discard = z.strictObject({ reason: z.string().trim().min(1).max(500).describe("Why; kept in the journal.") });

/** What was asked for. The letter shows it once the journal has been told. */
export const Accepted = z
	.object({ id: z.string(), state: z.enum(["retrying", "resolved", "discarded"]) })
	.openapi("DeadLetterAnswer");

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/dead-letters",
	tags: ["dead letters"],
	summary: "List dead letters",
	...guarded("read"),
	request: { params: TenantParam, query: Params },
	responses: {
		200: answer("A page of dead letters, newest first.", pageOf(Letter, "DeadLetterPage")),
		...READ_PROBLEMS,
	},
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}/dead-letters/{id}",
	tags: ["dead letters"],
	summary: "Read a dead letter with the story of every attempt",
	...guarded("read"),
	request: { params: IdParam },
	responses: { 200: answer("The letter and its facts, in order.", LetterStory), ...READ_PROBLEMS },
});

const retry = createRoute({
	method: "post",
	path: "/tenants/{tenant}/dead-letters/{id}/retry",
	tags: ["dead letters"],
	summary: "Resume the run from the step that failed, or read the delivery again",
	description:
		"A run that was undone since cannot go on; it can be run again as a new one. A delivery that could not be read is read again by the settings that its source has now: the letter is resolved once all of it can be read.",
	...guarded("operate"),
	request: { params: IdParam },
	responses: {
		202: answer("The step is tried again, or the delivery was read.", Accepted),
		...READ_PROBLEMS,
		...problems(409, 410),
	},
});

const discard = createRoute({
	method: "post",
	path: "/tenants/{tenant}/dead-letters/{id}/discard",
	tags: ["dead letters"],
	summary: "Give a dead letter up, with a reason",
	...guarded("operate", checkJson),
	request: { params: IdParam, body: jsonBody(Discard) },
	responses: { 202: answer("It is discarded.", Accepted), ...WRITE_PROBLEMS, ...problems(409) },
});

export function addDeadLetters(app: Admin): void {
	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const { cursor, limit, ...filters } = c.req.valid("query");
		const name = listOf(tenant, "dead-letters", filters);
		const page = pageRequest(name, { cursor, limit });
		if (page === null) return badFilteredCursor(c);
		const found = await ledgerOf(c.env, tenant).deadLetters({ ...filters, ...ledgerPage(page) });
		return c.json({ items: found.items, cursor: nextCursor(name, found.cursor) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const found = await ledgerOf(c.env, tenant).deadLetter(id);
		return found === null ? notFound(c, `dead letter ${id}`) : c.json(found, 200);
	});

	app.openapi(retry, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const found = await ledgerOf(c.env, tenant).deadLetter(id);
		if (found === null) return notFound(c, `dead letter ${id}`);
		const step = stepOf(found.letter);
		const by = c.get("principal").name;
		if (step === null)
			return answerReread(c, id, await ledgerOf(c.env, tenant).reread(id, { by, since: c.get("now") }));
		const said = await entityOf(c.env, tenant, step.entity_key).resume(step.run, step.step, by);
		switch (said) {
			case "ok":
				return c.json({ id, state: "retrying" as const }, 202);
			case "conflict":
				return isClosed(found.letter) ? notOpen(c, id) : notResumable(c, id, step.run);
			case "gone":
				if (isClosed(found.letter)) return notOpen(c, id);
				return problem(c, 410, "The run is no longer kept, so it cannot be resumed. Discard the letter.");
		}
	});

	app.openapi(discard, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const { reason } = c.req.valid("json");
		const found = await ledgerOf(c.env, tenant).deadLetter(id);
		if (found === null) return notFound(c, `dead letter ${id}`);
		const step = stepOf(found.letter);
		const by = c.get("principal").name;
		const said =
			step === null ? "gone" : await entityOf(c.env, tenant, step.entity_key).discard(step.run, step.step, by, reason);
		if (said === "conflict") return notOpen(c, id);
		if (said === "gone") {
			if (!(await ledgerOf(c.env, tenant).discard(id, by, reason))) return notOpen(c, id);
		}
		return c.json({ id, state: "discarded" as const }, 202);
	});
}

function answerReread(c: Context, id: string, answer: RereadAnswer) {
	switch (answer.said) {
		case "ok":
			return c.json({ id, state: "resolved" as const }, 202);
		case "unreadable":
			return problem(c, 409, `The delivery still cannot be read: ${answer.reason}.`);
		case "closed":
			return notOpen(c, id);
		case "unavailable":
			return problem(
				c,
				503,
				"What is kept of the delivery cannot be read at the moment. Nothing is lost; try it again.",
			);
		case "gone":
			return problem(c, 410, "Nothing is kept of the delivery, so it cannot be read. Discard the letter.");
	}
}

function badFilteredCursor(c: Context) {
	const errors = [{ path: "query.cursor", message: "is not a cursor of this list with these filters" }];
	const detail =
		"The cursor is not one that this list gave with these filters. Give the filters of the page before, or start again without a cursor.";
	return problem(c, 400, detail, { errors });
}

export function notOpen(c: Context, id: string) {
	return problem(c, 409, `The dead letter ${id} does not wait for anybody now. Read it again to see its state.`);
}

/** Not waiting, or waiting for something that can no longer be: which of the two, only the run's Entity knows. */
export function notResumable(c: Context, id: string, run: string) {
	const detail =
		`The dead letter ${id} is being retried already, or what its run did has been undone since, so that it cannot go on. ` +
		`Read it again to see its state; a run that was undone or cancelled can be run again as a new one: ${rerunPath(run)}.`;
	return problem(c, 409, detail);
}
