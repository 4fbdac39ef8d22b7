// Every key of a workflow document makes a difference, and here is which. A key that is added must be proved here too.

import { expect, test, vi } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { Aggregate, Debounce, Summarize } from "../../src/model/timing";
import { Trigger } from "../../src/model/trigger";
import { WorkflowDocument } from "../../src/model/workflow";
import { holdClock } from "../worker/support/clock";
import { cel, step, workflow } from "./support/documents";
import { alarms, storedRuns } from "./support/entities";
import { script } from "./support/outside";
import { bodies, paid, prove, ready } from "./support/prove";
import { gitHub, shop } from "./support/senders";
import type { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const WHO = { who: cel("workflow.name") };
const N = { n: cel("window.count"), order: cel("event.entity.id") };

function debounced(more: JsonObject = {}) {
	return workflow("w", "shop", N, { key: '"all"', timing: { debounce: { quiet: "10s", max_wait: "30s", ...more } } });
}

function aggregated(timing: JsonObject, body: JsonObject = N) {
	return workflow("w", "shop", body, { key: '"all"', timing: { aggregate: timing } });
}

prove("a document", WorkflowDocument.shape, {
	name: async () => {
		const acme = await ready(workflow("one", "shop", WHO), workflow("two", "shop", WHO));
		expect(await acme.publish(workflow("two", "shop", { who: "again" }))).toBe(2);
		await acme.take(paid("o-1"));
		expect((await bodies(acme, 2)).map(({ who }) => who).sort()).toEqual(["again", "one"]);
	},
	owner: async () => {
		const acme = await ready(workflow("one", "shop", WHO, { owner: "revops" }));
		expect((await acme.must("GET", "/workflows")).body.items).toMatchObject([{ name: "one", owner: "revops" }]);
	},
	about: async () => {
		const acme = await ready(workflow("one", "shop", WHO, { about: "Tells." }));
		expect((await acme.must("GET", "/workflows/one")).body).toMatchObject({ about: "Tells." });
	},
	on: async () => {
		const on = [
			{ source: "shop", event: "order.paid" },
			{ source: "github", event: "issue.updated" },
		];
		const acme = await ready(workflow("either", "shop", WHO, { on }));
		await acme.take(paid("o-1"));
		await acme.take(shop("order.opened", { id: "o-2" }));
		await acme.take(await gitHub());
		expect(await bodies(acme, 2)).toEqual([{ who: "either" }, { who: "either" }]);
		await acme.idle();
		expect(await storedRuns(acme.name)).toHaveLength(2);
	},
	key: async () => {
		const timing = { debounce: { quiet: "10s", max_wait: "1m" } };
		const acme = await ready(
			workflow("by-city", "shop", { ...N, ...WHO }, { key: "event.data.data.city", timing }),
			workflow("by-order", "shop", { ...N, ...WHO }, { timing }),
		);
		for (const id of ["o-1", "o-2"]) await acme.take(paid(id, { city: "Bonn" }));
		await acme.handedOn(2);
		await pass(10 * SECOND);
		const counts = (await bodies(acme, 3)).map(({ who, n }) => `${who} ${n}`);
		expect(counts.sort()).toEqual(["by-city 2", "by-order 1", "by-order 1"]);
	},
	timing: async () => {
		const acme = await ready(workflow("w", "shop", N, { timing: { immediate: {} } }));
		await acme.take(paid("o-1"));
		expect(await bodies(acme, 1)).toEqual([{ n: 1, order: "o-1" }]);
		await acme.publish(debounced());
		await acme.take(paid("o-2"));
		await acme.handedOn(1);
		expect(await acme.bodiesAt("out")).toHaveLength(1);
		await pass(10 * SECOND);
		expect((await bodies(acme, 2))[1]).toEqual({ n: 1, order: "o-2" });
	},
	priority: async () => {
		const acme = await ready(workflow("calm", "shop", WHO), workflow("hurry", "shop", WHO, { priority: "urgent" }));
		await acme.take(paid("o-1"));
		await bodies(acme, 2);
		const priorities = (await storedRuns(acme.name)).map((run) => `${run.workflow} ${run.priority}`);
		expect(priorities.sort()).toEqual(["calm normal", "hurry urgent"]);
	},
	steps: async () => {
		const acme = await ready(workflow("w", "shop", {}, { steps: [step("a", { n: 1 }), step("b", { n: 2 })] }));
		await acme.take(paid("o-1"));
		expect((await bodies(acme, 2)).map(({ n }) => n).sort()).toEqual([1, 2]);
	},
	retry_budget: async () => {
		const steps = [step("one", {}), step("two", {})];
		const acme = await ready(workflow("w", "shop", {}, { steps, retry_budget: 1 }));
		await script(acme.place("out"), { status: 503 });
		await acme.take(paid("o-1"));
		await acme.stepIs("waiting", 1);
		expect((await acme.stepIs("failed", 1)).reason).toContain("no retries left");
	},
	on_failure: async () => {
		const on_failure = { steps: [step("people", { failed: cel("run.failures.map(f, f.step)") })] };
		const steps = [step("a", {}, { connection: "other" })];
		const acme = await ready(workflow("w", "shop", {}, { steps, on_failure }));
		await script(acme.place("other"), { status: 422 });
		await acme.take(paid("o-1"));
		expect(await bodies(acme, 1)).toEqual([{ failed: ["a"] }]);
	},
});

/** Which of two workflows acts on which deliveries. */
async function acted(triggers: Record<string, JsonObject>, deliveries: Parameters<Tenant["take"]>[0][], times: number) {
	const documents = Object.entries(triggers).map(([name, on]) => workflow(name, "shop", WHO, { on }));
	const acme = await ready(...documents);
	for (const delivery of deliveries) await acme.take(delivery);
	const seen = await bodies(acme, times);
	await acme.idle();
	expect(await acme.bodiesAt("out")).toHaveLength(times);
	return seen.map(({ who }) => who).sort();
}

prove("a trigger", Trigger.shape, {
	source: async () => {
		const triggers = { here: { source: "shop", event: "*" }, there: { source: "github", event: "*" } };
		expect(await acted(triggers, [paid("o-1")], 1)).toEqual(["here"]);
	},
	event: async () => {
		const triggers = {
			exact: { source: "shop", event: "order.paid" },
			head: { source: "shop", event: "order.*" },
			tail: { source: "shop", event: "*.paid" },
			other: { source: "shop", event: "order.pai" },
		};
		const deliveries = [paid("o-1"), shop("order.opened", { id: "o-2" }), shop("invoice.paid", { id: "i-1" })];
		expect(await acted(triggers, deliveries, 5)).toEqual(["exact", "head", "head", "tail", "tail"]);
	},
	if: async () => {
		const triggers = {
			large: { source: "shop", event: "*", if: "event.data.data.amount >= 100" },
			small: { source: "shop", event: "*", if: "event.data.data.amount < 100" },
		};
		expect(await acted(triggers, [paid("o-1", { amount: 100 }), paid("o-2", { amount: 99.5 })], 2)).toEqual([
			"large",
			"small",
		]);
	},
	actors: async () => {
		const triggers = {
			people: { source: "github", event: "*", actors: ["human"] },
			machines: { source: "github", event: "*", actors: ["automation", "system"] },
			all: { source: "github", event: "*" },
		};
		const bot = { id: 9, login: "tidy[bot]", type: "Bot" };
		const deliveries = [await gitHub(), await gitHub({ sender: bot })];
		expect(await acted(triggers, deliveries, 4)).toEqual(["all", "all", "machines", "people"]);
	},
});

prove("debounce", Debounce.shape, {
	quiet: async () => {
		const acme = await ready(debounced({ quiet: "7s" }));
		await acme.take(paid("o-1"));
		await acme.handedOn(1);
		await pass(6_999);
		expect(await acme.bodiesAt("out")).toEqual([]);
		await pass(1);
		await bodies(acme, 1);
	},
	max_wait: async () => {
		const acme = await ready(debounced({ max_wait: "15s" }));
		for (let n = 1; n <= 2; n++) {
			await acme.take(paid(`o-${n}`));
			await acme.handedOn(n);
			await pass(7_499);
		}
		expect(await acme.bodiesAt("out")).toEqual([]);
		await pass(2);
		expect(await bodies(acme, 1)).toEqual([{ n: 2, order: "o-2" }]);
	},
	edge: async () => {
		const acme = await ready(debounced({ edge: "leading" }));
		for (let n = 1; n <= 3; n++) {
			await acme.take(paid(`o-${n}`));
			await acme.handedOn(n);
		}
		await pass(10 * SECOND);
		await acme.take(paid("o-4"));
		expect(await bodies(acme, 2)).toEqual([
			{ n: 1, order: "o-1" },
			{ n: 1, order: "o-4" },
		]);
	},
	keep: async () => {
		const read = { titles: cel("window.events.map(e, e.data.issue.title)"), diff: cel("window.diff") };
		const document = (keep: string) =>
			workflow(keep, "github", { ...read, ...WHO }, { timing: { debounce: { quiet: "10s", max_wait: "1m", keep } } });
		const acme = await ready(document("all"), document("latest"));
		for (const [from, title] of [
			["A", "B"],
			["B", "C"],
		] as const) {
			await acme.take(await gitHub({ title, changes: { title: { from } } }));
		}
		await pass(10 * SECOND);
		expect((await bodies(acme, 2)).sort((a, b) => (String(a.who) < String(b.who) ? -1 : 1))).toEqual([
			{ who: "all", titles: ["B", "C"], diff: [{ field: "title", from: "A", to: "C" }] },
			{ who: "latest", titles: ["C"], diff: [] },
		]);
	},
	skip_unchanged: async () => {
		const timing = (skip_unchanged: boolean) => ({ debounce: { quiet: "10s", max_wait: "1m", skip_unchanged } });
		const deal = { id: "deal", use: "http.get", connection: "other", output: { stage: "body.stage" } };
		const steps = [deal, step("tell", { ...WHO, stage: cel("steps.deal.output.stage") })];
		const acme = await ready(
			...[true, false].map((skip) => workflow(`skip-${skip}`, "shop", {}, { steps, timing: timing(skip) })),
		);
		for (const stage of ["open", "open", "won"]) {
			await script(acme.place("other"), { status: 200, body: { stage } });
			await acme.take(paid("o-1"));
			await pass(10 * SECOND);
			await acme.idle();
		}
		const told = (await bodies(acme, 5)).map(({ who, stage }) => `${who} ${stage}`);
		expect(told.sort()).toEqual([
			...["skip-false open", "skip-false open", "skip-false won"],
			...["skip-true open", "skip-true won"],
		]);
	},
});

prove("aggregate", Aggregate.shape, {
	window: async () => {
		const acme = await ready(aggregated({ window: "2m" }));
		await acme.take(paid("o-1"));
		await acme.handedOn(1);
		await pass(2 * MINUTE - 1);
		expect(await acme.bodiesAt("out")).toEqual([]);
		await acme.take(paid("o-2"));
		await acme.handedOn(2);
		await pass(1);
		expect(await bodies(acme, 1)).toEqual([{ n: 2, order: "o-2" }]);
	},
	every: async () => {
		const acme = await ready(aggregated({ every: "*/5 * * * *", tz: "UTC" }));
		await acme.take(paid("o-1"));
		await acme.handedOn(1);
		await acme.told({ events: 1 });
		const [at = 0] = await alarms(acme.name).then((all) => all.filter((alarm) => alarm - Date.now() < 5 * MINUTE));
		expect(at % (5 * MINUTE)).toBe(0);
		await pass(at - Date.now());
		await bodies(acme, 1);
	},
	tz: async () => {
		vi.setSystemTime(Date.parse("2032-06-01T00:00:00Z"));
		const zones = { Tokyo: "Asia/Tokyo", York: "America/New_York" };
		for (const [name, tz] of Object.entries(zones)) {
			const acme = await ready(aggregated({ every: "0 9 * * *", tz }));
			await acme.take(paid("o-1"));
			await acme.handedOn(1);
			await acme.told({ events: 1 });
			const ticks = (await alarms(acme.name)).map((at) => new Date(at).toISOString());
			expect(ticks).toContain(name === "Tokyo" ? "2032-06-02T00:00:00.000Z" : "2032-06-01T13:00:00.000Z");
		}
	},
	max_events: async () => {
		const acme = await ready(aggregated({ window: "1h", max_events: 3 }));
		for (let n = 1; n <= 4; n++) {
			await acme.take(paid(`o-${n}`));
			await acme.handedOn(n);
		}
		expect(await bodies(acme, 1)).toEqual([{ n: 3, order: "o-3" }]);
	},
	max_bytes: async () => {
		const acme = await ready(aggregated({ window: "1h", max_bytes: 1_024, summarize: { keep: ["data.data.note"] } }));
		for (let n = 1; n <= 3; n++) {
			await acme.take(paid(`o-${n}`, { note: "x".repeat(400) }));
			await acme.handedOn(n);
		}
		expect(await bodies(acme, 1)).toEqual([{ n: 3, order: "o-3" }]);
	},
	flush_if: async () => {
		const acme = await ready(aggregated({ window: "1h", flush_if: "event.data.data.urgent == true" }));
		await acme.take(paid("o-1", { urgent: false }));
		await acme.handedOn(1);
		expect(await acme.bodiesAt("out")).toEqual([]);
		await acme.take(paid("o-2", { urgent: true }));
		expect(await bodies(acme, 1)).toEqual([{ n: 2, order: "o-2" }]);
	},
	summarize: async () => {
		const acme = await ready(
			aggregated({ window: "1m", summarize: { counts_by: "event.event_type" } }, { s: cel("window.summary") }),
		);
		await acme.take(paid("o-1"));
		await acme.handedOn(1);
		await pass(MINUTE);
		expect(await bodies(acme, 1)).toMatchObject([{ s: { count: 1, counts_by: { "order.paid": 1 } } }]);
	},
	when_empty: async () => {
		// That `run` acts on an empty window is in sweep.test.ts; here that it is refused where no window is ever empty.
		const acme = await ready();
		const { status, body } = await acme.call("POST", "/workflows", aggregated({ window: "1m", when_empty: "run" }));
		expect([status, body.errors]).toEqual([422, [expect.objectContaining({ path: "timing.aggregate.when_empty" })]]);
	},
});

test("an aggregate that could outgrow the row of its run is refused", async () => {
	const acme = await ready();
	const large = aggregated({ window: "1h", max_bytes: 8_388_608, summarize: { keep: ["data"] } });
	expect((await acme.call("POST", "/workflows", large)).status).toBe(422);
});

/** What `window.summary` holds after three orders. */
async function summaryBy(summarize: JsonObject): Promise<JsonObject> {
	const acme = await ready(aggregated({ window: "1m", summarize }, { s: cel("window.summary") }));
	const orders = [
		paid("o-1", { city: "Bonn", amount: 10, at: 1 }),
		paid("o-2", { city: "Köln", amount: 20.5, at: 2 }),
		paid("o-3", { city: "Bonn", amount: 100, at: 3 }),
	];
	for (const [n, order] of orders.entries()) {
		await acme.take(order);
		await acme.handedOn(n + 1);
		await pass(1);
	}
	await pass(MINUTE);
	return ((await bodies(acme, 1))[0]?.s ?? {}) as JsonObject;
}

const CITY = "event.data.data.city";
const id = expect.stringMatching(/^evt_/);

prove("summarize", Summarize.shape, {
	counts_by: async () => expect((await summaryBy({ counts_by: CITY })).counts_by).toEqual({ Bonn: 2, Köln: 1 }),
	latest_by: async () => {
		const { latest_by } = await summaryBy({ latest_by: CITY, keep: ["data.data.amount"] });
		expect(latest_by).toEqual({ Bonn: { id, "data.data.amount": 100 }, Köln: { id, "data.data.amount": 20.5 } });
	},
	top: async () => {
		const all = [
			{ value: "Bonn", count: 2 },
			{ value: "Köln", count: 1 },
		];
		expect((await summaryBy({ top: { by: CITY } })).top).toEqual(all);
		expect((await summaryBy({ top: { by: CITY, n: 1 } })).top).toEqual(all.slice(0, 1));
	},
	sum: async () => {
		const sum = { amount: "event.data.data.amount", orders: "1" };
		expect((await summaryBy({ sum })).sum).toEqual({ amount: 130.5, orders: 3 });
	},
	critical_if: async () => {
		const { critical } = await summaryBy({ critical_if: "event.data.data.amount > 50", keep: ["data.data.city"] });
		expect(critical).toEqual({ count: 1, events: [{ id, "data.data.city": "Bonn" }] });
	},
	keep: async () => {
		const { events } = await summaryBy({ keep: ["data.data.city", "entity.id", "data.nowhere"] });
		expect((events as JsonObject[])[1]).toEqual({ id, "data.data.city": "Köln", "entity.id": "o-2" });
		expect((await summaryBy({})).events).toEqual([]);
	},
});
