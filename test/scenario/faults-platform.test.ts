// Faults of the platform and of what it hands us: messages that come again, consumers that die, messages that are none of
// ours, credentials that expire while a run is under way. Beside each, a neighbour on another connection ends well.

import { describe, expect, test } from "vitest";
import { LEASE_MARGIN_MS } from "../../src/core/run/dispatch";
import { holdClock } from "../worker/support/clock";
import { type Death, deliver, killConsumers, multiplyMessages, watchDeliveries } from "./support/consumers";
import { cel, step } from "./support/documents";
import { ACTS, type Expected, LOOK, POST, POSTS } from "./support/fault-rows";
import { endingOf, type Fault, neighbourIsWell, prepared, settle } from "./support/faults";
import { arrivedAt, script } from "./support/outside";
import { shop } from "./support/senders";
import type { Tenant } from "./support/tenant";
import { pass, until } from "./support/time";

holdClock();

/** Longer than any lease of these tests. */
const LEASE_MS = 3_000 + LEASE_MARGIN_MS;
const ONCE: Expected = {
	run: "succeeded",
	attempts: 1,
	outcomes: ["succeeded"],
	requests: ["POST"],
	acted: 1,
	letter: null,
};

const SLACK: Fault = { connector: "slack", answers: [POSTS, "slack_history"] };
const SLACK_LATER: Fault = { connector: "slack", answers: ["slack_history", POSTS] };

function start(acme: Tenant): Promise<string> {
	return acme.take(shop("order.paid", { id: "o-1" }));
}

describe("a message that comes again", () => {
	test("three times at once: the step is carried out once", async () => {
		const acme = await prepared({ answers: [{ ...ACTS, after: 100 }] });
		multiplyMessages(3);
		await start(acme);
		await neighbourIsWell(acme);
		await settle(acme);
		expect(await endingOf(acme)).toMatchObject(ONCE);
	});

	test("while its request is under way: the step is carried out once", async () => {
		const acme = await prepared({ answers: [{ ...ACTS, after: 100 }] });
		const sending = multiplyMessages(1);
		await start(acme);
		await acme.arrived("out", 1);
		const sent = [...sending];
		const delivered = watchDeliveries();
		await deliver(sent);
		await neighbourIsWell(acme);
		await settle(acme);
		await until("it was delivered", async () => delivered.length === sent.length);
		expect(await endingOf(acme)).toMatchObject(ONCE);
	});

	test("when its step is over and its run goes on: the step is not carried out again", async () => {
		const acme = await prepared({ answers: [ACTS] });
		const pause = { id: "pause", use: "wait", needs: ["tell"], with: { for: "1h" } };
		const steps = [step("tell", { order: cel("event.entity.id") }), pause];
		await acme.publish({ name: "faulty", owner: "tests", on: { source: "shop", event: "*" }, steps });
		const sending = multiplyMessages(1);
		await start(acme);
		await neighbourIsWell(acme);
		await acme.stepIs("sleeping");
		const sent = [...sending];
		const delivered = watchDeliveries();
		await deliver([...sent, ...sent]);
		await until("all were delivered", async () => delivered.length === 2 * sent.length);
		await pass(3_600_000);
		await settle(acme);
		expect(await endingOf(acme)).toMatchObject(ONCE);
	});

	test("when its run is over: nothing happens", async () => {
		const acme = await prepared({ answers: [ACTS] });
		const sending = multiplyMessages(1);
		await start(acme);
		await neighbourIsWell(acme);
		await settle(acme);
		const sent = [...sending];
		const delivered = watchDeliveries();
		await deliver([...sent, ...sent]);
		await until("all were delivered", async () => delivered.length === 2 * sent.length);
		expect(await endingOf(acme)).toMatchObject(ONCE);
	});
});

describe("a consumer that dies", () => {
	/** On a queue of its own, since what is in the same hands dies with them. */
	const APART = { priority: "urgent" };
	const TWICE: Expected = { ...ONCE, attempts: 2, outcomes: ["unknown", "succeeded"], told: [null, 200] };

	const deaths: [where: Death, what: string, of: Fault, ends: Expected][] = [
		["before it claims", "a request", { answers: [ACTS] }, ONCE],
		["when it has claimed", "a request", { answers: [ACTS] }, TWICE],
		["before it reports", "a request", { answers: [ACTS] }, { ...TWICE, requests: ["POST", "POST"], keys: 1 }],
		["before it claims", "a message to Slack", { ...SLACK, answers: [POSTS] }, { ...ONCE, requests: [POST] }],
		["when it has claimed", "a message to Slack", SLACK_LATER, { ...TWICE, requests: [LOOK, POST] }],
		["before it reports", "a message to Slack", SLACK, { ...TWICE, requests: [POST, LOOK] }],
	];

	test.each(deaths)("%s, with %s in hand: another carries it out", async (where, _, fault, ends) => {
		const acme = await prepared({ ...fault, neighbour: APART });
		const { left } = killConsumers(where, 1);
		await start(acme);
		await neighbourIsWell(acme);
		await until("it is dead", async () => left() === 0);
		await pass(LEASE_MS);
		await settle(acme);
		expect(await endingOf(acme)).toMatchObject(ends);
	});

	test("takes along what it has in hand beside: that costs time, and is done once all the same", async () => {
		const acme = await prepared({ answers: [ACTS] });
		await script(acme.place("beside"), { ...ACTS, after: 300 });
		const { delivered } = killConsumers("when it has claimed", 1);
		await start(acme);
		await until("both have come again", async () => delivered.filter(({ attempts }) => attempts === 2).length === 2);
		await pass(30_000 + LEASE_MS);
		await settle(acme, "faulty");
		await settle(acme, "neighbour");
		await acme.told({ "runs.succeeded": 2 });
		expect((await arrivedAt(acme.place("beside"))).filter(({ acted }) => acted)).toHaveLength(1);
		expect(await acme.letters()).toEqual([]);
	});

	test("of one message whenever it gets it: its step becomes a letter, whose retry sends it again under its key", async () => {
		const acme = await prepared({ answers: [ACTS], neighbour: APART });
		const { delivered } = killConsumers("before it claims", 18);
		await start(acme);
		await neighbourIsWell(acme);
		await settle(acme);
		expect(delivered.map(({ queue }) => queue).slice(-2)).toEqual(["signalbox-actions", "signalbox-actions-dead"]);
		const reason = "the consumer failed on this step every time the queue delivered it";
		const letter = expect.objectContaining({ state: "open", class: "consumer_crash", reason });
		expect(await endingOf(acme)).toMatchObject({ run: "failed", attempts: 0, requests: [], letter });
		await acme.must("POST", `/dead-letters/${(await acme.letters())[0]?.id}/retry`);
		await acme.told({ "dead_letters.resolved": 1 });
		const expected = { ...ONCE, letter: expect.objectContaining({ state: "resolved" }) };
		expect(await endingOf(acme)).toMatchObject(expected);
	});
});

const LONG = "x".repeat(30_000);
test("credentials that expire in the middle of a run: the first step stays, the second waits for new ones", async () => {
	const acme = await prepared({});
	await acme.publish({
		...{ name: "faulty", owner: "tests", on: { source: "shop", event: "*" } },
		steps: [step("first", { n: 1 }), step("tell", { order: cel("event.entity.id") }, { needs: ["first"] })],
	});
	await script(acme.place("out"), ACTS, { status: 401, body: { error: "token expired" } }, ACTS);
	await start(acme);
	await neighbourIsWell(acme);
	await settle(acme);
	const letter = { state: "open", class: "auth", reason: "the target answered 401", step: "tell", connection: "out" };
	expect(await endingOf(acme)).toMatchObject({ run: "failed", attempts: 1, told: [401], letter });
	await acme.connect("out", { credentials: { headers: { authorization: "Bearer a-new-token" } } });
	await acme.must("POST", `/dead-letters/${(await acme.letters())[0]?.id}/retry`);
	await acme.told({ "dead_letters.resolved": 1 });
	const ends = { run: "succeeded", attempts: 2, outcomes: ["permanent", "succeeded"], told: [401, 200], acted: 2 };
	expect(await endingOf(acme)).toMatchObject({ ...ends, letter: { state: "resolved" } });
	const [first, refused, again] = await arrivedAt(acme.place("out"));
	expect([first, refused, again].map((request) => JSON.parse(request?.body ?? ""))).toEqual([
		...[{ n: 1 }, { order: "o-1" }, { order: "o-1" }],
	]);
	expect(again?.headers["idempotency-key"]).toBe(refused?.headers["idempotency-key"]);
	expect(refused?.headers.authorization).toBe("Bearer very-secret-token");
	expect(again?.headers.authorization).toBe("Bearer a-new-token");
});

describe("a message that is none of ours", () => {
	const dropped: [string, unknown][] = [
		["nothing", null],
		["a number", 7],
		["a text", "retry please"],
		["a list", []],
		["an empty object", {}],
		["without a step", { tenant: "acme", entity_key: "e:x/y/z", run: "run_1.wf" }],
		["of parts that are no texts", { tenant: 1, entity_key: {}, run: null, step: [] }],
		["of a tenant that is not there", { tenant: "nobody", entity_key: "e:x/y/z", run: "run_1.wf", step: "tell" }],
		["of a tenant that is no name", { tenant: "a|b", entity_key: "|", run: "run_1.wf", step: "tell" }],
		["with an oversized run and step", { tenant: "acme", entity_key: "e:x/y/z", run: LONG, step: LONG }],
	];
	const unnamed: [string, unknown][] = [
		["of empty parts", { tenant: "", entity_key: "", run: "", step: "" }],
		["with half of a character", { tenant: "\ud800", entity_key: "e:\ud800", run: "run_1.wf", step: "\ud800" }],
		["with oversized ids", { tenant: LONG, entity_key: LONG, run: LONG, step: LONG }],
		["with an oversized key", { tenant: "acme", entity_key: LONG, run: "run_1.wf", step: "tell" }],
	];

	/** Two before the step's own message and one after it; how often they were delivered until the run was over. */
	async function among(poison: unknown): Promise<number> {
		const acme = await prepared({ answers: [ACTS] });
		const delivered = watchDeliveries();
		const deliveries = () => delivered.filter(({ body }) => JSON.stringify(body) === JSON.stringify(poison)).length;
		await deliver([poison, poison]);
		await start(acme);
		await deliver([poison]);
		await neighbourIsWell(acme);
		await settle(acme);
		await until("all were delivered", async () => deliveries() >= 3);
		expect(await endingOf(acme)).toMatchObject(ONCE);
		return deliveries();
	}

	test.each(dropped)("%s, is dropped at once, and harms nobody", async (_, body) => {
		expect(await among(body)).toBe(3);
	});

	test.each(unnamed)("%s, harms nobody, however often it comes", async (_, body) => {
		expect(await among(body)).toBeGreaterThanOrEqual(3);
	});
});
