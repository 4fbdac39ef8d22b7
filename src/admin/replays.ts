// Many dead letters at once: look what would become of them, send them again, or give them up. What is started is a
// bulk, which the tenant's Ledger carries out at its pace.

import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { canonicalText } from "../model/json";
import type { ReplayAnswer, ReplayOrder } from "../model/replay";
import { ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin, AdminEnv } from "./context";
import { guarded } from "./guard";
import { IdParam, ledgerPage } from "./journal";
import { badCursor, invalid, notFound, problem, problems } from "./problem";
import { prepareReplay } from "./replays-prepare";
import { previewLetters } from "./replays-preview";
import { Discard, Input, Preview, type ReplayInput, ReplayView } from "./replays-schema";
import { listOf, selectionOf } from "./replays-select";
import {
	answer,
	jsonBody,
	nextCursor,
	PageParams,
	pageOf,
	pageRequest,
	READ_PROBLEMS,
	TenantParam,
	WRITE_PROBLEMS,
} from "./schema";

const DISCARDS_PER_MINUTE = 6_000;

const start = createRoute({
	method: "post",
	path: "/tenants/{tenant}/replays",
	tags: ["dead letters"],
	summary: "Preview what would become of dead letters, or send them again",
	description:
		"A preview renders and checks everything that comes before the request, and sends nothing. A start begins a bulk, which retries each letter once, however often it is interrupted.",
	...guarded("operate", checkJson),
	request: { params: TenantParam, body: jsonBody(Input) },
	responses: {
		200: answer("The preview of a page of letters.", Preview),
		202: answer("The bulk has begun, or had begun under this name.", ReplayView),
		...WRITE_PROBLEMS,
		...problems(409),
	},
});

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/replays",
	tags: ["dead letters"],
	summary: "List bulks",
	...guarded("read"),
	request: { params: TenantParam, query: PageParams },
	responses: {
		200: answer("A page of bulks, newest first, without their failures.", pageOf(ReplayView, "ReplayPage")),
		...READ_PROBLEMS,
	},
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}/replays/{id}",
	tags: ["dead letters"],
	summary: "Tell how far a bulk is",
	...guarded("read"),
	request: { params: IdParam },
	responses: { 200: answer("The bulk, with its first hundred failures.", ReplayView), ...READ_PROBLEMS },
});

const abort = createRoute({
	method: "post",
	path: "/tenants/{tenant}/replays/{id}/abort",
	tags: ["dead letters"],
	summary: "Stop a bulk",
	description: "Letters that were retried go on; the others stay as they are.",
	...guarded("operate"),
	request: { params: IdParam },
	responses: { 200: answer("It has stopped.", ReplayView), ...READ_PROBLEMS, ...problems(409) },
});

const discard = createRoute({
	method: "post",
	path: "/tenants/{tenant}/dead-letters/discard",
	tags: ["dead letters"],
	summary: "Give a selection of dead letters up, with a reason",
	...guarded("operate", checkJson),
	request: { params: TenantParam, body: jsonBody(Discard) },
	responses: {
		202: answer("The bulk has begun, or had begun under this name.", ReplayView),
		...WRITE_PROBLEMS,
		...problems(409),
	},
});

export function addReplays(app: Admin): void {
	app.openapi(start, async (c) => {
		const { tenant } = c.req.valid("param");
		const input = c.req.valid("json");
		const by = c.get("principal").name;
		if (!input.preview) {
			const known = await namedReplay(c, tenant, input);
			if (known !== null) return known;
		}
		const prepared = await prepareReplay(c.env, tenant, input, c.get("now"));
		if (!prepared.ok) return invalid(c, prepared.error);
		if (input.preview) return answerPreview(c, tenant, input);
		const { per_minute, name, version, expect = 0 } = input;
		const order: ReplayOrder = {
			...{ act: "retry", by, per_minute, expect, select: selectionOf(input.select), ...prepared.value },
			...(name === undefined ? {} : { name }),
			...(version === undefined ? {} : { version }),
			fingerprint: fingerprintOf(input),
		};
		return answerStart(c, await ledgerOf(c.env, tenant).startReplay(order), name);
	});

	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const page = pageRequest(`${tenant}/replays`, c.req.valid("query"));
		if (page === null) return badCursor(c);
		const found = await ledgerOf(c.env, tenant).replays(ledgerPage(page));
		return c.json({ items: found.items, cursor: nextCursor(`${tenant}/replays`, found.cursor) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const found = await ledgerOf(c.env, tenant).replay(id);
		return found === null ? notFound(c, `replay ${id}`) : c.json(found, 200);
	});

	app.openapi(abort, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const found = await ledgerOf(c.env, tenant).abortReplay(id, c.get("principal").name);
		if (found === null) return notFound(c, `replay ${id}`);
		if (found.said === "ok") return c.json(found.replay, 200);
		return problem(c, 409, `The replay ${id} is ${found.replay.state} already. Read it to see what it did.`);
	});

	app.openapi(discard, async (c) => {
		const { tenant } = c.req.valid("param");
		const { select, reason, expect, name } = c.req.valid("json");
		const order: ReplayOrder = {
			...{ act: "discard", by: c.get("principal").name, per_minute: DISCARDS_PER_MINUTE, expect, reason },
			select: selectionOf(select),
			...(name === undefined ? {} : { name }),
			fingerprint: canonicalText({ act: "discard", select, reason }),
		};
		return answerStart(c, await ledgerOf(c.env, tenant).startReplay(order), name);
	});
}

async function namedReplay(c: Context<AdminEnv>, tenant: string, input: ReplayInput) {
	const { name } = input;
	if (name === undefined) return null;
	const known = await ledgerOf(c.env, tenant).namedReplay(name, fingerprintOf(input));
	return known === null ? null : answerStart(c, known, name);
}

function fingerprintOf({ select, patch, version, passing, per_minute }: ReplayInput): string {
	return canonicalText({ act: "retry", select, patch, version, passing, per_minute });
}

async function answerPreview(c: Context<AdminEnv>, tenant: string, input: ReplayInput) {
	const { select, patch, version, limit, cursor } = input;
	const name = listOf(tenant, "replays/preview", { select, patch, version });
	const page = pageRequest(name, { limit, ...(cursor === undefined ? {} : { cursor }) });
	if (page === null) return badCursor(c);
	const ledger = ledgerOf(c.env, tenant);
	const selection = selectionOf(select);
	const { count } = await ledger.countSelected(selection);
	const found = await ledger.selected(selection, ledgerPage(page));
	const previewing = { env: c.env, tenant, now: c.get("now"), patch: patch?.with, version };
	const previews = await previewLetters(previewing, found.items);
	const items = previews.map(({ letter: { id, run, workflow, version, step }, passes, before, after }) => ({
		...{ letter: id, run, workflow, version, step, passes, before, after },
	}));
	const passing = items.filter(({ passes }) => passes).length;
	return c.json({ count, passing, items, cursor: nextCursor(name, found.cursor) }, 200);
}

function answerStart(c: Context, answered: ReplayAnswer, name: string | undefined) {
	switch (answered.said) {
		case "ok":
			return c.json(answered.replay, 202);
		case "count": {
			const message = `the selection holds ${answered.count} letters now`;
			const detail = `${message[0]?.toUpperCase()}${message.slice(1)}. Preview it again, and expect this number if it is right.`;
			return problem(c, 409, detail, { errors: [{ path: "expect", message }] });
		}
		case "too_many":
			return problem(
				c,
				409,
				`A bulk takes at most ${answered.most} letters. Narrow the selection, by time for instance.`,
			);
		case "name":
			return problem(c, 409, `The name ${name} is taken by another bulk. Choose another name.`);
	}
}
