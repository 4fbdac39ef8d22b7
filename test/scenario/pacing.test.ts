// What a target asks for, or that it fails, holds back what goes there, and nothing else. Nothing is lost, and waiting
// costs no attempt.

import { describe, expect, test, vi } from "vitest";
import { holdClock } from "../worker/support/clock";
import { cel, step, workflow } from "./support/documents";
import { alarms, restart } from "./support/entities";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass, TELLING_MS, until } from "./support/time";

holdClock();

const SECOND = 1_000;
const HOURS = 5 * 3_600_000;
const ORDER = { order: cel("event.entity.id") };

function paid(id: string, more: { city?: string } = {}) {
	return shop("order.paid", { id, ...more });
}

async function stateOf(acme: Tenant, connection: string) {
	return (await acme.must("GET", `/connections/${connection}`)).body.state;
}

describe("a channel that has had enough", () => {
	test("waits alone: other channels of the same workspace go on", async () => {
		const acme = await Tenant.create("shop");
		await acme.connect("out", { connector: "slack" });
		const post = { use: "slack.post_message", connection: "out" };
		await acme.publish(
			workflow(
				"told",
				"shop",
				{},
				{
					steps: [{ id: "tell", ...post, with: { channel: cel("event.data.data.city"), text: "paid" } }],
				},
			),
		);
		await script(
			acme.place("out"),
			{ status: 429, headers: { "retry-after": "90" }, body: { ok: false, error: "ratelimited" } },
			{ status: 200, body: { ok: true, channel: "C0", ts: "1.0" } },
		);
		await acme.take(paid("o-1", { city: "C1" }));
		await acme.stepIs("waiting", 1);
		await acme.take(paid("o-2", { city: "C1" }));
		await acme.stepIs("waiting", 0);
		await acme.take(paid("o-3", { city: "C2" }));
		await acme.arrived("out", 2);
		expect((await acme.bodiesAt("out")).map(({ channel }) => channel)).toEqual(["C1", "C2"]);
		expect(await stateOf(acme, "out")).toMatchObject({
			...{ breaker: "closed", paused_until: null, paused_scopes: [{ scope: "channel C1" }] },
		});
		await pass(89 * SECOND);
		expect(await acme.bodiesAt("out")).toHaveLength(2);
		await pass(11 * SECOND);
		await acme.arrived("out", 4);
		await acme.told({ "runs.succeeded": 3 });
	});
});

describe("a target that asks for a week", () => {
	const WEEK = 7 * 86_400 * SECOND;

	test("is left alone, whatever crashes, until an operator ends that: who came since goes at once", async () => {
		const acme = await Tenant.running(workflow("told", "shop", ORDER), "out");
		await script(
			acme.place("out"),
			{ status: 429, headers: { "retry-after": String(WEEK / SECOND) } },
			{ status: 200 },
		);
		await acme.take(paid("o-0"));
		const first = await acme.stepIs("waiting", 1);
		for (let n = 1; n < 6; n++) await acme.take(paid(`o-${n}`));
		await until("they are parked", async () => (await stateOf(acme, "out")).waiting === 5);
		await restart("hard");
		await pass(HOURS);
		expect(await stateOf(acme, "out")).toMatchObject({ waiting: 5, paused_until: expect.any(Number) });
		expect(await acme.bodiesAt("out")).toHaveLength(1);
		const { paused_until } = (await acme.must("POST", "/connections/out/resume")).body;
		expect(paused_until).toBeNull();
		await until("they are told", async () => {
			await pass(SECOND);
			return (await acme.bodiesAt("out")).length === 6;
		});
		// Who was itself told to wait still does, unless its run is resumed.
		expect((await acme.stepIs("waiting", 1)).due_at).toBe(first.due_at);
		await acme.told({ "runs.succeeded": 5 });
		const [open] = (await acme.must("GET", "/runs?status=running")).body.items;
		await acme.must("POST", `/runs/${open.id}/resume`, {});
		await acme.told({ "runs.succeeded": 6 });
	});
});

describe("a target that fails", () => {
	const QUICK = { retry: { attempts: 10, base: "1s", cap: "1s" } };

	test("is left alone after ten requests, asked one by one, and taken up again, while another goes on", async () => {
		vi.spyOn(Math, "random").mockReturnValue(0.5);
		const acme = await Tenant.create("shop");
		await acme.connect("out");
		await acme.connect("other");
		await acme.publish(
			workflow("told", "shop", ORDER, {
				steps: [step("tell", ORDER, QUICK), step("tell_elsewhere", ORDER, { connection: "other" })],
			}),
		);
		await script(acme.place("out"), { status: 500 });
		for (let n = 0; n < 10; n++) await acme.take(paid(`o-${n}`));
		await acme.arrived("other", 10);
		await until("the breaker is open", async () => (await stateOf(acme, "out")).breaker === "open");
		const asked = (await acme.bodiesAt("out")).length;
		await acme.take(paid("o-10"));
		await acme.arrived("other", 11);
		await acme.stepIs("held", 0);
		await pass(10 * SECOND);
		await acme.idle();
		expect(await acme.bodiesAt("out")).toHaveLength(asked);
		expect((await stateOf(acme, "out")).waiting).toBeGreaterThan(0);
		// One finds out that nothing has changed.
		await pass(26 * SECOND);
		await acme.arrived("out", asked + 1);
		await until("the breaker is open again", async () => (await stateOf(acme, "out")).breaker === "open");
		await acme.idle();
		expect(await acme.bodiesAt("out")).toHaveLength(asked + 1);
		// One finds out that it is well again, and all others follow.
		await script(acme.place("out"), { status: 200 });
		await until("all are told", async () => {
			await pass(5 * SECOND);
			return new Set((await acme.bodiesAt("out")).slice(asked).map(({ order }) => order)).size === 11;
		});
		expect((await stateOf(acme, "out")).breaker).toBe("closed");
		expect(await acme.told({ "runs.succeeded": 11 })).toMatchObject({ "attempts.transient": asked + 1 });
		expect(await stateOf(acme, "other")).toMatchObject({ breaker: "closed", paused_until: null, waiting: 0 });
	});

	test("is not looked at by those who wait for it: they are called when it is well, whatever crashed meanwhile", async () => {
		const acme = await Tenant.running(workflow("told", "shop", ORDER, { steps: [step("tell", ORDER, QUICK)] }), "out");
		await script(acme.place("out"), { status: 500 });
		for (let n = 0; n < 12; n++) await acme.take(paid(`o-${n}`));
		await until("the breaker is open", async () => (await stateOf(acme, "out")).breaker === "open");
		await until("all wait to be called", async () => {
			await pass(SECOND);
			return (await stateOf(acme, "out")).waiting === 12;
		});
		const asked = (await acme.bodiesAt("out")).length;
		await pass(TELLING_MS);
		// No Entity will do anything by itself for hours.
		expect((await alarms(acme.name))[0]).toBeGreaterThan(Date.now() + HOURS);
		await script(acme.place("out"), { status: 200 });
		await restart("hard");
		await until("all are told", async () => {
			await pass(5 * SECOND);
			return new Set((await acme.bodiesAt("out")).slice(asked).map(({ order }) => order)).size === 12;
		});
		await acme.told({ "runs.succeeded": 12 });
		expect(await stateOf(acme, "out")).toMatchObject({ breaker: "closed", waiting: 0 });
	});

	test("is tried at once when an operator says so, and nobody waits for the end of its pause", async () => {
		const acme = await Tenant.running(workflow("told", "shop", ORDER, { steps: [step("tell", ORDER, QUICK)] }), "out");
		await script(acme.place("out"), { status: 500 });
		for (let n = 0; n < 12; n++) await acme.take(paid(`o-${n}`));
		await until("all wait to be called", async () => {
			await pass(SECOND);
			return (await stateOf(acme, "out")).waiting === 12;
		});
		const asked = (await acme.bodiesAt("out")).length;
		const { paused_until } = await stateOf(acme, "out");
		await script(acme.place("out"), { status: 200 });
		const resumed = (await acme.must("POST", "/connections/out/resume")).body;
		expect(resumed).toMatchObject({ breaker: "half_open", paused_until: null });
		await acme.arrived("out", asked + 1);
		await until("all are told", async () => {
			await pass(SECOND / 10);
			return new Set((await acme.bodiesAt("out")).slice(asked).map(({ order }) => order)).size === 12;
		});
		expect(Date.now()).toBeLessThan(paused_until);
		await acme.told({ "runs.succeeded": 12, "connections.resumed": 1 });
	});

	test("and is well again is not kept waiting for steps of a paused workflow, and those go when it is resumed", async () => {
		const acme = await Tenant.create("shop");
		await acme.connect("out", { limits: { concurrency: 1 } });
		for (const name of ["on", "off"]) {
			const order = { order: cel("event.entity.id"), by: name };
			await acme.publish(workflow(name, "shop", order, { steps: [step("tell", order, QUICK)] }));
		}
		await script(acme.place("out"), { status: 500 });
		for (let n = 0; n < 30; n++) await acme.take(paid(`o-${n}`));
		await until("all wait to be called", async () => {
			await pass(SECOND);
			return (await stateOf(acme, "out")).waiting === 60;
		});
		const asked = (await acme.bodiesAt("out")).length;
		const told = async (name: string) =>
			new Set((await acme.bodiesAt("out")).slice(asked).flatMap(({ by, order }) => (by === name ? [order] : []))).size;
		await acme.must("POST", "/workflows/off/pause");
		await pass(10 * SECOND);
		await script(acme.place("out"), { status: 200 });
		await until("it is asked", async () => {
			await pass(SECOND);
			return (await told("on")) > 0;
		});
		const since = Date.now();
		await until("those that are not paused are told", async () => {
			await pass(SECOND);
			return (await told("on")) === 30;
		});
		// Not five seconds for each of the others, which it would take to see that they do not come.
		expect(Date.now() - since).toBeLessThan(30 * 3 * SECOND);
		expect(await told("off")).toBe(0);
		await acme.must("POST", "/workflows/off/resume");
		await until("the others are told too", async () => {
			await pass(10 * SECOND);
			return (await told("off")) === 30;
		});
		expect((await stateOf(acme, "out")).waiting).toBe(0);
	});

	test("is not one that refuses", async () => {
		const acme = await Tenant.running(workflow("told", "shop", ORDER), "out");
		await script(acme.place("out"), { status: 404 });
		for (let n = 0; n < 15; n++) await acme.take(paid(`o-${n}`));
		await acme.arrived("out", 15);
		await acme.idle();
		expect((await stateOf(acme, "out")).breaker).toBe("closed");
	});
});
