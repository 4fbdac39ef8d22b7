// Who gets in, and what is done once however often it is said.

import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { holdClock } from "../worker/support/clock";
import { cel } from "./support/documents";
import { gitHub, type Otherwise, SECRETS, type Sent, shop, standard, stripe } from "./support/senders";
import { kinds, Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const DEBOUNCED = {
	name: "settled",
	owner: "tests",
	on: { source: "github", event: "issue.updated" },
	timing: { debounce: { quiet: "10s", max_wait: "1m" } },
	steps: [{ id: "tell", use: "http.request", connection: "out", with: { body: { n: cel("window.count") } } }],
};

const IMMEDIATE = {
	name: "paid",
	owner: "tests",
	on: { source: "shop", event: "order.paid" },
	steps: [{ id: "tell", use: "http.request", connection: "out", with: { body: { order: cel("event.entity.id") } } }],
};

test("an event that is delivered again, one time after the other, starts once and is counted", async () => {
	const acme = await Tenant.create("shop");
	await acme.connect("out");
	await acme.publish(IMMEDIATE);
	const sent = shop("order.paid", { id: "o-1" });
	const first = await acme.take(sent);
	await acme.arrived("out", 1);
	await pass(60_000);
	for (let n = 0; n < 4; n++) expect(await acme.take(sent)).toBe(first);

	expect(await acme.told({ duplicates: 4 })).toMatchObject({ events: 1, runs: 1, attempts: 1, duplicates: 4 });
	expect(await acme.bodiesAt("out")).toEqual([{ order: "o-1" }]);
	const story = await acme.event(first);
	expect(kinds(story).slice(-4)).toEqual(Array.from({ length: 4 }, () => "event.duplicate"));
	expect(story.at(-1)?.data).toMatchObject({ times: 4, source: "shop" });
});

test("twenty deliveries of one event at the same moment start once", async () => {
	const acme = await Tenant.create("shop");
	await acme.connect("out");
	await acme.publish(IMMEDIATE);
	const sent = shop("order.paid", { id: "o-1" });
	const answers = await Promise.all(Array.from({ length: 20 }, () => acme.deliver(sent)));
	expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
	expect(new Set(answers.map(({ body }) => JSON.stringify(body.events))).size).toBe(1);
	await acme.arrived("out", 1);
	expect(await acme.told({ duplicates: 19 })).toMatchObject({ events: 1, runs: 1, attempts: 1, duplicates: 19 });
	expect(await acme.bodiesAt("out")).toHaveLength(1);
});

test("a redelivery counts nothing in an open window, puts nothing off, and reopens nothing that is closed", async () => {
	const acme = await Tenant.create("github");
	await acme.connect("out");
	await acme.publish(DEBOUNCED);
	const edits = [await gitHub({ title: "one" }), await gitHub({ title: "two" })];
	for (const edit of edits) await acme.take(edit);
	await pass(9_000);
	for (const edit of edits) await acme.take(edit);
	await pass(1_000);
	await acme.arrived("out", 1);
	for (const edit of edits) await acme.take(edit);
	await pass(60_000);
	expect(await acme.told({ duplicates: 4 })).toMatchObject({ events: 2, runs: 1, "verdicts.debounced": 2 });
	expect(await acme.bodiesAt("out")).toEqual([{ n: 2 }]);
});

test("an id counts within its source alone", async () => {
	const acme = await Tenant.create("shop");
	await acme.source("shop-two", "token", SECRETS.shop);
	await acme.connect("out");
	await acme.publish({ ...IMMEDIATE, on: [IMMEDIATE.on, { source: "shop-two", event: "order.*" }] });
	const ids = [];
	for (const source of ["shop", "shop-two"]) {
		ids.push(await acme.take(shop("order.paid", { id: "o-1" }, { id: "same", source })));
	}
	expect(new Set(ids).size).toBe(2);
	expect(await acme.arrived("out", 2)).toHaveLength(2);
});

const signers: [string, string, (otherwise: Otherwise) => Promise<Sent>][] = [
	["github", "x-hub-signature-256", (otherwise) => gitHub(otherwise)],
	["stripe", "stripe-signature", (otherwise) => stripe("charge.failed", { id: "ch_1", object: "charge" }, otherwise)],
	["accounts", "webhook-signature", (otherwise) => standard("user.created", { id: "u1" }, otherwise)],
	["shop", "x-webhook-token", async (otherwise) => shop("order.paid", { id: "o-1" }, otherwise)],
];

test.each(signers)("what %s did not sign is answered alike and leaves no trace", async (source, header, signed) => {
	const acme = await Tenant.create(source as keyof typeof SECRETS);
	const before = await listDurableObjectIds(env.ENTITY);
	const genuine = await signed({});
	const another = source === "accounts" ? `whsec_${btoa("another-secret-of-thirty-2-bytes")}` : "another-secret";
	const forged = [
		await signed({ secret: another }),
		{ ...genuine, headers: { ...genuine.headers, [header]: "" } },
		{ ...genuine, headers: { ...genuine.headers, [header]: `${genuine.headers[header]}0`.slice(1) } },
		...(source === "shop" ? [] : [{ ...genuine, body: genuine.body.replace(/\d/, "7 ").replace("7 ", "70") }]),
	];
	const answers = [];
	for (const delivery of forged) answers.push(await acme.deliver(delivery));
	for (const { status, headers, body } of answers) {
		expect(status).toBe(401);
		expect(headers.get("content-type")).toBe("application/problem+json");
		expect(body).toEqual(answers[0]?.body);
	}
	await pass(6_000);
	expect(await acme.events()).toEqual([]);
	expect(await listDurableObjectIds(env.ENTITY)).toHaveLength(before.length);
	expect((await acme.deliver(genuine)).status).toBe(200);
});

const FIVE_MINUTES = 300_000;

test.each(["stripe", "accounts"] as const)(
	"a delivery of %s that was signed too long ago, or ahead of time, is refused",
	async (source) => {
		const acme = await Tenant.create(source);
		const signed = (at: number) =>
			source === "stripe"
				? stripe("charge.failed", { id: "ch_1", object: "charge" }, { at })
				: standard("user.created", { id: "u1" }, { at });
		const statuses = [];
		for (const ago of [FIVE_MINUTES + 1_000, FIVE_MINUTES, 0, -FIVE_MINUTES, -FIVE_MINUTES - 1_000]) {
			statuses.push((await acme.deliver(await signed(Date.now() - ago))).status);
		}
		expect(statuses).toEqual([401, 200, 200, 200, 401]);
	},
);

test("a secret that was replaced is accepted until its grace is over, the new one at once", async () => {
	const acme = await Tenant.create("github");
	const status = async (secret: string) => (await acme.deliver(await gitHub({ secret }))).status;
	await acme.must("POST", "/sources/github/secrets", { secret: "the-next-github-secret", grace: "1h" });
	expect([await status(SECRETS.github), await status("the-next-github-secret")]).toEqual([200, 200]);
	await pass(3_599_000);
	expect(await status(SECRETS.github)).toBe(200);
	await pass(1_000);
	expect([await status(SECRETS.github), await status("the-next-github-secret")]).toEqual([401, 200]);
	// Whoever replaces all secrets at once leaves none of the old.
	await acme.must("PUT", "/sources/github", { connector: "github", secrets: ["a-third-github-secret"] });
	expect([await status("the-next-github-secret"), await status("a-third-github-secret")]).toEqual([401, 200]);
});

test("an event that nobody wants is recorded with the reason of each workflow, once, and opens no Entity", async () => {
	const acme = await Tenant.create("github", "shop");
	await acme.connect("out");
	await acme.publish(DEBOUNCED);
	await acme.publish({
		...DEBOUNCED,
		name: "by-bots",
		on: { ...DEBOUNCED.on, event: "issue.*", actors: ["automation"] },
	});
	await acme.publish({ ...DEBOUNCED, name: "titled", on: { ...DEBOUNCED.on, event: "*", if: 'changed("title")' } });
	const broken = { ...DEBOUNCED.on, event: "*", if: "event.data.nowhere == 1" };
	await acme.publish({ ...DEBOUNCED, name: "broken", on: broken });
	await acme.publish(IMMEDIATE);
	const before = await listDurableObjectIds(env.ENTITY);
	const sent = await gitHub({ action: "pinned", changes: {} });
	const id = await acme.take(sent);
	await acme.take(sent);
	await acme.told({ events: 1 });
	const [received, ...more] = await acme.event(id);
	expect(more).toEqual([]);
	expect(received?.data).toMatchObject({
		verdicts: [],
		unmatched: [
			{ workflow: "broken", reason: "expression", detail: expect.stringContaining("nowhere") },
			{ workflow: "by-bots", reason: "actor", detail: "on wants automation, and the actor is human" },
			{ workflow: "settled", reason: "event_type" },
			{ workflow: "titled", reason: "condition", detail: "on.if is false" },
		],
	});
	expect(await listDurableObjectIds(env.ENTITY)).toHaveLength(before.length);
});

test("an event that nobody wanted is acted on when it is delivered again to a workflow that does, and its record says so", async () => {
	const acme = await Tenant.create("shop");
	await acme.connect("out");
	const sent = shop("order.paid", { id: "o-1" });
	const id = await acme.take(sent);
	await acme.told({ events: 1 });
	await acme.publish(IMMEDIATE);
	await acme.take(sent);
	await acme.arrived("out", 1);
	await acme.told({ "runs.succeeded": 1 });
	const facts = await acme.event(id);
	expect(facts.flatMap(({ data }) => data.verdicts ?? [])).toMatchObject([{ workflow: "paid", verdict: "started" }]);
});
