// What operators do with many dead letters: group them, give one another input, look what a new version would do, send
// those again that pass, stop, and say that it is enough.

import { beforeEach, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json";
import type { LetterGroup } from "../../src/model/letter";
import type { Replay } from "../../src/model/replay";
import { holdClock } from "../worker/support/clock";
import { cel, onShop, step } from "./support/documents";
import { beats } from "./support/ledgers";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

/** Books what an order says of itself under this name. */
function book(field: string): JsonObject {
	const body = { order: cel("event.entity.id"), amount: cel(`event.data.data.${field} * 2`) };
	const on = { source: "shop", event: "order.paid" };
	return onShop({ name: "book", on, steps: [step("write", body, { connection: "books" })] });
}

const ship = onShop({
	name: "ship",
	on: { source: "shop", event: "order.sent" },
	steps: [step("tell", { order: cel("event.entity.id") }, { connection: "carrier" })],
});

const BOOKED = 12;
const SHIPPED = 8;

let acme: Tenant;

/** Twelve orders that say `total` where `amount` is read, three of them not even that, and eight that nobody takes. */
async function failTwenty(): Promise<void> {
	acme = await Tenant.create("shop");
	for (const system of ["books", "carrier"]) await acme.connect(system);
	await acme.publish(book("amount"));
	await acme.publish(ship);
	await script(acme.place("carrier"), { status: 404 });
	for (let n = 0; n < BOOKED; n++) {
		await acme.take(shop("order.paid", { id: `b-${n}`, ...(n < 3 ? {} : { total: n }) }));
	}
	for (let n = 0; n < SHIPPED; n++) await acme.take(shop("order.sent", { id: `s-${n}` }));
	await acme.told({ dead_letters: BOOKED + SHIPPED });
}

async function groups(query = ""): Promise<LetterGroup[]> {
	return (await acme.must("GET", `/dead-letter-groups${query}`)).body.items;
}

async function replay(id: string): Promise<Replay> {
	return (await acme.must("GET", `/replays/${id}`)).body;
}

async function orders(system: string): Promise<unknown[]> {
	return (await acme.bodiesAt(system)).map(({ order }) => order);
}

beforeEach(failTwenty);

test("twenty letters of two causes: grouped, patched, previewed, and replayed as far as they pass", async () => {
	const [ships, books] = (await groups()).toSorted((a, b) => a.open - b.open);
	expect(books).toMatchObject({ state: "open", workflow: "book", step: "write", class: "expression", open: BOOKED });
	expect(ships).toMatchObject({ state: "open", workflow: "ship", class: "not_found", open: SHIPPED, seen: SHIPPED });
	expect(ships?.pattern).toBe("the target answered #");
	expect((await acme.letters(`&group=${books?.id}`)).length).toBe(BOOKED);
	await acme.must("POST", `/dead-letter-groups/${books?.id}/acknowledge`, { note: "the shop renamed a field" });
	expect(await groups("?state=acknowledged")).toMatchObject([{ id: books?.id, last_move: { by: "root" } }]);

	const [poor] = await acme.letters("&workflow=book&entity=token/order/b-0");
	const wrong = { body: { amount: cel("evnt.data.total") }, bodi: 1 };
	const refused = await acme.call("POST", `/dead-letters/${poor?.id}/patch`, { with: wrong });
	expect(refused.status).toBe(422);
	expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual(["with", "with.body.amount"]);
	const tree = { body: { order: cel("event.entity.id"), amount: 0 } };
	const patched = await acme.must("POST", `/dead-letters/${poor?.id}/patch`, { with: tree });
	expect(patched.body).toMatchObject({ state: "retrying", paths: ["body.amount"] });
	expect(JSON.parse((await acme.arrived("books", 1))[0]?.body ?? "")).toEqual({ order: "b-0", amount: 0 });
	await acme.told({ "dead_letters.resolved": 1 });
	const { story } = await acme.story(poor?.id ?? "");
	const fact = story.find(({ kind }) => kind === "dead_letter.patched");
	expect(fact).toMatchObject({ actor: "root", data: { paths: ["body.amount"] } });
	expect(JSON.stringify(fact)).not.toContain("event.entity.id");

	await acme.publish(book("total"));
	const select = { workflow: "book" };
	const preview = (await acme.must("POST", "/replays", { select, version: "current", preview: true })).body;
	expect(preview).toMatchObject({ count: BOOKED - 1, passing: 9, cursor: null });
	const seen = preview.items.map(
		({ passes, before, after }: { passes: boolean; before: JsonObject; after: JsonObject }) => [
			...[passes, before.class, (after.input as JsonObject | undefined)?.body ?? after.class],
		],
	);
	expect(seen).toContainEqual([true, "expression", { order: "b-7", amount: 14 }]);
	expect(seen.filter(([passes]: [boolean]) => !passes)).toEqual(Array(2).fill([false, "expression", "expression"]));
	expect(await acme.bodiesAt("books")).toHaveLength(1);

	const order = { select, version: "current", passing: true, per_minute: 120, preview: false };
	const miscounted = await acme.call("POST", "/replays", { ...order, expect: 12 });
	expect([miscounted.status, miscounted.body.errors[0].message]).toEqual([409, "the selection holds 11 letters now"]);
	const { body: bulk } = await acme.must("POST", "/replays", { ...order, expect: 11 });
	expect(bulk).toMatchObject({ state: "running", total: 9, done: 0, version: "current" });
	await beats(acme.name, 2);
	expect((await replay(bulk.id)).done).toBe(4);
	await beats(acme.name, 4);
	await acme.arrived("books", 10);
	expect((await orders("books")).sort()).toEqual([
		...["b-0", "b-10", "b-11", "b-3", "b-4", "b-5", "b-6", "b-7", "b-8", "b-9"],
	]);
	expect(await replay(bulk.id)).toMatchObject({ state: "done", done: 9, failed: 0, failures: [] });
	await acme.told({ "dead_letters.resolved": 10, "replays.finished": 1 });
	const [one] = await acme.letters("&entity=token/order/b-7");
	const retried = (await acme.story(one?.id ?? "")).story.find(({ kind }) => kind === "dead_letter.retried");
	expect(retried?.data).toMatchObject({ by: "root", replay: bulk.id });
	expect((await acme.runs("&workflow=book")).find(({ id }) => id === one?.run)).toMatchObject({ version: 2 });
	expect(await groups("?workflow=book")).toMatchObject([{ open: 2, state: "acknowledged" }]);
});

test("a bulk is stopped half-way; started twice under one name it acts once, by hand twice acts twice", async () => {
	const select = { workflow: "ship" };
	const first = (await acme.must("POST", "/replays", { select, preview: false, expect: SHIPPED })).body;
	await beats(acme.name, 3);
	expect((await acme.must("POST", `/replays/${first.id}/abort`)).body).toMatchObject({ state: "aborted", done: 3 });
	expect((await acme.call("POST", `/replays/${first.id}/abort`)).status).toBe(409);
	await beats(acme.name, 3);
	await acme.told({ dead_letters: BOOKED + SHIPPED + 3 });
	expect(await acme.bodiesAt("carrier")).toHaveLength(SHIPPED + 3);
	const facts = await acme.trace(first.trace_id);
	expect(facts.map(({ kind, data }) => [kind, data.left])).toEqual([
		["replay.started", undefined],
		["replay.aborted", 5],
	]);

	const named = { select, preview: false, expect: SHIPPED, per_minute: 6_000, name: "carrier-is-back" };
	const starts = [await acme.must("POST", "/replays", named), await acme.must("POST", "/replays", named)];
	await beats(acme.name, 2);
	await acme.told({ dead_letters: BOOKED + 2 * SHIPPED + 3 });
	starts.push(await acme.must("POST", "/replays", named));
	await beats(acme.name, 2);
	await acme.idle();
	expect(new Set(starts.map(({ body }) => body.id)).size).toBe(1);
	expect(starts[2]?.body).toMatchObject({ state: "done", done: SHIPPED });
	expect(await acme.bodiesAt("carrier")).toHaveLength(2 * SHIPPED + 3);
	const other = await acme.call("POST", "/replays", { ...named, per_minute: 1 });
	expect([other.status, other.body.detail]).toEqual([409, expect.stringContaining("carrier-is-back is taken")]);

	const [letter] = await acme.letters("&workflow=ship");
	for (let n = 1; n <= 2; n++) {
		await acme.must("POST", `/dead-letters/${letter?.id}/retry`);
		await acme.arrived("carrier", 2 * SHIPPED + 3 + n);
		await acme.told({ dead_letters: BOOKED + 2 * SHIPPED + 3 + n });
	}
	const keys = (await acme.arrived("carrier", 2 * SHIPPED + 5)).map(({ headers }) => headers["idempotency-key"]);
	expect(new Set(keys).size).toBe(SHIPPED);
});

test("a selection is discarded with a reason, a resolved group opens again when it fails, an ignored one does not", async () => {
	const [group] = await groups("?workflow=ship");
	const discard = { select: { group: group?.id }, reason: "the carrier is gone", expect: SHIPPED };
	const { body: bulk } = await acme.must("POST", "/dead-letters/discard", discard);
	await beats(acme.name, 1);
	await acme.told({ "dead_letters.discarded": SHIPPED });
	expect(await replay(bulk.id)).toMatchObject({ act: "discard", state: "done", done: SHIPPED });
	expect(await acme.letters("&workflow=ship&state=open")).toEqual([]);
	const [letter] = await acme.letters("&workflow=ship");
	const discarded = (await acme.story(letter?.id ?? "")).story.at(-1);
	expect(discarded?.data).toMatchObject({ by: "root", reason: "the carrier is gone", replay: bulk.id });

	const move = (verb: string) => acme.must("POST", `/dead-letter-groups/${group?.id}/${verb}`, {});
	const fail = async (n: number) => {
		await pass(1);
		await acme.take(shop("order.sent", { id: `again-${n}` }));
		await acme.told({ dead_letters: BOOKED + SHIPPED + n });
	};
	expect((await move("resolve")).body).toMatchObject({ state: "resolved", open: 0 });
	await fail(1);
	expect(await groups("?workflow=ship")).toMatchObject([{ state: "open", open: 1, seen: SHIPPED + 1 }]);
	await move("ignore");
	await fail(2);
	expect(await groups("?workflow=ship")).toMatchObject([{ state: "ignored", open: 2 }]);
});
