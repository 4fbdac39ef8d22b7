// Reading the journal back: by event, by run, by dead letter, page by page.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { homeKey } from "../../src/core/accept";
import * as facts from "../../src/core/facts";
import type { Fact } from "../../src/model/fact";
import type { Page } from "../../src/model/ledger";
import { ledgerOf } from "../../src/stubs";
import { discarded, failed, received, retried, succeeded, T0, unwanted } from "./support/facts";
import { event, eventId, runId, TENANT } from "./support/things";

const ledger = ledgerOf(env, TENANT);

/** Every page of a list, which may not repeat or miss anything. */
async function all<T>(list: (cursor: string | undefined) => Promise<Page<T>>): Promise<{ items: T[]; pages: number }> {
	const items: T[] = [];
	let cursor: string | undefined;
	for (let pages = 1; ; pages++) {
		const page = await list(cursor);
		items.push(...page.items);
		if (page.cursor === null) return { items, pages };
		cursor = page.cursor;
	}
}

function numberOf(id: string | undefined): number {
	return Number.parseInt(id?.slice(-8) ?? "", 16);
}

/** An event that the open window of another joined. */
function collected(n: number, into: number): Fact {
	const about = event(n, "tracker/issue/9", { at: T0 + n });
	const verdict = { workflow: "digest", version: 1, verdict: "aggregated" as const, run: runId(into, "digest") };
	return facts.eventReceived(
		{ tenant: TENANT, key: homeKey(about) },
		{ event: about, plans: [], unmatched: [] },
		[verdict],
		T0 + n,
	);
}

beforeAll(async () => {
	for (let n = 1; n <= 30; n++) {
		const parts = {
			entity: `tracker/issue/${n % 3}`,
			workflow: n % 2 === 0 ? "even" : "odd",
			connection: n % 4 === 0 ? "slack" : "out",
			event: { source: n % 5 === 0 ? "github" : "tracker", event_type: n % 6 === 0 ? "issue.closed" : "issue.updated" },
		};
		await ledger.append([
			...received(n, parts),
			...(n % 4 === 0 ? failed(n, parts) : n === 29 ? [] : succeeded(n, parts)),
		]);
	}
	await ledger.append([unwanted(40), collected(41, 41), collected(42, 41), collected(43, 41)]);
	const { retried: again, resolved } = retried(8, { workflow: "even", connection: "slack" });
	await ledger.append([...again, ...resolved, discarded(12, { workflow: "even", connection: "slack" })]);
	await ledger.append(retried(16, { workflow: "even", connection: "slack" }).retried);
	await ledger.append([
		{
			id: "unreadable",
			at: T0 + 5_000,
			tenant: TENANT,
			kind: "delivery.unreadable",
			trace_id: "f".repeat(32),
			classification: "internal",
			data: { id: `dl_${"f".repeat(32)}`, class: "unreadable", reason: "no entity", source: "github" },
		},
	]);
});

describe("events", () => {
	test("are listed newest first, page by page, with those that could not be read", async () => {
		const { items, pages } = await all((cursor) => ledger.events({ limit: 7, cursor }));
		expect(items[0]).toMatchObject({ kind: "delivery.unreadable" });
		expect(items.slice(1).map((entry) => numberOf(entry.event))).toEqual([
			43,
			42,
			41,
			40,
			...Array.from({ length: 30 }, (_, n) => 30 - n),
		]);
		expect(pages).toBe(5);
	});

	test.each([
		["source", { source: "github" }, (n: number) => n % 5 === 0],
		["type", { event_type: "issue.closed" }, (n: number) => n % 6 === 0],
		["entity", { entity_id: "tracker/issue/2" }, (n: number) => n % 3 === 2],
		[
			"all of these",
			{ source: "tracker", event_type: "issue.closed", entity_id: "tracker/issue/0" },
			(n: number) => n % 6 === 0 && n % 5 !== 0,
		],
	])("are filtered by %s", async (_, filter, wanted) => {
		const { items } = await all((cursor) => ledger.events({ ...filter, limit: 2, cursor }));
		const numbers = items.filter(({ kind }) => kind === "event.received").map((entry) => numberOf(entry.event));
		const expected = Array.from({ length: 30 }, (_, n) => 30 - n).filter(wanted);
		expect(numbers.filter((n) => n <= 30)).toEqual(expected);
	});

	test("are told with what became of them", async () => {
		const entries = await ledger.event(eventId(4));
		expect(entries?.map(({ kind }) => kind)).toEqual([
			"event.received",
			"run.started",
			"attempt.finished",
			"dead_letter.opened",
			"run.finished",
		]);
	});

	test("that joined the window of another are told with the run that it became", async () => {
		const started = { ...received(41, { workflow: "digest" })[1], at: T0 + 100 } as Fact;
		await ledger.append([started, ...succeeded(41, { workflow: "digest", at: T0 + 200 })]);
		for (const n of [42, 43]) {
			const entries = await ledger.event(eventId(n));
			expect(entries?.map(({ kind, run }) => [kind, run])).toEqual([
				["event.received", undefined],
				["run.started", runId(41, "digest")],
				["attempt.finished", runId(41, "digest")],
				["run.finished", runId(41, "digest")],
			]);
		}
		expect((await ledger.event(eventId(41)))?.filter(({ kind }) => kind === "event.received")).toHaveLength(1);
	});

	test("are told as it happened, however late the facts of each Entity came", async () => {
		const late = ledgerOf(env, "late");
		const [got, began] = received(50);
		const handedOn = facts.eventHandedOn(
			{ tenant: TENANT, key: "g:wf:x" },
			event(50, "tracker/issue/1"),
			{ workflow: "wf", version: 1, verdict: "started", run: runId(50) },
			T0 + 50,
		);
		const later = succeeded(50);
		await late.append(later);
		await late.append([handedOn]);
		await late.append([began, got].filter((fact) => fact !== undefined));
		const kinds = ["event.received", "event.handed_on", "run.started", "attempt.finished", "run.finished"];
		expect((await late.event(eventId(50)))?.map(({ kind }) => kind)).toEqual(kinds);
		expect((await late.entriesOf(eventId(50).slice(4)))?.map(({ kind }) => kind)).toEqual(kinds);
		expect((await late.run(runId(50)))?.facts.map(({ kind }) => kind)).toEqual(kinds.slice(2));
	});

	test("that nobody knows are null, whatever they are called", async () => {
		for (const id of [eventId(999), "evt_", "", "x", "run_..", "%"]) expect(await ledger.event(id)).toBeNull();
	});
});

describe("runs", () => {
	test.each([
		["running", [29, 16]],
		["failed", [28, 24, 20, 12, 4]],
		["partial", []],
	] as const)("that are %s", async (status, expected) => {
		const { items } = await all((cursor) => ledger.runs({ status, limit: 2, cursor }));
		expect(items.filter(({ workflow }) => workflow !== "digest").map(({ event }) => numberOf(event ?? ""))).toEqual(
			expected,
		);
		for (const run of items) expect(run.status).toBe(status);
	});

	test("of one workflow", async () => {
		const { items } = await all((cursor) => ledger.runs({ workflow: "odd", limit: 4, cursor }));
		expect(items.map(({ event }) => numberOf(event ?? ""))).toEqual([
			29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1,
		]);
	});

	test("one by one, with their facts", async () => {
		expect(await ledger.run(runId(2, "even"))).toMatchObject({
			workflow: "even",
			version: 1,
			status: "succeeded",
			entity_key: "e:tracker/issue/2",
			event: eventId(2),
			started_at: T0 + 2,
			finished_at: T0 + 52,
			facts: [{ kind: "run.started" }, { kind: "attempt.finished" }, { kind: "run.finished" }],
		});
		expect(await ledger.run(runId(16, "even"))).toMatchObject({ status: "running", finished_at: null });
		for (const id of [runId(2, "odd"), "run_x.y", "x", ""]) expect(await ledger.run(id)).toBeNull();
	});

	test("that have not been heard to end, with where they are", async () => {
		const unfinished = await ledger.unfinished(T0 + 10_000);
		expect(unfinished).toEqual([
			{ run: runId(29, "odd"), entity_key: "e:tracker/issue/2" },
			{ run: runId(16, "even"), entity_key: "e:tracker/issue/1" },
		]);
		expect(await ledger.unfinished(T0 + 20)).toEqual([{ run: runId(16, "even"), entity_key: "e:tracker/issue/1" }]);
	});
});

describe("dead letters", () => {
	const letters = (filter: Parameters<typeof ledger.deadLetters>[0]) =>
		all((cursor) => ledger.deadLetters({ ...filter, cursor }));

	test("are listed newest first, page by page", async () => {
		const { items, pages } = await letters({ limit: 3 });
		expect(items.map(({ run, state }) => [numberOf(run?.split(".")[0]), state])).toEqual([
			[Number.NaN, "open"],
			[28, "open"],
			[24, "open"],
			[20, "open"],
			[16, "retrying"],
			[12, "discarded"],
			[8, "resolved"],
			[4, "open"],
		]);
		expect(pages).toBe(3);
	});

	test.each([
		["state", { state: "open" as const }, 5],
		["class", { class: "not_found" as const }, 7],
		["workflow", { workflow: "even" }, 7],
		["source", { source: "github" }, 1],
		["connection", { connection: "slack" }, 7],
		["trace", { trace_id: eventId(24).slice(4) }, 1],
		["all of these", { state: "open" as const, class: "not_found" as const, workflow: "even", connection: "slack" }, 4],
		["what none has", { connection: "elsewhere" }, 0],
	])("are filtered by %s", async (_, filter, count) => {
		expect((await letters({ ...filter, limit: 2 })).items).toHaveLength(count);
	});

	test("tell their story, in order, and nobody else's", async () => {
		const found = await ledger.deadLetter(`dl_${runId(8, "even").slice(4)}.tell`);
		expect(found?.letter).toMatchObject({ state: "resolved", class: "not_found", reason: "the target answered 404" });
		expect(found?.story.map(({ kind }) => kind)).toEqual([
			"attempt.finished",
			"dead_letter.opened",
			"dead_letter.retried",
			"dead_letter.resolved",
		]);
		expect(found?.story[0]?.data.exchange).toMatchObject({ response: { status: 404 } });
		expect(await ledger.deadLetter("dl_unknown")).toBeNull();
	});

	test("of deliveries that could not be read tell why", async () => {
		const found = await ledger.deadLetter(`dl_${"f".repeat(32)}`);
		expect(found).toMatchObject({
			letter: { class: "unreadable", reason: "no entity", source: "github", run: null, step: null },
			story: [{ kind: "delivery.unreadable" }],
		});
	});
});

test("counters add up what was told", async () => {
	expect(await ledger.counters()).toMatchObject({
		events: 34,
		unreadable: 1,
		runs: 31,
		"runs.failed": 7,
		"verdicts.started": 30,
		"verdicts.aggregated": 3,
		dead_letters: 7,
		"dead_letters.not_found": 7,
		"dead_letters.retried": 2,
		"dead_letters.resolved": 1,
		"dead_letters.discarded": 1,
	});
});
