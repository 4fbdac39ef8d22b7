// Bulks: begun once, carried out at their pace by the Ledger's alarm, each letter once, whatever fails on the way. The
// Entities are made up here: what they do is tested with them.

import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PatchAnswer } from "../../src/model/message";
import { ledgerName } from "../../src/model/names";
import type { ReplayOrder, StepReplay } from "../../src/model/replay";
import { ledgerOf } from "../../src/stubs";
import { holdClock } from "./support/clock";
import { failed, received, retried } from "./support/facts";
import { replaceBindings } from "./support/office";
import { runId } from "./support/things";

const clock = holdClock();
const SECOND = 1_000;

interface Asked extends StepReplay {
	run: string;
	at: number;
}

type Answer = PatchAnswer | Error;

let asked: Asked[] = [];
/** What Entities answer; they throw what is an error. */
let answers: (run: string) => Answer | Promise<Answer> = () => "ok";
const entities = {
	getByName: () => ({
		replay: async (run: string, _step: string, order: StepReplay) => {
			asked.push({ run, at: clock.now(), ...structuredClone(order) });
			const answer = await answers(run);
			if (answer instanceof Error) throw answer;
			return answer;
		},
	}),
};

beforeAll(async () => {
	// The tests' own tools look at the real bindings, once.
	await runInDurableObject(env.LEDGER.getByName(ledgerName("first")), () => {});
	replaceBindings({ ENTITY: entities });
});
afterEach(() => {
	asked = [];
	answers = () => "ok";
});

let last = 0;

/** A Ledger with so many open letters. */
async function subject(letters: number) {
	const tenant = `replays-${++last}`;
	const stub = () => env.LEDGER.getByName(ledgerName(tenant));
	const one = {
		tenant,
		get ledger() {
			return ledgerOf(env, tenant);
		},
		alarmAt: () => runInDurableObject(stub(), (_, { storage }) => storage.getAlarm()),
		sql: (statement: string, ...values: unknown[]) =>
			runInDurableObject(stub(), (_, { storage }) => storage.sql.exec(statement, ...values).toArray()),
		deleteAlarm: () => runInDurableObject(stub(), (_, { storage }) => storage.deleteAlarm()),
		/** Rings if it is time. */
		async ring() {
			const at = await one.alarmAt();
			if (at !== null && at <= clock.now()) await runDurableObjectAlarm(stub());
		},
		async beats(seconds: number) {
			for (let n = 0; n < seconds; n++) {
				await one.ring();
				clock.advance(SECOND);
			}
		},
		async start(order: Partial<ReplayOrder> = {}) {
			const said = await one.ledger.startReplay(orderOf({ expect: letters, ...order }));
			if (said.said !== "ok") throw new Error(JSON.stringify(said));
			return said.replay.id;
		},
	};
	for (let n = 0; n < letters; n++) await one.ledger.append([...received(n), ...failed(n)]);
	return one;
}

function orderOf(order: Partial<ReplayOrder>): ReplayOrder {
	return { by: "ann", act: "retry", select: {}, expect: 0, per_minute: 60, fingerprint: "same", ...order };
}

describe("a bulk begins", () => {
	test("if the selection holds as many letters as expected", async () => {
		const one = await subject(3);
		expect(await one.ledger.startReplay(orderOf({ expect: 2 }))).toEqual({ said: "count", count: 3 });
		expect(await one.ledger.startReplay(orderOf({ expect: 1, select: { workflow: "other" } }))).toMatchObject({
			count: 0,
		});
		expect(await one.ledger.replays({ limit: 10 })).toEqual({ items: [], cursor: null });
		expect(await one.alarmAt()).toBeNull();
		await one.ledger.append(retried(1).retried);
		const said = await one.ledger.startReplay(orderOf({ expect: 2 }));
		expect(said).toMatchObject({ said: "ok", replay: { state: "running", total: 2, done: 0 } });
		expect(await one.alarmAt()).toBe(clock.now());
	});

	test("once for each name", async () => {
		const one = await subject(2);
		const named = { name: "again", expect: 2 };
		const id = await one.start(named);
		expect(await one.start(named)).toBe(id);
		expect(await one.start({ ...named, expect: 99 })).toBe(id);
		expect(await one.ledger.startReplay(orderOf({ ...named, fingerprint: "another" }))).toEqual({ said: "name" });
		expect(await one.ledger.namedReplay("again", "same")).toMatchObject({ said: "ok", replay: { id } });
		expect(await one.ledger.namedReplay("free", "same")).toBeNull();
		await one.beats(3);
		expect(await one.start(named)).toBe(id);
		await one.beats(3);
		expect(asked).toHaveLength(2);
	});

	test("for those that are named, as far as they are open, and for those that pass", async () => {
		const one = await subject(4);
		const { items } = await one.ledger.deadLetters({ limit: 10 });
		const ids = items.map(({ id }) => id);
		await one.ledger.append(retried(3).retried);
		expect(await one.ledger.countSelected({ ids: [...ids, ...ids, "dl_none"] })).toMatchObject({
			count: 3,
			steps: [{ workflow: "wf", version: 1, step: "tell" }],
		});
		const page = await one.ledger.selected({ ids }, { limit: 2 });
		const rest = await one.ledger.selected({ ids }, { limit: 2, cursor: page.cursor ?? "" });
		expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(ids.slice(1).toSorted());
		const only = ids.slice(2, 3);
		await one.start({ select: { ids }, expect: 3, only });
		await one.beats(2);
		expect(asked.map(({ run }) => run)).toEqual([items[2]?.run]);
	});

	test("not for more than it takes", async () => {
		const one = await subject(1);
		await one.sql(
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO dead_letter (id, opened_at, state, group_id, doc) SELECT 'dl_' || i, i, 'open', 'lg', json_object('id', 'dl_' || i, 'state', 'open', 'opened_at', i, 'workflow', NULL, 'version', NULL, 'step', NULL) FROM n",
		);
		expect(await one.ledger.startReplay(orderOf({ expect: 10_001 }))).toEqual({ said: "too_many", most: 10_000 });
	});
});

describe("a bulk goes on", () => {
	test.each([
		[10, [1, 1, 1, 1, 1, 1, 2]],
		[60, [1, 2, 3, 4, 5]],
		[150, [2, 4, 6]],
		[6_000, [8]],
	])("with %i a minute", async (per_minute, done) => {
		const one = await subject(8);
		const id = await one.start({ per_minute, expect: 8 });
		const seen: (number | undefined)[] = [];
		for (const _ of done) {
			await one.beats(1);
			seen.push((await one.ledger.replay(id))?.done);
		}
		expect(seen).toEqual(done);
	});

	test("and does not hurry because time was lost", async () => {
		const one = await subject(8);
		await one.start();
		await one.beats(1);
		clock.advance(3_600_000);
		await one.beats(2);
		expect(asked).toHaveLength(3);
	});

	test("to its end, and tells when it began and how it ended", async () => {
		const one = await subject(3);
		answers = (run) => (run === runId(1) ? "conflict" : "ok");
		const patch = { with: { text: "a name" }, paths: ["text"] };
		const id = await one.start({ name: "mend", patch });
		await one.beats(5);
		expect(asked.map(({ by, replay, patch: given }) => [by, replay, given])).toEqual(Array(3).fill(["ann", id, patch]));
		const ended = await one.ledger.replay(id);
		expect(ended).toMatchObject({ state: "done", total: 3, done: 2, failed: 1, patched: ["text"] });
		expect(ended?.failures).toEqual([
			{ letter: expect.stringContaining("dl_"), reason: expect.stringContaining("does not wait for anybody") },
		]);
		const facts = await one.ledger.entriesOf(ended?.trace_id ?? "");
		expect(facts?.map(({ kind, actor, data }) => [kind, actor, data.total ?? data.done])).toEqual([
			["replay.started", "ann", 3],
			["replay.finished", "ann", 2],
		]);
		expect(JSON.stringify([facts, await one.sql("SELECT doc FROM replay")])).not.toContain("a name");
		expect(await one.alarmAt()).toBeNull();
		expect(await one.ledger.counters()).toMatchObject({ replays: 1, "replays.finished": 1 });
	});

	test("with what its workflow's runs go on with", async () => {
		const one = await subject(1);
		const work = { workflow: "wf", version: 7, priority: "normal" as const, steps: [] };
		await one.start({ version: 7, works: { wf: work } });
		await one.beats(1);
		expect(asked).toMatchObject([{ work }]);
		expect(await one.sql("SELECT * FROM replay_work")).toEqual([]);
	});

	test("until it is aborted, also in the middle of a beat", async () => {
		const one = await subject(20);
		const id = await one.start({ per_minute: 6_000 });
		let aborting: Promise<unknown> | undefined;
		answers = async () => {
			aborting ??= one.ledger.abortReplay(id, "bob");
			await aborting;
			return "ok" as const;
		};
		await one.beats(3);
		const ended = await one.ledger.replay(id);
		expect(ended).toMatchObject({ state: "aborted", done: 10, failed: 0, ended_at: expect.any(Number) });
		expect(asked).toHaveLength(10);
		expect(await one.ledger.abortReplay(id, "bob")).toMatchObject({ said: "over" });
		expect(await one.ledger.abortReplay("rp_none", "bob")).toBeNull();
		const facts = await one.ledger.entriesOf(ended?.trace_id ?? "");
		expect(facts?.at(-1)).toMatchObject({ kind: "replay.aborted", actor: "bob" });
	});

	test("no more once it is aborted while another one has its beat", async () => {
		const one = await subject(4);
		const first = await one.start();
		const second = await one.start();
		let aborting: Promise<unknown> | undefined;
		answers = async () => {
			// The one that is not at work now.
			const other = asked[0]?.replay === first ? second : first;
			aborting ??= one.ledger.abortReplay(other, "bob");
			await aborting;
			return "ok" as const;
		};
		await one.beats(6);
		expect(new Set(asked.map(({ replay }) => replay)).size).toBe(1);
		expect(await one.alarmAt()).toBeNull();
	});

	test("beside another one, each at its pace", async () => {
		const one = await subject(4);
		await one.start({ per_minute: 60 });
		await one.start({ per_minute: 120 });
		await one.beats(2);
		expect(asked).toHaveLength(6);
		const { items, cursor } = await one.ledger.replays({ limit: 1 });
		const more = await one.ledger.replays({ limit: 5, cursor: cursor ?? "" });
		expect([...items, ...more.items].map(({ per_minute }) => per_minute).toSorted()).toEqual([120, 60]);
	});
});

describe("a bulk survives", () => {
	test("an Entity that cannot be reached: the others go on, and it is told in the end", async () => {
		const one = await subject(3);
		answers = (run) => (run === runId(0) ? new Error("no such luck") : "ok");
		const id = await one.start();
		await one.beats(12);
		expect(await one.ledger.replay(id)).toMatchObject({
			...{ state: "done", done: 2, failed: 1 },
			failures: [{ reason: expect.stringContaining("could not be reached") }],
		});
		expect(
			asked
				.map(({ run }) => run)
				.slice(0, 3)
				.toSorted(),
		).toEqual([runId(0), runId(1), runId(2)]);
		expect(asked.filter(({ run }) => run === runId(0))).toHaveLength(5);
	});

	test("the death of its Ledger between two beats", async () => {
		const one = await subject(4);
		const id = await one.start();
		await one.beats(2);
		await abortAllDurableObjects();
		await one.beats(4);
		expect(await one.ledger.replay(id)).toMatchObject({ state: "done", done: 4 });
		expect(new Set(asked.map(({ run }) => run)).size).toBe(4);
		expect(asked).toHaveLength(4);
	});

	test("a letter that was acted on and forgotten: what was told of it counts", async () => {
		const one = await subject(1);
		const id = await one.start();
		await one.sql("UPDATE replay_item SET tries = 1");
		answers = () => "gone";
		await one.beats(1);
		expect(await one.ledger.replay(id)).toMatchObject({ state: "running", done: 0, failed: 0 });
		const [fact] = retried(0).retried;
		if (fact !== undefined) await one.ledger.append([{ ...fact, data: { ...fact.data, replay: id } }]);
		await one.beats(1);
		expect(await one.ledger.replay(id)).toMatchObject({ state: "done", done: 1, failed: 0 });
	});

	test("an alarm that fails: the next one is set before it begins", async () => {
		const one = await subject(2);
		const id = await one.start();
		let during: number | null = null;
		answers = async () => {
			during = await one.alarmAt();
			return "ok" as const;
		};
		await one.ring();
		expect(during).toBe(clock.now() + 30 * SECOND);
		const [row] = await one.sql("SELECT doc FROM replay");
		clock.advance(SECOND);
		await one.sql("UPDATE replay SET doc = 'no JSON'");
		await one.ring();
		expect(await one.alarmAt()).toBe(clock.now() + 30 * SECOND);
		await one.sql("UPDATE replay SET doc = ?", row?.doc);
		await one.beats(32);
		expect(await one.ledger.replay(id)).toMatchObject({ state: "done", done: 2 });
	});

	test("a beat that never comes to an end only so long", async () => {
		const one = await subject(1);
		const id = await one.start();
		await one.sql("UPDATE replay SET tries = 10");
		await one.beats(2);
		expect(await one.ledger.replay(id)).toMatchObject({
			state: "aborted",
			reason: expect.stringContaining("10 tries"),
		});
		expect(asked).toEqual([]);
	});

	test("the loss of its alarm, when the sweeper comes by", async () => {
		const one = await subject(1);
		const id = await one.start();
		await one.deleteAlarm();
		await one.ledger.unfinished(0);
		await one.beats(1);
		expect(await one.ledger.replay(id)).toMatchObject({ state: "done", done: 1 });
	});
});

describe("discarding", () => {
	test("ends letters that no Entity knows here, once", async () => {
		const one = await subject(2);
		answers = () => "gone";
		const id = await one.start({ act: "discard", reason: "not needed", per_minute: 6_000 });
		await one.beats(1);
		expect(asked).toMatchObject([{ discard: "not needed" }, { discard: "not needed" }]);
		expect(await one.ledger.replay(id)).toMatchObject({ act: "discard", state: "done", done: 2, reason: "not needed" });
		const { items } = await one.ledger.deadLetters({ limit: 10 });
		expect(items.map(({ state }) => state)).toEqual(["discarded", "discarded"]);
		const { story = [] } = (await one.ledger.deadLetter(items[0]?.id ?? "")) ?? {};
		expect(story.filter(({ kind }) => kind === "dead_letter.discarded")).toMatchObject([
			{ actor: "ann", data: { by: "ann", reason: "not needed", replay: id } },
		]);
		expect(await one.ledger.discard(items[0]?.id ?? "", "ann", "again")).toBe(false);
	});
});
