// Deliveries that could not be read: once the settings of their source are mended they are read again, one by one or in
// bulk, and their events are taken in once.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { cel, workflow } from "./support/documents";
import { storedRuns } from "./support/entities";
import { beats } from "./support/ledgers";
import { sign } from "./support/outside";
import { bodies } from "./support/prove";
import { SECRETS, type Sent, shop } from "./support/senders";
import { kinds, Tenant } from "./support/tenant";
import { pass, TELLING_MS } from "./support/time";

holdClock();

const DAY = 86_400_000;
const ORDER = { order: cel("event.entity.id") };
const NO_ID = "no entity id: nothing at data.id; set entity_id to where it stands";
/** What the shop should have been told from the beginning. */
const MENDED: JsonObject = { entity_id: ["data.id", "data.number"] };

/** An order that has a number and no id. */
function numbered(number: string): Sent {
	return shop("order.paid", { number });
}

async function ready() {
	return Tenant.running(workflow("told", "shop", ORDER), "out");
}

async function lost(acme: Tenant, ...numbers: string[]): Promise<string[]> {
	const letters: string[] = [];
	for (const number of numbers) {
		letters.push(String((await acme.deliver(numbered(number))).body.dead_letter));
		await pass(1_000);
	}
	return letters;
}

function mend(acme: Tenant) {
	return acme.source("shop", "token", SECRETS.shop, MENDED);
}

test("one that still makes no sense says why, and one whose source is mended becomes its event", async () => {
	const acme = await ready();
	const sent = numbered("o-1");
	const { dead_letter: id } = (await acme.deliver(sent)).body;
	const retry = () => acme.call("POST", `/dead-letters/${id}/retry`);
	const vain = await retry();
	expect([vain.status, vain.body.detail]).toEqual([409, `The delivery still cannot be read: ${NO_ID}.`]);
	await mend(acme);
	await pass(1_000);
	expect(await retry()).toMatchObject({ status: 202, body: { id, state: "resolved" } });
	expect(await bodies(acme, 1)).toEqual([{ order: "o-1" }]);
	await acme.told({ "runs.succeeded": 1 });
	const { letter, story } = await acme.story(String(id));
	expect(letter).toMatchObject({ state: "resolved" });
	expect(kinds(story)).toEqual([
		...["delivery.unreadable", "dead_letter.retried", "dead_letter.opened"],
		...["dead_letter.retried", "dead_letter.resolved"],
	]);
	expect(story.filter(({ actor }) => actor === "root")).toHaveLength(2);
	expect(story.at(-1)?.data.events).toEqual((await acme.events()).flatMap(({ event }) => event ?? []));
	expect((await retry()).status).toBe(409);
	// Its sender sends it once more.
	await acme.deliver(sent);
	await acme.told({ duplicates: 1 });
	expect(await acme.bodiesAt("out")).toHaveLength(1);
});

test("many are looked at first, and those that can be read now are replayed, once each", async () => {
	const acme = await ready();
	const letters = await lost(acme, "o-1", "o-2", "o-3");
	await acme.deliver({ ...numbered("o-4"), body: '{"type":"order.paid","data":{}}' });
	const select = { class: "unreadable" };
	const before = (await acme.must("POST", "/replays", { select })).body;
	expect(before).toMatchObject({ count: 4, passing: 0 });
	expect(before.items[0]).toMatchObject({
		...{ run: null, step: null, before: { class: "unreadable" }, after: { class: "unreadable" } },
	});
	await mend(acme);
	const preview = (await acme.must("POST", "/replays", { select })).body;
	expect(preview).toMatchObject({ count: 4, passing: 3 });
	expect(preview.items.filter(({ passes }: { passes: boolean }) => passes)).toMatchObject(
		["o-3", "o-2", "o-1"].map((number, n) => ({
			letter: letters[2 - n],
			before: { class: "unreadable", reason: NO_ID },
			after: { events: [{ event_type: "order.paid", entity_id: `token/order/${number}` }] },
		})),
	);
	expect(await storedRuns(acme.name)).toEqual([]);
	const order = { select, preview: false, passing: true, expect: 4, per_minute: 600, name: "mended" };
	const { id } = (await acme.must("POST", "/replays", order)).body;
	expect((await acme.must("POST", "/replays", order)).body.id).toBe(id);
	await beats(acme.name, 4);
	expect((await acme.must("GET", `/replays/${id}`)).body).toMatchObject({
		state: "done",
		total: 3,
		done: 3,
		failed: 0,
	});
	expect((await bodies(acme, 3)).map(({ order }) => order).sort()).toEqual(["o-1", "o-2", "o-3"]);
	expect(await acme.letters("&state=open")).toHaveLength(1);
	await acme.told({ "runs.succeeded": 3 });
	expect(await acme.bodiesAt("out")).toHaveLength(3);
});

test("the settings that another isolate has just been given count at once", async () => {
	const acme = await ready();
	const [id = ""] = await lost(acme, "o-1");
	const mended = env.DB.prepare("UPDATE sources SET config = ? WHERE tenant = ? AND name = 'shop'");
	await mended.bind(JSON.stringify(MENDED), acme.name).run();
	expect((await acme.call("POST", `/dead-letters/${id}/retry`)).status).toBe(202);
	expect(await bodies(acme, 1)).toEqual([{ order: "o-1" }]);
});

test("another input or version means nothing to one that has no step", async () => {
	const acme = await ready();
	const [id = ""] = await lost(acme, "o-1");
	await mend(acme);
	const select = { ids: [id] };
	const preview = (await acme.must("POST", "/replays", { select, version: "current" })).body;
	expect(preview.items).toMatchObject([{ passes: false, after: { reason: expect.stringContaining("no step") } }]);
	const { id: bulk } = (await acme.must("POST", "/replays", { select, version: "current", preview: false, expect: 1 }))
		.body;
	await beats(acme.name, 4);
	expect((await acme.must("GET", `/replays/${bulk}`)).body.failures).toMatchObject([
		{ reason: expect.stringContaining("retry it without another input or version") },
	]);
	expect(await acme.bodiesAt("out")).toEqual([]);
});

test("one of many events, some of which were taken in, acts on none of them twice, also when that was long ago", async () => {
	const acme = await Tenant.create();
	await acme.connect("out");
	await acme.source("crm", "hubspot", "client-secret");
	await acme.publish(workflow("told", "crm", ORDER));
	const event = (n: number) => ({
		...{ eventId: n, subscriptionId: 1, portalId: 2, appId: 3, occurredAt: 1_795_168_796_000 + n, attemptNumber: 0 },
		...{ objectId: 990 + n, subscriptionType: "object.propertyChange", objectTypeId: "0-3" },
		...{ propertyName: "amount", propertyValue: "1", changeSource: "CRM_UI", sourceId: "userId:1" },
	});
	const body = JSON.stringify([event(1), { nonsense: true }, event(2)]);
	const url = `https://signalbox.test/in/${acme.name}/crm`;
	const proof = await sign({ vendor: "hubspot", secret: "client-secret", body, id: "", at: Date.now(), url });
	const headers = { "content-type": "application/json", ...proof };
	const { dead_letter: id } = (await acme.deliver({ source: "crm", headers, body })).body;
	await bodies(acme, 2);
	await acme.told({ "runs.succeeded": 2 });
	const retry = () => acme.call("POST", `/dead-letters/${id}/retry`);
	for (const days of [0, 8]) {
		await pass(days * DAY);
		const vain = await retry();
		expect([vain.status, vain.body.detail]).toEqual([409, expect.stringContaining("still cannot be read")]);
		expect((await storedRuns(acme.name)).filter(({ status }) => status !== "succeeded")).toEqual([]);
	}
	await pass(TELLING_MS);
	expect(await acme.told({ "runs.succeeded": 2 })).toMatchObject({ events: 2, runs: 2 });
	expect(await acme.bodiesAt("out")).toHaveLength(2);
});

test("one that was delivered again once it could be read is not acted on twice, however late it is retried", async () => {
	const acme = await ready();
	const sent = numbered("o-1");
	const { dead_letter: id } = (await acme.deliver(sent)).body;
	await mend(acme);
	await acme.deliver(sent);
	await acme.told({ "runs.succeeded": 1 });
	await pass(8 * DAY);
	expect((await acme.call("POST", `/dead-letters/${id}/retry`)).status).toBe(202);
	expect(await acme.letters()).toMatchObject([{ state: "resolved" }]);
	expect((await storedRuns(acme.name)).filter(({ status }) => status !== "succeeded")).toEqual([]);
	expect(await acme.bodiesAt("out")).toHaveLength(1);
});

test("those that a bulk reads in vain are its failures, each with its reason", async () => {
	const acme = await ready();
	await lost(acme, "o-1", "o-2");
	const order = { select: { class: "unreadable" }, preview: false, expect: 2, per_minute: 600 };
	const { id } = (await acme.must("POST", "/replays", order)).body;
	await beats(acme.name, 4);
	const reasons = [{ reason: NO_ID }, { reason: NO_ID }];
	expect((await acme.must("GET", `/replays/${id}`)).body).toMatchObject({ done: 0, failed: 2, failures: reasons });
	expect(await acme.letters("&state=open")).toHaveLength(2);
});

test("while one is read, nobody else retries or discards it", async () => {
	const acme = await ready();
	const [id = ""] = await lost(acme, "o-1");
	await mend(acme);
	const real = env.ARCHIVE;
	const [held, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	const get = async (key: string) => {
		reached.resolve();
		await held.promise;
		return real.get(key);
	};
	Object.assign(env, { ARCHIVE: { get } });
	const retried = acme.call("POST", `/dead-letters/${id}/retry`);
	await reached.promise;
	expect((await acme.call("POST", `/dead-letters/${id}/retry`)).status).toBe(409);
	expect((await acme.call("POST", `/dead-letters/${id}/discard`, { reason: "in haste" })).status).toBe(409);
	held.resolve();
	Object.assign(env, { ARCHIVE: real });
	expect((await retried).status).toBe(202);
	expect(kinds((await acme.story(id)).story)).toEqual([
		...["delivery.unreadable", "dead_letter.retried", "dead_letter.resolved"],
	]);
});

test("one whose events cannot all be taken in is open, says so, and is taken in whole when it is retried", async () => {
	const acme = await ready();
	const [id = ""] = await lost(acme, "o-1");
	await mend(acme);
	const real = env.ENTITY;
	Object.assign(env, { ENTITY: { getByName: () => ({ accept: () => Promise.reject(new Error("overloaded")) }) } });
	const retry = () => acme.call("POST", `/dead-letters/${id}/retry`);
	expect((await retry()).status).toBe(503);
	Object.assign(env, { ENTITY: real });
	expect(await acme.letters("&state=open")).toMatchObject([{ id, reason: expect.stringContaining("retry it") }]);
	expect((await retry()).status).toBe(202);
	expect(await bodies(acme, 1)).toEqual([{ order: "o-1" }]);
});

test("one is not read by another connector than the one that it came through", async () => {
	const acme = await ready();
	const [id = ""] = await lost(acme, "o-1");
	await acme.must("DELETE", "/workflows/told");
	await acme.must("DELETE", "/sources/shop");
	await acme.source("shop", "hmac", SECRETS.shop, MENDED);
	const retried = await acme.call("POST", `/dead-letters/${id}/retry`);
	expect(retried.body.detail).toContain("it came from token, and the source shop is one of hmac now");
});

test("what is kept of one may be out of reach for a while, or gone", async () => {
	const acme = await ready();
	const [id = ""] = await lost(acme, "o-1");
	await mend(acme);
	const { story } = await acme.story(id);
	const retry = () => acme.call("POST", `/dead-letters/${id}/retry`);
	const real = env.ARCHIVE;
	const get = () => Promise.reject(new Error("the platform has trouble"));
	Object.assign(env, { ARCHIVE: { get } });
	expect((await retry()).status).toBe(503);
	Object.assign(env, { ARCHIVE: real });
	expect((await acme.story(id)).story).toEqual(story);
	await real.delete(String(story[0]?.data.archive));
	const gone = await retry();
	expect([gone.status, gone.body.detail]).toEqual([410, expect.stringContaining("Nothing is kept")]);
	await acme.must("POST", `/dead-letters/${id}/discard`, { reason: "a test" });
	expect(await acme.letters("&state=open")).toEqual([]);
	expect((await retry()).status).toBe(409);
});
