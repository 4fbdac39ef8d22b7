// What could not be stored is not answered with 200: the sender hears when to come back, nothing is half-written, and the
// same delivery is taken in full once the trouble is over.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { holdClock } from "../worker/support/clock";
import { cel, workflow } from "./support/documents";
import { breakTable, stored } from "./support/entities";
import { type Sent, shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const BODY = { order: cel("event.data.id"), n: cel("window.count") };
const DEBOUNCE = { timing: { debounce: { quiet: "10s", max_wait: "1m" } } };

async function ready(...documents: Parameters<Tenant["publish"]>[0][]): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	await acme.connect("out");
	for (const document of documents) await acme.publish(document);
	return acme;
}

async function isTurnedAway(acme: Tenant, sent: Sent): Promise<void> {
	const { status, headers, body } = await acme.deliver(sent);
	expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
	expect(headers.get("content-type")).toBe("application/problem+json");
	expect(body).toEqual({
		type: "about:blank",
		title: "The delivery could not be stored",
		status: 503,
		detail: "Nothing is lost if the delivery is sent again.",
	});
}

/** The platform's bindings, one of which fails for as long as `during` runs. */
async function failing(binding: "DB" | "ARCHIVE" | "JOURNAL", during: () => Promise<void>): Promise<void> {
	const real = env[binding];
	const fail = () => {
		throw new Error("the platform has trouble");
	};
	const broken = new Proxy({}, { get: () => fail });
	Object.assign(env, { [binding]: broken });
	try {
		await during();
	} finally {
		Object.assign(env, { [binding]: real });
	}
}

test.each(["receipt", "window", "run"] as const)(
	"an Entity that cannot write its %s writes nothing at all",
	async (table) => {
		const acme = await ready(workflow("settled", "shop", BODY, DEBOUNCE), workflow("at-once", "shop", BODY));
		const first = await acme.take(shop("order.paid", { id: "o-1" }));
		await acme.arrived("out", 1);
		await pass(20_000);
		await acme.arrived("out", 2);
		await acme.told({ "runs.succeeded": 2 });
		const before = await stored(acme.name);

		const mend = await breakTable(acme.name, table);
		const sent = shop("order.paid", { id: "o-1" });
		await isTurnedAway(acme, sent);
		await isTurnedAway(acme, sent);
		await pass(60_000);
		expect(await stored(acme.name)).toBe(before);
		expect(await acme.bodiesAt("out")).toHaveLength(2);
		await mend();

		const second = await acme.take(sent);
		expect(second).not.toBe(first);
		await acme.arrived("out", 3);
		await pass(10_000);
		await acme.arrived("out", 4);
		const counters = await acme.told({ "runs.succeeded": 4 });
		expect(counters).toMatchObject({ events: 2, runs: 4, attempts: 4 });
		expect(counters.duplicates).toBeUndefined();
	},
);

test("an event that nobody wants is turned away while the journal cannot take it", async () => {
	const acme = await ready();
	const sent = shop("order.paid", { id: "o-1" });
	await failing("JOURNAL", () => isTurnedAway(acme, sent));
	const id = await acme.take(sent);
	await acme.told({ events: 1 });
	expect((await acme.events()).map(({ event }) => event)).toEqual([id]);
});

test("an event that is wanted is taken while the journal has trouble, and told later", async () => {
	const acme = await ready(workflow("at-once", "shop", BODY));
	await failing("JOURNAL", async () => {
		await acme.take(shop("order.paid", { id: "o-1" }));
		await acme.arrived("out", 1);
		await acme.idle();
		await pass(30_000);
	});
	expect(await acme.events()).toEqual([]);
	await pass(300_000);
	expect(await acme.told({ "runs.succeeded": 1 })).toMatchObject({ events: 1, runs: 1, attempts: 1 });
});

test("what cannot be read is turned away while it cannot be kept", async () => {
	const acme = await ready();
	const sent = { ...shop("order.paid", { id: "o-1" }), body: "[]" };
	await failing("ARCHIVE", () => isTurnedAway(acme, sent));
	await pass(6_000);
	expect(await acme.letters()).toEqual([]);
	expect((await acme.deliver(sent)).body).toMatchObject({ events: [], unreadable: "the body is not a JSON object" });
	expect(await acme.letters()).toMatchObject([{ state: "open", class: "unreadable" }]);
});

test("a tenant whose settings cannot be read is turned away, unless they were read before", async () => {
	const acme = await ready(workflow("at-once", "shop", BODY));
	await failing("DB", () => isTurnedAway(acme, shop("order.paid", { id: "o-1" })));
	await acme.take(shop("order.paid", { id: "o-2" }));
	await acme.arrived("out", 1);
	// What was known is good for an hour without the registry; then it is too old.
	await pass(3_500_000);
	await failing("DB", async () => {
		await acme.take(shop("order.paid", { id: "o-3" }));
		await pass(200_000);
		await isTurnedAway(acme, shop("order.paid", { id: "o-4" }));
	});
	await acme.take(shop("order.paid", { id: "o-4" }));
});

test("what was verified and makes no sense to its connector is kept as it came, once, and waits for a person", async () => {
	const acme = await ready();
	const sent = shop("order.paid", { name: "no id" });
	const { status, body } = await acme.deliver(sent);
	expect([status, body]).toEqual([
		200,
		{
			events: [],
			unreadable: "no entity id: nothing at data.id; set entity_id to where it stands",
			dead_letter: expect.stringMatching(/^dl_[0-9a-f]{32}$/),
		},
	]);
	expect((await acme.deliver(sent)).body).toEqual(body);
	const [letter, ...more] = await acme.letters();
	expect(more).toEqual([]);
	expect(letter).toMatchObject({ id: body.dead_letter, state: "open", class: "unreadable", source: "shop", run: null });
	expect(await acme.events()).toMatchObject([
		{ kind: "delivery.unreadable", data: { source: "shop", source_system: "token" } },
	]);
	const { story } = await acme.story(letter?.id ?? "");
	const kept = await env.ARCHIVE.get(String(story[0]?.data.archive));
	expect(await kept?.text()).toBe(sent.body);
	expect(JSON.parse(kept?.customMetadata?.headers ?? "")).toEqual({ "content-type": "application/json" });
});

test("with it are kept the headers that tell what it was, as far as they fit, and none that holds a secret", async () => {
	const acme = await ready();
	const secret = "a-token-in-an-odd-place";
	await acme.source("odd", "token", secret, { header: "x-hook-id", entity_type: ["header:X-Kind"] });
	const headers = {
		...{ "x-hook-id": secret, "x-topic": "order.paid", "x-long-id": "x".repeat(2_000), "x-other": "1" },
		"x-kind": "read by its settings",
	};
	const { body } = await acme.deliver({ source: "odd", headers, body: "{}" });
	const { story } = await acme.story(String(body.dead_letter));
	const kept = await env.ARCHIVE.head(String(story[0]?.data.archive));
	expect(JSON.parse(kept?.customMetadata?.headers ?? "")).toMatchObject({
		...{ "x-topic": "order.paid", "x-kind": "read by its settings" },
	});
	expect(kept?.customMetadata?.headers).not.toMatch(/odd-place|x-long-id|x-other/);
});
