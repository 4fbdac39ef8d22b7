// Many messages at once, and what goes wrong around the attempts: none of them may harm another, and none may be lost.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { consumeActions, consumeDeadActions } from "../../src/delivery/consumer";
import type { ActionMessage } from "../../src/model/message";
import { connectionName } from "../../src/model/names";
import { consume, handle } from "./support/batch";
import { holdClock } from "./support/clock";
import { Office, type OfficeStep, replaceBindings, type Started } from "./support/office";
import { holdQueues } from "./support/queues";
import { Target } from "./support/receiver";
import type { Answer } from "./support/receiver-setup";

const queues = holdQueues();
const clock = holdClock();

const tell: OfficeStep = { id: "tell", connection: "out" };
const HALF_HOUR = 1_800_000;

/** An office with one connection to a target that answers like this. */
async function open(...answers: Answer[]): Promise<{ office: Office; target: Target }> {
	const office = await Office.open(queues);
	const target = await new Target().answers(...answers);
	await office.connect("out", target.url);
	await office.publish("forward", [tell]);
	return { office, target };
}

async function statusOf({ home, run }: Started, id = "tell"): Promise<string> {
	const step = (await home.storedRun(run)).steps.find(({ plan }) => plan.id === id);
	return `${step?.status} after ${step?.attempts}`;
}

function messageOf({ home, run }: Started, step = "tell"): ActionMessage {
	return { tenant: home.tenant, entity_key: home.key, run, step };
}

describe("a target that asks for a pause", () => {
	test.each<[string, () => string]>([
		["in seconds", () => "1800"],
		["as a date", () => new Date(clock.now() + HALF_HOUR).toUTCString()],
	])("%s gets one, for everything that goes there, which costs no attempt", async (_, retryAfter) => {
		const { office, target } = await open();
		await target.answers({ status: 429, headers: { "retry-after": retryAfter() } }, {});
		const runs: Started[] = [];
		for (let n = 0; n < 12; n++) runs.push(await office.startAgain("forward", [tell]));
		await office.deliver();
		// Six are under way at once; those that begin after the answer know of the pause.
		const arrived = (await target.arrived()).length;
		expect(arrived).toBeLessThanOrEqual(6);
		const statuses = await Promise.all(runs.map((run) => statusOf(run)));
		expect(statuses.filter((status) => status === "waiting after 1")).toHaveLength(1);
		expect(statuses.filter((status) => status === "waiting after 0")).toHaveLength(12 - arrived);
		// So does a later batch, which is called when it is over.
		const later = await office.startAgain("forward", [tell]);
		await office.deliver();
		expect(await statusOf(later)).toBe("held after 0");
		const connection = env.CONNECTION.getByName(connectionName(office.tenant, "out"));
		const over = (await runInDurableObject(connection, (_, { storage }) => storage.getAlarm())) ?? 0;
		expect(over - clock.now()).toBeGreaterThanOrEqual(HALF_HOUR);
		expect(over - clock.now()).toBeLessThan(HALF_HOUR * 1.1);
		clock.advance(HALF_HOUR * 1.1);
		await runDurableObjectAlarm(connection);
		for (const { home } of [...runs, later]) await home.ring();
		await office.deliver();
		for (const run of [...runs, later]) expect(await statusOf(run)).toMatch(/^succeeded/);
		expect(await target.arrived()).toHaveLength(14);
	});

	test("holds up no other connection, and no other tenant's of the same name", async () => {
		const paused = await open({ status: 429, headers: { "retry-after": "1800" } });
		const other = await open();
		const side = await new Target().answers({});
		await paused.office.connect("side", side.url);
		await paused.office.publish("aside", [{ ...tell, connection: "side" }]);
		const first = await paused.office.startAgain("forward", [tell]);
		await paused.office.deliver();
		const runs = [
			await paused.office.startAgain("forward", [tell]),
			await paused.office.startAgain("aside", [{ ...tell, connection: "side" }]),
			await other.office.startAgain("forward", [tell]),
		];
		await consume(
			consumeActions,
			runs.map((run) => messageOf(run)),
		);
		expect(await Promise.all([first, ...runs].map((run) => statusOf(run)))).toEqual([
			"waiting after 1",
			"held after 0",
			"succeeded after 1",
			"succeeded after 1",
		]);
	});

	test("has its attempt reported, though its Connection cannot be told", async () => {
		const { office } = await open({ status: 429, headers: { "retry-after": "1800" } });
		const run = await office.startAgain("forward", [tell]);
		const overloaded = () => Promise.reject(new Error("overloaded"));
		const restore = replaceBindings({ CONNECTION: { getByName: () => ({ admit: overloaded, pause: overloaded }) } });
		expect(await office.deliver()).toEqual(["acked"]);
		restore();
		expect(await statusOf(run)).toBe("waiting after 1");
		expect((await run.home.storedRun(run.run)).steps[0]?.due_at).toBeGreaterThanOrEqual(clock.now() + HALF_HOUR);
	});
});

describe("a poisoned message", () => {
	const malformed = [null, 7, "text", [], {}, { tenant: "acme" }, { tenant: 1, entity_key: {}, run: null, step: [] }];

	test.each(malformed.map((body) => [body]))("like %j is dropped, and its neighbours arrive", async (body) => {
		const { office, target } = await open({});
		const runs = [await office.startAgain("forward", [tell]), await office.startAgain("forward", [tell])];
		const [first, second] = runs.map((run) => messageOf(run));
		expect(await consume(consumeActions, [first, body, second])).toEqual(["acked", "acked", "acked"]);
		expect(await target.arrived()).toHaveLength(2);
		expect(await consume(consumeDeadActions, [body])).toEqual(["acked"]);
	});

	test("about a run or a step that nobody knows is dropped", async () => {
		const { office, target } = await open({});
		const run = await office.startAgain("forward", [tell]);
		const known = messageOf(run);
		const bodies = [
			{ ...known, run: "run_x.y" },
			{ ...known, step: "other" },
			{ ...known, entity_key: "e:x/y/z" },
			known,
		];
		expect(await consume(consumeActions, bodies)).toEqual(["acked", "acked", "acked", "acked"]);
		expect(await target.arrived()).toHaveLength(1);
	});

	test("whose Entity fails comes again, and its neighbours arrive", async () => {
		const { office, target } = await open({});
		const runs = [await office.startAgain("forward", [tell]), await office.startAgain("forward", [tell])];
		const ill = runs[0]?.home;
		await ill?.evict();
		const mend = await ill?.breakTable("run");
		const bodies = runs.map((run) => messageOf(run));
		expect(await consume(consumeActions, bodies)).toEqual(["retried", "acked"]);
		await mend?.();
		expect(await consume(consumeActions, bodies)).toEqual(["acked", "acked"]);
		expect(await target.arrived()).toHaveLength(2);
	});

	test("that comes twice at once is carried out once", async () => {
		const { office, target } = await open({ after: 100 });
		const run = await office.startAgain("forward", [tell]);
		expect(await consume(consumeActions, [messageOf(run), messageOf(run), messageOf(run)])).toEqual([
			"acked",
			"acked",
			"acked",
		]);
		await office.deliver();
		expect(await target.arrived()).toHaveLength(1);
		expect(await statusOf(run)).toBe("succeeded after 1");
	});

	test("a batch of twenty-five arrives whole", async () => {
		const { office, target } = await open({});
		const runs: Started[] = [];
		for (let n = 0; n < 25; n++) runs.push(await office.startAgain("forward", [tell]));
		expect(new Set(await office.deliver())).toEqual(new Set(["acked"]));
		expect(await target.arrived()).toHaveLength(25);
		expect(new Set(await Promise.all(runs.map((run) => statusOf(run))))).toEqual(new Set(["succeeded after 1"]));
	});
});

test("a target that is slow does not hold up the steps of another in its batch", async () => {
	const { office, target: slow } = await open({ after: 1_000 });
	const quick = await new Target().answers({});
	await office.connect("side", quick.url);
	await office.publish("aside", [{ ...tell, connection: "side" }]);
	await office.publish("slowly", [{ ...tell, timeout_ms: 10_000 }]);
	for (let n = 0; n < 15; n++) await office.startAgain("slowly", [tell]);
	for (let n = 0; n < 5; n++) await office.startAgain("aside", [{ ...tell, connection: "side" }]);
	expect(new Set(await office.deliver())).toEqual(new Set(["acked"]));
	const [lastQuick = Number.NaN] = (await quick.arrived()).map(({ nth }) => nth).slice(4);
	expect((await slow.arrived()).filter(({ nth }) => nth > lastQuick).length).toBeGreaterThanOrEqual(8);
	expect(await slow.arrived()).toHaveLength(15);
});

describe("a target that is slow", () => {
	async function slowly(after: number, timeout_ms: number, steps: number) {
		const { office, target } = await open({ after });
		const slow = { ...tell, timeout_ms };
		const version = await office.publish("slowly", [slow]);
		const runs: Started[] = [];
		for (let n = 0; n < steps; n++) runs.push(await office.startAgain("slowly", [slow], version));
		return { target, runs, handled: await handle(consumeActions, queues.actions.sent.splice(0)) };
	}

	test("does not hold up the queue: its batch is acknowledged while its attempts go on", async () => {
		const { target, runs, handled } = await slowly(4_000, 15_000, 6);
		expect(handled.ms).toBeLessThan(3_000);
		expect(new Set(handled.fates)).toEqual(new Set(["acked"]));
		await handled.background;
		expect(await target.arrived()).toHaveLength(6);
		expect(new Set(await Promise.all(runs.map((run) => statusOf(run))))).toEqual(new Set(["succeeded after 1"]));
	});

	test("holds up the queue as long as the background would not bear what is left of its time-out", async () => {
		const { runs, handled } = await slowly(5_000, 25_500, 1);
		expect(handled.ms).toBeGreaterThanOrEqual(3_400);
		expect(handled.ms).toBeLessThan(4_900);
		await handled.background;
		expect(await Promise.all(runs.map((run) => statusOf(run)))).toEqual(["succeeded after 1"]);
	});

	test("is not waited for in the batch: steps that find no lane come back, which costs no attempt", async () => {
		const { target, runs, handled } = await slowly(4_500, 10_000, 10);
		await handled.background;
		expect(await target.arrived()).toHaveLength(6);
		const statuses = await Promise.all(runs.map((run) => statusOf(run)));
		expect(statuses.filter((status) => status === "waiting after 0")).toHaveLength(4);
		expect(statuses.filter((status) => status === "succeeded after 1")).toHaveLength(6);
	});
});

describe("a report that cannot be made", () => {
	test("is made again, also after the object was reset", async () => {
		const { office, target } = await open({ after: 300 });
		const run = await office.startAgain("forward", [{ ...tell, repeatable: false, on_unknown: "stop" }]);
		const delivering = office.deliver();
		await expect.poll(() => target.arrived()).toHaveLength(1);
		const mend = await run.home.breakTable("run");
		await new Promise((resolve) => setTimeout(resolve, 700));
		await mend();
		await run.home.abort();
		expect(await delivering).toEqual(["acked"]);
		expect(await target.arrived()).toHaveLength(1);
		expect(await statusOf(run)).toBe("succeeded after 1");
	});

	test("for too long costs another attempt under the same key", async () => {
		const { office, target } = await open({});
		const run = await office.startAgain("forward", [tell]);
		const [message] = queues.actions.sent;
		await run.home.sql("CREATE TRIGGER no_report BEFORE UPDATE ON run BEGIN SELECT RAISE(ABORT, 'not now'); END");
		expect(await office.deliver()).toEqual(["acked"]);
		await run.home.sql("DROP TRIGGER no_report");
		// The queue brings it again while its lease lasts: it is not carried out beside itself.
		expect(await consume(consumeActions, [message])).toEqual(["acked"]);
		expect(await target.arrived()).toHaveLength(1);
		clock.advance(30_000);
		await run.home.ring();
		clock.advance(2_000);
		await run.home.ring();
		await office.deliver();
		expect(await statusOf(run)).toBe("succeeded after 2");
		const keys = (await target.arrived()).map(({ headers }) => headers["idempotency-key"]);
		expect(keys).toHaveLength(2);
		expect(new Set(keys).size).toBe(1);
	});
});

describe("what came back from the dead", () => {
	test("is sent twice more, and then ends its step as a dead letter, and its neighbours too", async () => {
		const { office, target } = await open({});
		const runs = [await office.startAgain("forward", [tell]), await office.startAgain("forward", [tell])];
		for (const sent of [2, 3, 3]) {
			const messages = runs.map((run) => messageOf(run));
			expect(await consume(consumeDeadActions, messages)).toEqual(["acked", "acked"]);
			for (const { home, run } of runs) {
				expect(await home.storedRun(run)).toMatchObject({ steps: [{ dispatches: sent }] });
			}
		}
		for (const { home, run } of runs) {
			expect(await home.storedRun(run)).toMatchObject({ status: "failed", steps: [{ class: "consumer_crash" }] });
		}
		await office.deliver();
		expect(await target.arrived()).toEqual([]);
	});

	test("changes nothing about a step that was carried out meanwhile", async () => {
		const { office } = await open({});
		const run = await office.startAgain("forward", [tell]);
		await office.deliver();
		await consume(consumeDeadActions, [messageOf(run)]);
		expect(await statusOf(run)).toBe("succeeded after 1");
	});

	test("is kept while its Entity cannot take it", async () => {
		const { office } = await open({});
		const run = await office.startAgain("forward", [tell]);
		await run.home.evict();
		const mend = await run.home.breakTable("run");
		expect(await consume(consumeDeadActions, [messageOf(run)])).toEqual(["retried"]);
		await mend();
		for (let n = 0; n < 3; n++) expect(await consume(consumeDeadActions, [messageOf(run)])).toEqual(["acked"]);
		expect(await statusOf(run)).toBe("failed after 0");
	});
});

describe("steps side by side", () => {
	const steps: OfficeStep[] = [
		{ id: "tell", connection: "out" },
		{ id: "file", connection: "side" },
	];

	async function sideBySide() {
		const { office, target } = await open({});
		const side = await new Target().answers({ status: 404 });
		await office.connect("side", side.url);
		const run = await office.start("both", steps);
		await office.deliver();
		return { office, target, side, run };
	}

	test("have fates of their own", async () => {
		const { run } = await sideBySide();
		expect(await run.home.storedRun(run.run)).toMatchObject({
			status: "partial",
			steps: [{ status: "succeeded" }, { status: "failed", class: "not_found" }],
		});
	});

	test("are retried one by one: what succeeded is not sent again, and the key is the same", async () => {
		const { office, target, side, run } = await sideBySide();
		await run.home.abort();
		await side.answers({ status: 404 });
		expect(await run.home.calls.resume(run.run, "file", "ann")).toBe("ok");
		await office.deliver();
		expect(await statusOf(run, "file")).toBe("failed after 1");
		await side.answers({});
		expect(await run.home.calls.resume(run.run, "file", "ann")).toBe("ok");
		await office.deliver();
		expect(await run.home.storedRun(run.run)).toMatchObject({ status: "succeeded" });
		expect(await target.arrived()).toHaveLength(1);
		const keys = (await side.arrived()).map(({ headers }) => headers["idempotency-key"]);
		expect(keys).toHaveLength(3);
		expect(new Set(keys)).toEqual(new Set([`sb_${run.run.slice(4)}.file`]));
		const facts = await office.facts(run, clock.advance);
		expect(facts.filter(({ kind }) => kind.startsWith("dead_letter.")).map(({ kind }) => kind)).toEqual([
			"dead_letter.opened",
			"dead_letter.retried",
			"dead_letter.opened",
			"dead_letter.retried",
			"dead_letter.resolved",
		]);
		expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length);
	});
});
