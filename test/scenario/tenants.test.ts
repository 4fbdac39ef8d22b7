// Two tenants that have everything in common but their name: what is sent to one is never seen, done or told in the other.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { entityName } from "../../src/model/names";
import { entityOf } from "../../src/stubs";
import { holdClock } from "../worker/support/clock";
import { cel, workflow } from "./support/documents";
import { storedRuns } from "./support/entities";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const BODY = { who: cel("event.tenant_id"), orders: cel("window.event_ids.size()") };

/** The same sources, connections and workflows under two names. */
async function twins(): Promise<[Tenant, Tenant]> {
	const both: [Tenant, Tenant] = [await Tenant.create("shop"), await Tenant.create("shop")];
	for (const tenant of both) {
		await tenant.connect("out", { credentials: { headers: { authorization: `Bearer secret-of-${tenant.name}` } } });
		await tenant.publish(workflow("at-once", "shop", BODY));
		const timing = { debounce: { quiet: "10s", max_wait: "1m" } };
		await tenant.publish(workflow("grouped", "shop", BODY, { key: '"all"', timing }));
	}
	return both;
}

test("the same event of the same entity under the same id meets itself in no other tenant", async () => {
	const [acme, globex] = await twins();
	const sent = shop("order.paid", { id: "o-1" }, { id: "same" });
	const ids = [await acme.take(sent), await globex.take(sent), await acme.take(sent)];
	expect(new Set(ids).size).toBe(2);
	expect(ids[0]).toBe(ids[2]);
	await acme.take(shop("order.paid", { id: "o-2" }));
	await acme.handedOn(2);
	await globex.handedOn(1);
	await pass(10_000);
	for (const [tenant, requests, orders] of [
		[acme, 3, 2],
		[globex, 2, 1],
	] as const) {
		const arrived = await tenant.arrived("out", requests);
		expect(new Set(arrived.map(({ headers }) => headers.authorization))).toEqual(
			new Set([`Bearer secret-of-${tenant.name}`]),
		);
		const bodies = arrived.map(({ body }) => JSON.parse(body));
		expect(bodies.every(({ who }) => who === tenant.name)).toBe(true);
		expect(Math.max(...bodies.map((body) => body.orders))).toBe(orders);
	}
	expect(await acme.told({ "runs.succeeded": 3, duplicates: 1 })).toMatchObject({ events: 2, runs: 3, duplicates: 1 });
	const counters = await globex.told({ "runs.succeeded": 2 });
	expect(counters).toMatchObject({ events: 1, runs: 2 });
	expect(counters.duplicates).toBeUndefined();
});

test("a token sees what is its own; everything of another tenant answers as if it were not there", async () => {
	const [acme, globex] = await twins();
	await script(globex.place("out"), { status: 404 });
	const sent = shop("order.paid", { id: "o-1" });
	const [own, foreign] = [await acme.take(sent), await globex.take(sent)];
	await acme.arrived("out", 1);
	await globex.arrived("out", 1);
	await acme.told({ events: 1 });
	await globex.told({ dead_letters: 1 });
	const [letter] = await globex.letters();
	const token = await acme.token("read", "operate", "publish", "admin");
	const trace = foreign.slice("evt_".length);

	const answers = (tenant: Tenant, method: string, path: string, body?: unknown) =>
		tenant.call(method, path, body, token);
	for (const [method, path, body] of [
		["GET", ""],
		["GET", "/events"],
		["GET", `/events/${foreign}`],
		["GET", `/traces/${trace}`],
		["GET", "/runs"],
		["GET", `/runs/${letter?.run}`],
		["GET", "/dead-letters"],
		["GET", `/dead-letters/${letter?.id}`],
		["POST", `/dead-letters/${letter?.id}/retry`],
		["POST", `/dead-letters/${letter?.id}/discard`, { reason: "mine now" }],
		["GET", "/sources/shop"],
		["GET", "/connections/out"],
		["GET", "/workflows/at-once"],
		["POST", "/workflows", workflow("theirs", "shop", BODY)],
		["DELETE", "/workflows/at-once"],
		["GET", "/metrics"],
		["POST", "/tokens", { title: "mine", scopes: ["admin"] }],
	] as const) {
		const { status, body: problem } = await answers(globex, method, path, body);
		expect([method, path, status]).toEqual([method, path, 404]);
		expect(problem.detail).toBe(`There is no tenant ${globex.name} that this token can see.`);
	}
	// Nor do the ids of another tenant name anything under one's own.
	for (const path of [
		`/events/${foreign}`,
		`/traces/${trace}`,
		`/runs/${letter?.run}`,
		`/dead-letters/${letter?.id}`,
	]) {
		expect([path, (await answers(acme, "GET", path)).status]).toEqual([path, 404]);
	}
	expect((await answers(acme, "POST", `/dead-letters/${letter?.id}/retry`)).status).toBe(404);
	const { items } = (await answers(acme, "GET", "/events")).body;
	expect(items.map((fact: { event: string; tenant: string }) => [fact.event, fact.tenant])).toEqual([[own, acme.name]]);
	expect(JSON.stringify((await answers(acme, "GET", "/runs")).body)).not.toContain(globex.name);

	const { cursor } = (await globex.must("GET", "/runs?limit=1")).body;
	expect(cursor).not.toBeNull();
	const borrowed = await answers(acme, "GET", `/runs?cursor=${cursor}`);
	expect([borrowed.status, borrowed.body.errors]).toEqual([400, [expect.objectContaining({ path: "query.cursor" })]]);
	// The letter of the other tenant still waits.
	expect((await globex.letters()).map(({ state }) => state)).toEqual(["open"]);
});

test("a source answers for its own tenant: the secret of one opens no door of the other", async () => {
	const [acme, globex] = await twins();
	await globex.must("PUT", "/sources/shop", { connector: "token", secrets: ["a-secret-of-globex-alone"] });
	const ofAcme = shop("order.paid", { id: "o-1" });
	expect([(await acme.deliver(ofAcme)).status, (await globex.deliver(ofAcme)).status]).toEqual([200, 401]);
	const ofGlobex = shop("order.paid", { id: "o-1" }, { secret: "a-secret-of-globex-alone" });
	expect([(await acme.deliver(ofGlobex)).status, (await globex.deliver(ofGlobex)).status]).toEqual([401, 200]);
});

test("an object refuses an event that claims another tenant, whatever its name says", async () => {
	const [acme, globex] = await twins();
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("out", 1);
	const event = await eventIn(acme);
	const calls = () => entityOf(env, globex.name, "e:token/order/o-1");
	const refused = await calls()
		.accept({ event, plans: [], unmatched: [] })
		.then(() => "taken", String);
	expect(refused).toContain("belongs to another tenant");
	expect(await storedRuns(globex.name)).toEqual([]);
});

test("names that are made of each other's parts name different objects", async () => {
	// `a` with the key `1:b|e:x` and `1:b` could only meet if lengths and separators did not hold them apart.
	const names = [
		...[entityName("a", "e:b|c"), entityName("a", "b|e:c"), entityName("ab", "e:c"), entityName("a-b", "e:c")],
		...[entityName("a", "-b|e:c"), entityName("a", "1:a|e:c"), entityName("a", "")],
	];
	expect(new Set(names).size).toBe(names.length);
	expect(new Set(names.map((name) => String(env.ENTITY.idFromName(name)))).size).toBe(names.length);
});

async function eventIn(tenant: Tenant): Promise<string> {
	const stub = env.ENTITY.getByName(entityName(tenant.name, "e:token/order/o-1"));
	const [row] = await runInDurableObject(stub, (_, { storage }) =>
		storage.sql.exec<{ event: string }>("SELECT event FROM receipt").toArray(),
	);
	return row?.event ?? "";
}
