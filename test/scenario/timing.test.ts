// When workflows act: windows at their limits, out of order and over restarts; several workflows, keys and versions.

import { expect, test, vi } from "vitest";
import { holdClock } from "../worker/support/clock";
import { cel, step, workflow } from "./support/documents";
import { alarms, restart, ring, storedRuns } from "./support/entities";
import { script } from "./support/outside";
import { watchQueues } from "./support/queues";
import { gitHub, shop } from "./support/senders";
import { kinds, Tenant } from "./support/tenant";
import { pass, until } from "./support/time";

holdClock();

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const TITLE_AND_COUNT = { title: cel("event.data.issue.title"), n: cel("window.count") };

function debounced(quiet: string, max_wait: string, more = {}) {
	return workflow("settled", "github", TITLE_AND_COUNT, { timing: { debounce: { quiet, max_wait, ...more } } });
}

async function ready(...documents: Parameters<Tenant["publish"]>[0][]): Promise<Tenant> {
	const acme = await Tenant.create("github", "shop");
	await acme.connect("out");
	for (const document of documents) await acme.publish(document);
	return acme;
}

test("a steady stream acts when max_wait is over, with the event that came in its last moment", async () => {
	const acme = await ready(debounced("10s", "1m"));
	const startedAt = Date.now();
	for (let n = 0; n < 7; n++) {
		await acme.take(await gitHub({ title: `at ${n * 9}s` }));
		await pass(9 * SECOND);
	}
	const [first] = await acme.arrived("out", 1);
	expect(JSON.parse(first?.body ?? "")).toEqual({ title: "at 54s", n: 7 });
	// Once more, and now something comes in the last millisecond.
	await acme.take(await gitHub({ title: "first" }));
	const opened = Date.now();
	for (let n = 0; n < 6; n++) {
		await pass(9_500);
		await acme.take(await gitHub({ title: `${n}` }));
	}
	await pass(opened + MINUTE - 1 - Date.now());
	await acme.take(await gitHub({ title: "last moment" }));
	expect(await acme.bodiesAt("out")).toHaveLength(1);
	await pass(1);
	expect((await acme.arrived("out", 2)).map(({ body }) => JSON.parse(body))[1]).toEqual({ title: "last moment", n: 8 });
	expect(Date.now()).toBe(startedAt + 63 * SECOND + MINUTE);
	// What comes a moment later opens a window of its own, with its own quiet and its own max_wait.
	await acme.take(await gitHub({ title: "too late" }));
	await pass(9_999);
	expect(await acme.bodiesAt("out")).toHaveLength(2);
	await pass(1);
	expect((await acme.arrived("out", 3)).map(({ body }) => JSON.parse(body))[2]).toEqual({ title: "too late", n: 1 });
});

test("an older event that arrives late is counted and does not displace the newer one", async () => {
	const acme = await ready(debounced("10s", "1m"));
	const now = Date.now();
	for (const [title, ago] of [
		["newest", 0],
		["as new, and later here", 0],
		["older", 5_000],
		["oldest", 60_000],
		["old too", 1],
	] as const) {
		await acme.take(await gitHub({ title, updated: now - ago }));
		await pass(SECOND);
		// Nor does a restart forget which was the newest.
		await restart("gently");
	}
	await pass(9 * SECOND);
	expect((await acme.arrived("out", 1)).map(({ body }) => JSON.parse(body))).toEqual([
		{ title: "as new, and later here", n: 5 },
	]);
});

test("an event that arrives while the run executes opens a fresh window, and the run goes on", async () => {
	const acme = await ready(debounced("10s", "1m"));
	await script(acme.place("out"), { status: 503 }, { status: 200 });
	const first = await acme.take(await gitHub({ title: "first" }));
	await pass(10 * SECOND);
	await acme.stepIs("waiting", 1);
	const second = await acme.take(await gitHub({ title: "second" }));
	await pass(10 * SECOND);
	const requests = await acme.arrived("out", 3);
	const keys = requests.map(({ headers }) => headers["idempotency-key"]);
	const keyOf = (event: string) => `sb_${event.slice("evt_".length)}.settled.tell`;
	expect(keys.filter((key) => key === keyOf(first))).toHaveLength(2);
	expect(keys.filter((key) => key === keyOf(second))).toHaveLength(1);
	const bodies = requests.map(({ body }) => JSON.parse(body));
	expect(bodies.filter(({ title }) => title === "first")).toEqual(Array(2).fill({ title: "first", n: 1 }));
	expect(bodies.filter(({ title }) => title === "second")).toEqual([{ title: "second", n: 1 }]);
	expect(await acme.told({ "runs.succeeded": 2 })).toMatchObject({ runs: 2 });
});

test("windows of hours and days are kept over restarts and act on the minute", async () => {
	const acme = await ready(debounced("6h", "7d"));
	const startedAt = Date.now();
	await acme.take(await gitHub({ title: "in the morning" }));
	await pass(10 * SECOND);
	expect(await alarms(acme.name)).toEqual([startedAt + 6 * HOUR]);
	await restart("hard");
	await pass(5 * HOUR);
	await acme.take(await gitHub({ title: "at noon" }));
	await pass(6 * HOUR - 1);
	expect(await acme.bodiesAt("out")).toEqual([]);
	await pass(1);
	expect((await acme.arrived("out", 1)).map(({ body }) => JSON.parse(body))).toEqual([{ title: "at noon", n: 2 }]);
	// A week of an edit every five hours: max_wait is the end of it.
	await acme.told({ "runs.succeeded": 1 });
	const opened = Date.now();
	for (let hours = 0; hours < 168; hours += 5) {
		await acme.take(await gitHub({ title: `after ${hours}h` }));
		await pass(Math.min(5 * HOUR, opened + 168 * HOUR - 1 - Date.now()));
	}
	expect(await acme.bodiesAt("out")).toHaveLength(1);
	await pass(1);
	expect((await acme.arrived("out", 2)).map(({ body }) => JSON.parse(body))[1]).toEqual({ title: "after 165h", n: 34 });
});

test("a group that spans entities acts once for all of them, and each value of the key by itself", async () => {
	const digest = { orders: cel("window.event_ids.size()"), latest: cel("event.entity.id") };
	const acme = await ready(
		workflow("per-city", "shop", digest, {
			key: "event.data.data.city",
			timing: { debounce: { quiet: "10s", max_wait: "1m" } },
		}),
	);
	const cities = ["Bonn", "Bonn", "Köln: Deutz/Kalk|1", "Bonn", "e:token/order/o-1", "Köln: Deutz/Kalk|1"];
	const ids: string[] = [];
	for (const [n, city] of cities.entries()) ids.push(await acme.take(shop("order.paid", { id: `o-${n}`, city })));
	await acme.handedOn(6);
	await pass(10 * SECOND);
	const requests = await acme.arrived("out", 3);
	expect(requests.map(({ body }) => JSON.parse(body)).sort((a, b) => b.orders - a.orders)).toEqual([
		{ orders: 3, latest: "o-3" },
		{ orders: 2, latest: "o-5" },
		{ orders: 1, latest: "o-4" },
	]);
	await acme.told({ "runs.succeeded": 3, events: 6 });
	// From the event at its home to the run of its group, whichever event one asks about.
	const way = ["event.received", "event.handed_on", "run.started", "attempt.finished succeeded", "run.finished"];
	for (const id of ids) expect(kinds(await acme.event(id)).sort()).toEqual([...way].sort());
});

test("the story of an event that was handed on is told in the order in which it happened", async () => {
	const acme = await ready(workflow("per-city", "shop", { n: 1 }, { key: "event.data.data.city" }));
	const id = await acme.take(shop("order.paid", { id: "o-1", city: "Bonn" }));
	await acme.arrived("out", 1);
	// The group tells its part of the story first.
	const group = () => ring((key) => key.startsWith("g:"));
	vi.setSystemTime(Date.now() + 6 * SECOND);
	const runs = async () => (await acme.runs()).length > 0;
	await until("the group has told its part", runs, group);
	await acme.told({ events: 1 });
	const way = ["event.received", "event.handed_on", "run.started", "attempt.finished succeeded", "run.finished"];
	expect(kinds(await acme.event(id))).toEqual(way);
});

test("two workflows on one event keep their own time and share nothing", async () => {
	const acme = await ready(
		workflow("at-once", "github", { at: "once" }),
		debounced("10s", "1m"),
		workflow(
			"hourly",
			"github",
			{ hourly: cel("window.summary.count") },
			{
				key: '"all"',
				timing: { aggregate: { window: "1h" } },
			},
		),
	);
	for (const title of ["one", "two"]) await acme.take(await gitHub({ title }));
	await acme.handedOn(2);
	const [one, two] = await acme.arrived("out", 2);
	expect([one?.body, two?.body]).toEqual(['{"at":"once"}', '{"at":"once"}']);
	await pass(10 * SECOND);
	expect((await acme.arrived("out", 3)).map(({ body }) => JSON.parse(body))[2]).toEqual({ title: "two", n: 2 });
	await pass(HOUR);
	expect((await acme.arrived("out", 4)).map(({ body }) => JSON.parse(body))[3]).toEqual({ hourly: 2 });
	expect(await acme.told({ "runs.succeeded": 4 })).toMatchObject({
		...{ runs: 4, "verdicts.started": 2, "verdicts.debounced": 2, "verdicts.handed_on": 2, "verdicts.aggregated": 2 },
	});
});

test("a window stays with the version that opened it, and the next one is of the version that is current then", async () => {
	const version = (n: number, more = {}) =>
		workflow(
			"pinned",
			"github",
			{ version: n, n: cel("window.count") },
			{
				timing: { debounce: { quiet: `${n * 10}s`, max_wait: "1m" } },
				...more,
			},
		);
	const acme = await ready(version(1));
	await acme.take(await gitHub());
	expect(await acme.publish(version(2))).toBe(2);
	await acme.take(await gitHub());
	await pass(10 * SECOND);
	expect((await acme.arrived("out", 1)).map(({ body }) => JSON.parse(body))).toEqual([{ version: 1, n: 2 }]);
	await acme.take(await gitHub());
	await pass(19 * SECOND);
	expect(await acme.bodiesAt("out")).toHaveLength(1);
	// Back to the first: the window of the second stays what it is.
	const { body } = await acme.must("POST", "/workflows/pinned/rollback", { version: 1 });
	expect(body).toMatchObject({ version: 1, name: "pinned" });
	await pass(SECOND);
	expect((await acme.arrived("out", 2)).map(({ body }) => JSON.parse(body))[1]).toEqual({ version: 2, n: 1 });
	await acme.take(await gitHub());
	await pass(10 * SECOND);
	expect((await acme.arrived("out", 3)).map(({ body }) => JSON.parse(body))[2]).toEqual({ version: 1, n: 1 });
	await acme.told({ "runs.succeeded": 3 });
	expect((await acme.runs()).map((run) => run.version).reverse()).toEqual([1, 2, 1]);
});

/** Sums up a value of its events, another one in each version. */
function summing(version: number, counts_by: string) {
	return workflow(
		"sums",
		"shop",
		{ version, counts: cel("window.summary.counts_by") },
		{
			key: '"all"',
			timing: { aggregate: { window: "1m", summarize: { counts_by } } },
		},
	);
}

test("a window acts by the version that opened it; what an event adds is evaluated by the version that it met", async () => {
	const acme = await ready(summing(1, "event.data.data.city"));
	for (const n of [1, 2]) {
		await acme.take(shop("order.paid", { id: `o-${n}`, city: "Bonn", plan: "free" }));
		await acme.handedOn(n);
		await acme.publish(summing(2, "event.data.data.plan"));
	}
	await pass(MINUTE);
	expect((await acme.arrived("out", 1)).map(({ body }) => JSON.parse(body))).toEqual([
		{ version: 1, counts: { Bonn: 1, free: 1 } },
	]);
});

test("the record of an event names the version of the window that it joined", async () => {
	const acme = await ready(debounced("10s", "1m"));
	await acme.take(await gitHub());
	await acme.publish(debounced("20s", "1m"));
	const second = await acme.take(await gitHub());
	await pass(10 * SECOND);
	await acme.arrived("out", 1);
	await acme.told({ "runs.succeeded": 1 });
	expect((await acme.event(second))[0]?.data.verdicts).toMatchObject([{ workflow: "settled", version: 1 }]);
});

test("a run that waits for its next attempt stays with its version, and takes the connection as it is then", async () => {
	const acme = await ready(workflow("pinned", "shop", { version: 1 }));
	await script(acme.place("out"), { status: 503 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.stepIs("waiting", 1);
	await acme.publish(workflow("pinned", "shop", { version: 2 }));
	await script(acme.place("elsewhere"), { status: 200 });
	const { config } = (await acme.must("GET", "/connections/out")).body;
	await acme.connect("out", { config: { ...config, base_url: config.base_url.replace(/out$/, "elsewhere") } });
	await pass(10 * SECOND);
	expect((await acme.arrived("elsewhere", 1)).map(({ body }) => JSON.parse(body))).toEqual([{ version: 1 }]);
	expect(await acme.bodiesAt("out")).toHaveLength(1);
});

test("a workflow that is retired meets no new events; what it has begun, an open window too, goes on to its end", async () => {
	const acme = await ready(debounced("10s", "1m"), workflow("at-once", "github", { at: "once" }));
	await script(acme.place("out"), { status: 503 }, { status: 200 });
	await acme.take(await gitHub());
	await acme.stepIs("waiting", 1);
	for (const name of ["settled", "at-once"]) await acme.must("DELETE", `/workflows/${name}`);
	const later = await acme.take(await gitHub());
	await pass(10 * SECOND);
	const bodies = (await acme.arrived("out", 3)).map(({ body }) => JSON.parse(body));
	expect(bodies.slice(1)).toEqual(expect.arrayContaining([{ at: "once" }, { title: "A title", n: 1 }]));
	expect(await acme.told({ "runs.succeeded": 2 })).toMatchObject({ runs: 2, events: 2 });
	expect((await acme.event(later)).map(({ data }) => data.verdicts)).toEqual([[]]);
});

test("urgent work travels on a queue of its own", async () => {
	const acme = await ready(
		workflow("calm", "shop", { n: "calm" }),
		workflow(
			"hurry",
			"shop",
			{ n: "hurry" },
			{
				priority: "urgent",
				steps: [step("tell", { n: "hurry" }), step("tell_too", { n: "hurry" })],
			},
		),
	);
	const sent = await watchQueues(async () => {
		await acme.take(shop("order.paid", { id: "o-1" }));
		await acme.arrived("out", 3);
	});
	expect(sent.urgent.sort()).toEqual(["hurry.tell", "hurry.tell_too"]);
	expect(sent.normal).toEqual(["calm.tell"]);
	const runs = await storedRuns(acme.name);
	expect(new Set(runs.map(({ workflow, priority }) => `${workflow} ${priority}`))).toEqual(
		new Set(["calm normal", "hurry urgent"]),
	);
});
