// The list of what is waited for: open joins, approvals, waits for a time; however often and in whatever order it was told.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/model/fact";
import type { Wait, WaitQuery } from "../../src/model/ledger";
import { ledgerName } from "../../src/model/names";
import { ledgerOf } from "../../src/stubs";
import {
	also,
	arrivals,
	asks,
	ended,
	factsOf,
	joins,
	letter,
	not,
	ok,
	sleeps,
	started,
	stepEnded,
	T0,
	type Told,
	votes,
} from "../ledger/story";

const UNTIL = T0 + 600_000;

let last = 0;
/** A Ledger of its own for each test. */
function subject() {
	const tenant = `waiting-${++last}`;
	const ledger = ledgerOf(env, tenant);
	return {
		ledger,
		tell: (story: Told[], n = 1) => ledger.append(storyOf(story, n)),
		list: async (query: Partial<WaitQuery> = {}) => (await ledger.waiting({ limit: 100, ...query })).items,
		sql: (statement: string) =>
			runInDurableObject(env.LEDGER.getByName(ledgerName(tenant)), (_, { storage }) =>
				storage.sql.exec(statement).toArray(),
			),
	};
}

/** Each number is a run of its own, of the workflow `odd` or `even`. */
function storyOf(story: Told[], n = 1): Fact[] {
	return factsOf(story, { trace: traceOf(n), workflow: n % 2 === 0 ? "even" : "odd" });
}

function traceOf(n: number): string {
	return n.toString(16).padStart(32, "0");
}

function text(wait: Wait): string {
	const n = Number.parseInt(wait.run.slice("run_".length), 16);
	switch (wait.kind) {
		case "join":
			return `${n} ${wait.have.join("+")} lacks ${wait.missing.join("+")}`;
		case "approval":
			return `${n} ${wait.step} ${wait.approved}/${wait.need}`;
		case "time":
			return `${n} ${wait.step}`;
	}
}

const JOINED = [joins(["ci"], ["qa", "legal"], UNTIL), joins(["ci", "qa"], ["legal"], UNTIL)];
const ASKING = [started("ok"), asks("ok", UNTIL), votes("ok", "ann", 1)];

const STORIES: [name: string, story: Told[], waits: string[]][] = [
	["an open join", JOINED, ["1 ci+qa lacks legal"]],
	["a join that has become a run", [...JOINED, started("a")], []],
	[
		"a join that has become a run which asks",
		[...JOINED, started("_start", "a"), also(asks("_start", UNTIL))],
		["1 _start 0/2"],
	],
	["an approval", ASKING, ["1 ok 1/2"]],
	[
		"an approval that was given",
		[...ASKING, votes("ok", "ben", 2), also(stepEnded("ok", { status: "succeeded" }))],
		[],
	],
	["a step that sleeps, beside one that asks", [...ASKING, sleeps("nap", UNTIL - 1)], ["1 nap", "1 ok 1/2"]],
	["a run that has ended", [...ASKING, ended("failed")], []],
	["a run that never waits", [started("a"), ok("a"), ended("succeeded")], []],
];

describe.each(STORIES)("%s", (_, story, waits) => {
	test("is listed as it is, in whatever order it was told, one by one or at once, and told again", async () => {
		for (const facts of arrivals(storyOf(story))) {
			const [oneByOne, atOnce] = [subject(), subject()];
			for (const fact of facts) await oneByOne.ledger.append([fact]);
			await atOnce.ledger.append(facts);
			for (const { ledger, list } of [oneByOne, atOnce]) {
				expect((await list()).map(text)).toEqual(waits);
				await ledger.append(facts.slice(0, 2));
				expect((await list()).map(text)).toEqual(waits);
			}
		}
	});
});

test("two runs of one trace wait each for their own", async () => {
	const { ledger, list } = subject();
	await ledger.append(factsOf([started("ok"), asks("ok", UNTIL)], { workflow: "a" }));
	await ledger.append(factsOf([started("nap"), sleeps("nap", UNTIL)], { workflow: "b" }));
	expect((await list()).map(({ workflow, kind }) => [workflow, kind])).toEqual([
		["a", "approval"],
		["b", "time"],
	]);
	await ledger.append(factsOf([ended("failed")], { workflow: "a", from: T0 + 9_000 }));
	await ledger.append(factsOf([sleeps("rest", UNTIL)], { workflow: "b", from: T0 + 8_000 }));
	expect((await list()).map(text)).toEqual(["1 nap", "1 rest"]);
});

test("the view of a run tells what it waits for", async () => {
	const { ledger, tell } = subject();
	await tell(ASKING);
	const run = `run_${traceOf(1)}.odd`;
	expect(await ledger.run(run)).toMatchObject({
		status: "running",
		steps: [{ id: "ok", status: "waiting", until: UNTIL }],
		waits: [{ kind: "approval", step: "ok", approved: 1, votes: [{ by: "ann", vote: "approve" }] }],
	});
	expect(await ledger.runSummary(run)).toMatchObject({ entity_key: "e:tracker/issue/1", waits: [{ step: "ok" }] });
	expect((await ledger.runs({ limit: 1 })).items[0]).not.toHaveProperty("steps");
	expect(await ledger.runSummary("run_x.y")).toBeNull();
});

describe("a list", () => {
	async function many() {
		const one = subject();
		for (let n = 1; n <= 7; n++) await one.tell([joins(["ci"], ["qa"], UNTIL - n * 1_000)], n);
		await one.tell([started("nap", "ok"), sleeps("nap", UNTIL), also(asks("ok", UNTIL))], 8);
		await one.tell([started("nap"), sleeps("nap", UNTIL)], 9);
		return one;
	}

	test("has the soonest deadline first, page by page", async () => {
		const { ledger } = await many();
		const seen: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await ledger.waiting({ limit: 3, cursor });
			seen.push(...page.items.map(text));
			cursor = page.cursor ?? undefined;
		} while (cursor !== undefined);
		const open = [7, 6, 5, 4, 3, 2, 1].map((n) => `${n} ci lacks qa`);
		expect(seen).toEqual([...open, "8 nap", "8 ok 0/2", "9 nap"]);
	});

	test.each<[string, Partial<WaitQuery>, string[]]>([
		["kind", { kind: "approval" }, ["8 ok 0/2"]],
		["workflow", { workflow: "even", kind: "join" }, ["6 ci lacks qa", "4 ci lacks qa", "2 ci lacks qa"]],
		["both, page by page", { workflow: "odd", kind: "time", limit: 1 }, ["9 nap"]],
		["what none has", { workflow: "none" }, []],
	])("is filtered by %s", async (_, query, expected) => {
		const { list } = await many();
		expect((await list(query)).map(text)).toEqual(expected);
	});
});

describe("rows", () => {
	/** From now on whatever writes to the table fails. */
	const freeze = async (sql: (statement: string) => Promise<unknown>, events = ["INSERT", "UPDATE", "DELETE"]) => {
		for (const event of events) {
			await sql(`CREATE TRIGGER no_${event} BEFORE ${event} ON waiting BEGIN SELECT RAISE(ABORT, 'written'); END`);
		}
	};

	test("are not written for a run that never waits", async () => {
		const { sql, tell } = subject();
		await sql("SELECT 1");
		await freeze(sql);
		await tell([started("a"), not("a"), also(letter("a")), also(ended("failed")), letter("a", "retried"), ok("a")]);
	});

	test("are not written when nothing changes for those who wait", async () => {
		const { sql, tell, list } = subject();
		await tell(ASKING);
		await freeze(sql);
		const before = await list();
		await tell([...ASKING, ok("other"), stepEnded("third", { status: "skipped" })]);
		expect(await list()).toEqual(before);
	});

	test("are changed in place while the deadline stays, and go when the waiting is over", async () => {
		const { sql, tell, list } = subject();
		await tell(ASKING.slice(0, 2));
		await freeze(sql, ["INSERT", "DELETE"]);
		await tell(ASKING);
		expect((await list()).map(text)).toEqual(["1 ok 1/2"]);
		await sql("DROP TRIGGER no_DELETE");
		await tell([...ASKING, ended("failed")]);
		expect(await sql("SELECT * FROM waiting")).toEqual([]);
	});
});

describe("what is looked after", () => {
	const unfinished = async (story: Told[], before = UNTIL + 1) => {
		const { ledger, tell } = subject();
		await tell(story);
		return ledger.unfinished(before);
	};
	const found = [{ run: `run_${traceOf(1)}.odd`, entity_key: "e:tracker/issue/1" }];
	const undoing: Told = { kind: "run.compensating", data: { steps: ["a"] } };

	test.each<[string, Told[], object[]]>([
		["is a run that is being undone", [started("a", "b"), ok("a"), not("b"), also(undoing)], found],
		[
			"is a run that was undone on",
			[started("a"), ok("a"), undoing, not("a.undo"), ended("compensation_failed"), letter("a.undo", "retried")],
			found,
		],
		["is a run that was resumed", [started("a"), not("a"), ended("failed"), { kind: "run.resumed", data: {} }], found],
		["is a run whose step has succeeded after all", [started("a", "b"), not("a"), ended("failed"), ok("a")], found],
		["is not a run that was undone", [started("a"), ok("a"), undoing, ok("a.undo"), ended("compensated")], []],
		["is not a run that was cancelled", [started("a"), ended("cancelled")], []],
		["is a join that should be over", JOINED, found],
	])("%s", async (_, story, expected) => {
		expect(await unfinished(story)).toEqual(expected);
	});

	test("is told once, and not before its time", async () => {
		expect(await unfinished(ASKING)).toEqual(found);
		expect(await unfinished(ASKING, UNTIL - 1)).toEqual([]);
		expect(await unfinished(JOINED, UNTIL)).toEqual([]);
	});
});

test("a run's facts are told step by step, and its exchanges as far as an answer holds them", async () => {
	const { ledger, tell } = subject();
	const said = (step: string): Told => ({
		...{ kind: "attempt.finished", step },
		data: { outcome: "succeeded", exchange: { response: { status: 200, headers: {}, body: "x".repeat(50_000) } } },
	});
	const items = Array.from({ length: 100 }, (_, n) => said(`each.${n}`));
	await tell([started("each", "each2"), ...items, said("each2"), ended("succeeded")]);
	const id = `run_${traceOf(1)}.odd`;
	const whole = await ledger.run(id);
	const exchanges = (whole?.facts ?? []).map(({ data }) => data.exchange);
	expect(exchanges[1]).toMatch(/^left out: 50\d\d\d bytes$/);
	expect(exchanges.at(-2)).toMatchObject({ response: { status: 200 } });
	expect(whole?.steps).toHaveLength(102);
	const one = await ledger.run(id, "each.0");
	expect(one?.facts).toMatchObject([{ step: "each.0", data: { exchange: { response: { status: 200 } } } }]);
	expect((await ledger.run(id, "each"))?.facts).toHaveLength(100);
	expect((await ledger.entriesOf(traceOf(1)))?.[1]?.data.exchange).toMatch(/^left out/);
});

test("a letter of an undo keeps what is left in the world", async () => {
	const { ledger, tell } = subject();
	const opened = letter("a.undo");
	await tell([{ ...opened, data: { ...opened.data, left: ["a (slack.post_message)", "b (http.request)"] } }]);
	const [found] = (await ledger.deadLetters({ limit: 1 })).items;
	expect(found?.left).toEqual(["a (slack.post_message)", "b (http.request)"]);
	await tell([letter("a")], 2);
	expect((await ledger.deadLetters({ workflow: "even", limit: 1 })).items[0]).not.toHaveProperty("left");
});
