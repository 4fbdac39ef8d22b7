// Dead letters: work that waits for a person, and what a person can do about it.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Fact } from "../model/fact";
import { DEAD_LETTER_STATES, DeadLetter, type Entry } from "../model/ledger";
import { FailureClass } from "../model/outcome";
import { entityOf, ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin, AdminEnv } from "./context";
import { guarded } from "./guard";
import { Facts, IdParam, ledgerPage } from "./journal";
import { badCursor, notFound, problem, problems } from "./problem";
import {
	answer,
	jsonBody,
	nextCursor,
	PageParams,
	pageOf,
	pageRequest,
	READ_PROBLEMS,
	TenantParam,
	Time,
	WRITE_PROBLEMS,
} from "./schema";

const Letter = z.object(DeadLetter.shape).extend({ opened_at: Time, updated_at: Time }).openapi("DeadLetter");
const LetterStory = z.object({ letter: Letter, story: Facts }).openapi("DeadLetterStory");

const Params = PageParams.extend({
	state: z.enum(DEAD_LETTER_STATES).optional(),
	class: FailureClass.optional(),
	workflow: z.string().max(63).optional(),
	source: z.string().max(63).optional(),
	connection: z.string().max(63).optional(),
	trace_id: z.string().max(64).optional(),
});

const Discard = z.strictObject({ reason: z.string().trim().min(1).max(500).describe("Why; kept in the journal.") });

/** What was asked for. The letter shows it once the journal has been told. */
const Accepted = z.object({ id: z.string(), state: z.enum(["retrying", "discarded"]) }).openapi("DeadLetterAnswer");

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
	summary: "Resume the run from the step that failed",
	...guarded("operate"),
	request: { params: IdParam },
	responses: { 202: answer("The step is tried again.", Accepted), ...READ_PROBLEMS, ...problems(409, 410) },
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
		const page = pageRequest(`${tenant}/dead-letters`, { cursor, limit });
		if (page === null) return badCursor(c);
		const found = await ledgerOf(c.env, tenant).deadLetters({ ...filters, ...ledgerPage(page) });
		return c.json({ items: found.items, cursor: nextCursor(`${tenant}/dead-letters`, found.cursor) }, 200);
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
		if (step === null) return problem(c, 409, "No run can be resumed: the delivery never became an event.");
		const said = await entityOf(c.env, tenant, step.entity_key).resume(step.run, step.step, c.get("principal").name);
		switch (said) {
			case "ok":
				return c.json({ id, state: "retrying" as const }, 202);
			case "conflict":
				return notOpen(c, id);
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
			if (isClosed(found.letter)) return notOpen(c, id);
			await ledgerOf(c.env, tenant).append([discarded(c, found, reason)]);
		}
		return c.json({ id, state: "discarded" as const }, 202);
	});
}

function stepOf({ entity_key, run, step }: DeadLetter): { entity_key: string; run: string; step: string } | null {
	return entity_key === null || run === null || step === null ? null : { entity_key, run, step };
}

function notOpen(c: Context, id: string) {
	return problem(c, 409, `The dead letter ${id} does not wait for anybody now. Read it again to see its state.`);
}

function isClosed({ state }: DeadLetter): boolean {
	return state === "discarded" || state === "resolved";
}

/**
 * For a letter that no Entity knows (any more): the Ledger is all that is left to tell. The fact has the id that the
 * Entity's own would have, so that it is told once, also if the Entity's is still on its way.
 */
function discarded(
	c: Context<AdminEnv>,
	{ letter, story }: { letter: DeadLetter; story: Entry[] },
	reason: string,
): Fact {
	const opening = story.findLast(({ kind }) => kind === "dead_letter.opened" || kind === "delivery.unreadable");
	const by = c.get("principal").name;
	return {
		id: `${(opening?.id ?? letter.id).replace(/:opened$/, "")}:discarded`,
		at: c.get("now"),
		tenant: c.req.param("tenant") ?? "",
		kind: "dead_letter.discarded",
		trace_id: letter.trace_id,
		actor: by,
		classification: "internal",
		data: { id: letter.id, by, reason },
	};
}
