// Dead letters of every kind of step: of an element of a list, of an undo; what each shows of its attempts, and what of
// another input it takes.

import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { cel, onShop, step, workflow } from "./support/documents";
import { beats, ledgerStub } from "./support/ledgers";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { kinds, Tenant } from "./support/tenant";

holdClock();

const LISTED = onShop({
	steps: [step("tell", { n: cel("item") }, { for_each: "[1, 2, 3]", concurrency: 1 })],
});

const UNDONE = onShop({
	steps: [
		step("first", { n: 1 }, { undo: { use: "http.request", with: { body: { undo: cel("event.entity.id") } } } }),
		step("second", { n: 2 }, { needs: ["first"], connection: "down", undo: "none" }),
	],
	on_failure: { compensate: true },
});

function exchangesOf(story: { kind: string; data: JsonObject }[]): unknown[] {
	return story.filter(({ kind }) => kind === "attempt.finished").map(({ data }) => data.exchange);
}

test("an element of a list shows its own attempts, and takes another input of its own", async () => {
	const acme = await Tenant.running(LISTED, "out");
	await script(acme.place("out"), { status: 200 }, { status: 404, body: { why: "two is taken" } }, { status: 200 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ dead_letters: 1 });
	const [letter] = await acme.letters("&step=tell");
	expect(letter).toMatchObject({ step: "tell.1", class: "not_found" });
	expect(exchangesOf((await acme.story(letter?.id ?? "")).story)).toMatchObject([
		{ request: { body: '{"n":2}' }, response: { status: 404, body: '{"why":"two is taken"}' } },
	]);

	const patch = (tree: JsonObject) => acme.call("POST", `/dead-letters/${letter?.id}/patch`, { with: tree });
	const preview = async (tree: JsonObject) => {
		const body = { select: { ids: [letter?.id] }, patch: { with: tree } };
		return (await acme.must("POST", "/replays", body)).body.items[0];
	};
	expect(await preview({ body: { n: cel("item * 10") } })).toMatchObject({
		passes: true,
		before: { input: { body: { n: 2 } } },
		after: { input: { body: { n: 20 } } },
	});
	expect(await preview({ headers: { host: "evil.example" } })).toMatchObject({
		passes: false,
		after: { class: "policy" },
	});
	expect(await preview({ body: { n: cel("event.data.nowhere") } })).toMatchObject({
		passes: false,
		after: { class: "expression", reason: expect.stringContaining("with.body.n: ") },
	});
	const reading = await patch({ body: { n: cel("steps.tell.output") } });
	expect([reading.status, reading.body.errors.length]).toEqual([422, 1]);

	expect((await patch({ body: { n: cel("item * 10") } })).status).toBe(202);
	const numbers = (await acme.arrived("out", 4)).map(({ body }) => JSON.parse(body).n);
	expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 20]);
	await acme.told({ "runs.succeeded": 1 });
	expect((await patch({})).status).toBe(409);
});

test("every later attempt is given the other input, until the run goes on with another version", async () => {
	const acme = await Tenant.running(onShop({ steps: [step("tell", { n: 1 })] }), "out");
	await script(acme.place("out"), { status: 404 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ dead_letters: 1 });
	const [letter] = await acme.letters();
	await acme.must("POST", `/dead-letters/${letter?.id}/patch`, { with: { body: { n: 2 } } });
	await acme.told({ dead_letters: 2 });
	await acme.must("POST", `/dead-letters/${letter?.id}/retry`);
	await acme.told({ dead_letters: 3 });
	await acme.publish(onShop({ steps: [step("tell", { n: 3 })] }));
	const [seen] = (await acme.must("POST", "/replays", { select: {}, version: 2 })).body.items;
	expect([seen.before.input.body, seen.after.input.body]).toEqual([{ n: 2 }, { n: 3 }]);
	await acme.must("POST", `/runs/${letter?.run}/resume`, { version: 2 });
	await acme.told({ dead_letters: 4 });
	expect(await acme.bodiesAt("out")).toEqual([{ n: 1 }, { n: 2 }, { n: 2 }, { n: 3 }]);
});

test("an undo shows its own attempts, and is retried as it is", async () => {
	const acme = await Tenant.running(UNDONE, "out", "down");
	await script(acme.place("out"), { status: 200 }, { status: 404, body: { why: "no such thing" } });
	await script(acme.place("down"), { status: 404 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ dead_letters: 2 });
	const [undo] = (await acme.letters("&connection=out")).filter(({ step }) => step === "first.undo");
	const { story } = await acme.story(undo?.id ?? "");
	expect(kinds(story)).toContain("attempt.finished permanent");
	expect(exchangesOf(story)).toMatchObject([
		{ request: { body: '{"undo":"o-1"}' }, response: { status: 404, body: '{"why":"no such thing"}' } },
	]);
	const patched = await acme.call("POST", `/dead-letters/${undo?.id}/patch`, { with: {} });
	expect([patched.status, patched.body.detail]).toEqual([409, expect.stringContaining("it is an undo")]);

	const [second] = await acme.letters("&connection=down");
	const ids = [undo?.id, second?.id];
	const preview = async (more: JsonObject) =>
		(await acme.must("POST", "/replays", { select: { ids }, ...more })).body.items.toSorted(
			(a: { step: string }, b: { step: string }) => (a.step < b.step ? -1 : 1),
		);
	expect(await preview({})).toMatchObject([
		{ step: "first.undo", passes: true, after: { input: { body: { undo: "o-1" } } } },
		{ step: "second", passes: false, after: { reason: expect.stringContaining("was undone") } },
	]);
	expect(await preview({ version: 1 })).toMatchObject([{ passes: false }, { passes: false }]);

	await script(acme.place("out"), { status: 200 });
	const { body: bulk } = await acme.must("POST", "/replays", {
		select: { ids },
		preview: false,
		expect: 2,
		per_minute: 6_000,
	});
	await beats(acme.name, 1);
	await acme.told({ "dead_letters.resolved": 1, "runs.compensated": 1 });
	expect((await acme.must("GET", `/replays/${bulk.id}`)).body).toMatchObject({
		...{ state: "done", total: 2, done: 1, failed: 1 },
		failures: [{ letter: second?.id, reason: expect.stringContaining("undone") }],
	});
});

test("a letter is retried once for each bulk, also if the Ledger forgets that it was", async () => {
	const acme = await Tenant.running(onShop({ steps: [step("tell", { n: 1 })] }), "out");
	await script(acme.place("out"), { status: 404 });
	for (const id of ["o-1", "o-2", "o-3"]) await acme.take(shop("order.paid", { id }));
	await acme.told({ dead_letters: 3 });
	const { body: bulk } = await acme.must("POST", "/replays", {
		select: {},
		preview: false,
		expect: 3,
		per_minute: 6_000,
	});
	const sql = (statement: string, ...values: unknown[]) =>
		runInDurableObject(ledgerStub(acme.name), (_, { storage }) => storage.sql.exec(statement, ...values).toArray());
	const [begun] = await sql("SELECT doc FROM replay");
	await beats(acme.name, 1);
	await acme.told({ dead_letters: 6, "replays.finished": 1 });
	expect(await acme.letters("&state=open")).toHaveLength(3);
	// As after a crash between the call and the row.
	await sql("UPDATE replay_item SET state = 'waiting'");
	await sql("UPDATE replay SET doc = ?, next_at = 0", begun?.doc);
	await runInDurableObject(ledgerStub(acme.name), (_, { storage }) => storage.setAlarm(Date.now()));
	await beats(acme.name, 2);
	await acme.idle();
	expect((await acme.must("GET", `/replays/${bulk.id}`)).body).toMatchObject({ state: "done", done: 3, failed: 0 });
	expect(await acme.bodiesAt("out")).toHaveLength(6);
});

test("a preview says what is missing, a patch what is wrong, and a cursor that it belongs to other filters", async () => {
	const acme = await Tenant.running(onShop({ steps: [step("tell", { n: 1 })] }), "out", "other");
	await acme.publish(workflow("second", "shop", { n: 2 }, { steps: [step("say", { n: 2 }, { connection: "other" })] }));
	for (const system of ["out", "other"]) await script(acme.place(system), { status: 404 });
	for (const id of ["o-1", "o-2"]) await acme.take(shop("order.paid", { id }));
	await acme.told({ dead_letters: 4 });

	const first = (await acme.must("GET", "/dead-letters?limit=1&workflow=wf")).body;
	const next = (filters: string) => acme.call("GET", `/dead-letters?limit=1&cursor=${first.cursor}${filters}`);
	expect((await next("&workflow=wf")).body.items).toMatchObject([{ workflow: "wf" }]);
	for (const filters of ["", "&workflow=second", "&workflow=wf&state=open"]) {
		const { status, body } = await next(filters);
		expect([status, body.detail]).toEqual([400, expect.stringContaining("Give the filters of the page before")]);
	}
	const page = (await acme.must("POST", "/replays", { select: {}, limit: 3 })).body;
	const rest = (await acme.must("POST", "/replays", { select: {}, limit: 3, cursor: page.cursor })).body;
	expect([page.items.length, rest.items.length, rest.count, rest.cursor]).toEqual([3, 1, 4, null]);
	expect((await acme.call("POST", "/replays", { select: { step: "say" }, cursor: page.cursor })).status).toBe(400);

	const refusal = async (body: JsonObject) => (await acme.call("POST", "/replays", body)).body.errors?.[0];
	expect(await refusal({ select: {}, patch: { with: {} } })).toMatchObject({ path: "select" });
	expect(await refusal({ select: {}, version: 1 })).toMatchObject({ path: "select.workflow" });
	expect(await refusal({ select: { workflow: "wf" }, version: 9 })).toMatchObject({ path: "version" });
	expect(await refusal({ select: { workflow: "wf" }, patch: { with: { path: 7 } } })).toMatchObject({
		path: "patch.with.path",
	});
	expect((await acme.must("POST", "/replays", { select: {}, version: "current" })).body.passing).toBe(4);

	await acme.must("DELETE", "/workflows/wf");
	await acme.must("DELETE", "/connections/out");
	const [seen] = (await acme.must("POST", "/replays", { select: { workflow: "wf" } })).body.items;
	expect(seen).toMatchObject({
		passes: false,
		after: { class: "not_found", reason: expect.stringContaining("out: create it") },
	});
	expect(await acme.bodiesAt("out")).toHaveLength(2);
});

test("a patch reads what its step has waited for, and nothing else", async () => {
	const needed = step("a", { n: 1 });
	const steps = [needed, step("aside", { n: 2 }), step("b", { n: 3 }, { needs: ["a"], connection: "down" })];
	const acme = await Tenant.running(onShop({ steps }), "out", "down");
	await script(acme.place("down"), { status: 404 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ dead_letters: 1 });
	const [letter] = await acme.letters();
	const reading = (id: string) => ({ with: { body: { n: cel(`steps.${id}.status`) } } });
	const refused = await acme.call("POST", `/dead-letters/${letter?.id}/patch`, reading("aside"));
	expect([refused.status, refused.body.errors]).toEqual([
		422,
		[{ path: "with", message: expect.stringContaining("reads steps.aside, which b does not wait for") }],
	]);
	await acme.must("POST", `/dead-letters/${letter?.id}/patch`, reading("a"));
	expect((await acme.arrived("down", 2)).map(({ body }) => JSON.parse(body))).toEqual([{ n: 3 }, { n: "succeeded" }]);
});

test("a bulk that patches is begun once under its name, also when nothing is left of what it selected", async () => {
	const acme = await Tenant.running(onShop({ steps: [step("tell", { n: 1 })] }), "out");
	await script(acme.place("out"), { status: 404 }, { status: 200 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ dead_letters: 1 });
	const patch = { with: { body: { n: 2 } } };
	const order = { select: { workflow: "wf" }, patch, preview: false, expect: 1, name: "mend" };
	const { body: bulk } = await acme.must("POST", "/replays", order);
	await beats(acme.name, 2);
	await acme.told({ "dead_letters.resolved": 1 });
	const again = await acme.must("POST", "/replays", order);
	expect([again.status, again.body]).toMatchObject([202, { id: bulk.id, state: "done", done: 1, patched: ["body.n"] }]);
	const other = await acme.call("POST", "/replays", { ...order, patch: { with: { body: { n: 3 } } } });
	expect([other.status, other.body.detail]).toEqual([409, expect.stringContaining("mend is taken")]);
	expect(await acme.bodiesAt("out")).toEqual([{ n: 1 }, { n: 2 }]);
});

test("a patch cannot send the links by which people vote", async () => {
	const steps = [
		step("tell", { n: 1 }),
		{ id: "sign_off", use: "approve", with: { of: ["ann"], within: "1d", ask: "Send it?" } },
	];
	const acme = await Tenant.create("shop");
	await acme.connect("out");
	await acme.must("PUT", "/approvers/ann", { title: "Ann" });
	await acme.publish(onShop({ steps }));
	await script(acme.place("out"), { status: 404 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ dead_letters: 1 });
	const [letter] = await acme.letters();
	const tree = { body: { link: cel("approvals.sign_off.ann") } };
	const refused = await acme.call("POST", `/dead-letters/${letter?.id}/patch`, { with: tree });
	expect([refused.status, refused.body.errors]).toEqual([
		422,
		[{ path: "with", message: expect.stringContaining("reads approvals, and links") }],
	]);
	expect(await acme.bodiesAt("out")).toEqual([{ n: 1 }]);
});
