// Appending: each fact once, in one chain that shows every change, in chunks of bounded size.

import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { entryOf } from "../../src/ledger/chain";
import type { Fact } from "../../src/model/fact";
import type { Entry } from "../../src/model/ledger";
import { ledgerName } from "../../src/model/names";
import { ledgerOf } from "../../src/stubs";
import { refusalOf } from "./support/entity";
import { failed, received, retried, succeeded, T0, unwanted } from "./support/facts";
import { eventId } from "./support/things";

let last = 0;
/** A Ledger of its own for each test. */
function subject() {
	const tenant = `tenant-${++last}`;
	const sql = <T extends Record<string, SqlStorageValue>>(statement: string, ...bindings: unknown[]): Promise<T[]> =>
		runInDurableObject(env.LEDGER.getByName(ledgerName(tenant)), (_, state) =>
			state.storage.sql.exec<T>(statement, ...bindings).toArray(),
		);
	return {
		sql,
		get ledger() {
			return ledgerOf(env, tenant);
		},
	};
}

function story(n: number): Fact[] {
	return [...received(n), ...succeeded(n)];
}

test("a fact that is told again is left out, in the same append and in another", async () => {
	const { ledger, sql } = subject();
	await ledger.append([...story(1), ...story(1)]);
	await ledger.append(story(1));
	await ledger.append([...story(1), ...story(2)]);
	expect(await ledger.verify()).toMatchObject({ ok: true, entries: 8 });
	expect(await ledger.counters()).toMatchObject({ events: 2, runs: 2, "runs.succeeded": 2, attempts: 2 });
	expect(await sql("SELECT first_seq, last_seq FROM chunk")).toEqual([
		{ first_seq: 1, last_seq: 4 },
		{ first_seq: 5, last_seq: 8 },
	]);
});

test("what was appended survives an abort", async () => {
	const one = subject();
	await one.ledger.append(story(1));
	await abortAllDurableObjects();
	await one.ledger.append(story(1));
	await one.ledger.append(story(2));
	expect(await one.ledger.verify()).toMatchObject({ ok: true, entries: 8, broken_at: null });
	expect(await one.ledger.event(eventId(1))).toHaveLength(4);
});

test("a hundred appends at once make one chain without gaps", async () => {
	const { ledger } = subject();
	await Promise.all(Array.from({ length: 100 }, (_, n) => ledger.append([...story(n), ...story((n + 1) % 100)])));
	const verified = await ledger.verify();
	expect(verified).toMatchObject({ ok: true, entries: 400 });
	expect(await ledger.counters()).toMatchObject({ events: 100, "runs.succeeded": 100 });
});

test("an append that cannot be done whole is not done at all", async () => {
	const { ledger, sql } = subject();
	await ledger.append(story(1));
	await sql("CREATE TRIGGER no_letters BEFORE INSERT ON dead_letter BEGIN SELECT RAISE(ABORT, 'no letters'); END");
	expect(await refusalOf(ledger.append([...story(2), ...failed(3)]))).toContain("no letters");
	expect(await ledger.verify()).toMatchObject({ ok: true, entries: 4 });
	expect(await ledger.event(eventId(2))).toBeNull();
	await sql("DROP TRIGGER no_letters");
	await ledger.append([...story(2), ...received(3), ...failed(3)]);
	expect(await ledger.verify()).toMatchObject({ ok: true, entries: 13 });
});

test("many facts stand in chunks of bounded size, and are found in all of them", async () => {
	const { ledger, sql } = subject();
	const large = (n: number): Fact => {
		const [fact] = received(n);
		if (fact === undefined) throw new Error("there is a fact");
		return { ...fact, data: { ...fact.data, note: "x".repeat(90_000) } };
	};
	await ledger.append(Array.from({ length: 20 }, (_, n) => large(n)));
	const chunks = await sql<{ bytes: number }>("SELECT length(entries) AS bytes FROM chunk");
	expect(chunks.length).toBeGreaterThan(3);
	for (const { bytes } of chunks) expect(bytes).toBeLessThan(700_000);
	for (let n = 0; n < 20; n++) expect(await ledger.event(eventId(n))).toHaveLength(1);
	expect(await ledger.verify()).toMatchObject({ ok: true, entries: 20 });
});

describe("a chain that was tampered with", () => {
	/** Rewrites the chunk that ends with `lastSeq`, as somebody with access to the storage could. */
	async function tampered(change: (entries: Entry[]) => Entry[], lastSeq = 8) {
		const { ledger, sql } = subject();
		for (const n of [1, 2, 3]) await ledger.append(story(n));
		const before = await ledger.verify();
		const [row] = await sql<{ entries: string }>("SELECT entries FROM chunk WHERE last_seq = ?", lastSeq);
		const entries = change(JSON.parse(row?.entries ?? "[]"));
		await sql("UPDATE chunk SET entries = ? WHERE last_seq = ?", JSON.stringify(entries), lastSeq);
		return { before, after: await ledger.verify() };
	}

	test("is whole as long as nobody does", async () => {
		const { before, after } = await tampered((entries) => entries);
		expect(before).toMatchObject({ ok: true, entries: 12, broken_at: null });
		expect(after).toEqual(before);
	});

	test.each<[string, (entries: Entry[]) => Entry[], number]>([
		["a changed value", (all) => all.with(1, { ...at(all, 1), at: T0 }), 6],
		["a changed value whose own hash was made to fit", (all) => all.with(1, refitted(all, 1)), 7],
		["an added member", (all) => all.with(0, { ...at(all, 0), actor: "ann" }), 5],
		["a dropped entry", (all) => all.toSpliced(1, 1), 7],
		["a dropped last entry", (all) => all.slice(0, -1), 9],
		["two swapped entries", (all) => [at(all, 1), at(all, 0), ...all.slice(2)], 6],
		["two entries that swapped facts", (all) => swapFacts(all), 5],
		["an entry told twice", (all) => [at(all, 0), ...all], 5],
	])("shows %s where it is", async (_, change, brokenAt) => {
		const { after } = await tampered(change);
		expect(after).toMatchObject({ ok: false, broken_at: brokenAt });
	});

	test("shows a missing chunk", async () => {
		const { ledger, sql } = subject();
		for (const n of [1, 2, 3]) await ledger.append(story(n));
		await sql("DELETE FROM chunk WHERE last_seq = 8");
		expect(await ledger.verify()).toMatchObject({ ok: false, broken_at: 9 });
	});

	function at(entries: Entry[], index: number): Entry {
		const entry = entries[index];
		if (entry === undefined) throw new Error(`there is no entry ${index}`);
		return entry;
	}

	function refitted(all: Entry[], index: number): Entry {
		const { seq, hash: _, ...fact } = at(all, index);
		return entryOf(at(all, index - 1).hash, seq, { ...fact, at: T0 });
	}

	function swapFacts(all: Entry[]): Entry[] {
		const [a, b] = [at(all, 0), at(all, 1)];
		return [{ ...b, seq: a.seq, hash: a.hash }, { ...a, seq: b.seq, hash: b.hash }, ...all.slice(2)];
	}
});

test("equal facts have equal hashes, whatever the order of their members", async () => {
	const one = subject();
	const other = subject();
	const [fact] = received(1);
	if (fact === undefined) throw new Error("there is a fact");
	await one.ledger.append([fact]);
	await other.ledger.append([Object.fromEntries(Object.entries(fact).reverse()) as Fact]);
	expect((await other.ledger.verify()).head).toBe((await one.ledger.verify()).head);
});

describe("a dead letter that is heard of out of order", () => {
	const opened = failed(1);
	const { retried: again, resolved } = retried(1);

	test.each([
		["in order", [opened, again, resolved]],
		["its end first", [resolved, again, opened]],
		["its retry first", [again, opened, resolved]],
		["its beginning last", [again, resolved, opened]],
		["all at once, reversed", [[...opened, ...again, ...resolved].reverse()]],
	])("%s is what it became last", async (_, appends) => {
		const { ledger } = subject();
		await ledger.append(received(1));
		for (const facts of appends) await ledger.append(facts);
		const { items } = await ledger.deadLetters({ limit: 10 });
		expect(items).toMatchObject([
			{ state: "resolved", class: "not_found", opened_at: T0 + 51, updated_at: T0 + 2_001 },
		]);
		expect((await ledger.runs({ limit: 10 })).items).toMatchObject([{ status: "succeeded" }]);
	});
});

test("a letter that was retried and failed again is open again", async () => {
	const { ledger } = subject();
	const { retried: again } = retried(1);
	const reopened = failed(1, { at: T0 + 5_000 }).map((fact) => ({ ...fact, id: fact.id.replace(":0:", ":1:") }));
	await ledger.append([...received(1), ...reopened, ...again, ...failed(1)]);
	expect((await ledger.deadLetters({ limit: 10 })).items).toMatchObject([{ state: "open", updated_at: T0 + 5_050 }]);
});

test("ten thousand facts are appended, verified and listed in seconds", async () => {
	const { ledger } = subject();
	const started = performance.now();
	for (let from = 0; from < 2_500; from += 100) {
		const facts = Array.from({ length: 100 }, (_, n) => (n % 10 === 0 ? failing(from + n) : story(from + n)));
		await ledger.append(facts.flat());
	}
	expect(await ledger.verify()).toMatchObject({ ok: true });
	expect((await ledger.runs({ status: "failed", limit: 1_000 })).items).toHaveLength(250);
	expect((await ledger.runs({ status: "running", limit: 10 })).items).toEqual([]);
	expect(await ledger.unfinished(T0 + 1_000_000)).toEqual([]);
	expect((await ledger.events({ limit: 100 })).items).toHaveLength(100);
	expect(await ledger.counters()).toMatchObject({ events: 2_500, "runs.failed": 250, "runs.succeeded": 2_250 });
	expect(performance.now() - started).toBeLessThan(15_000);
});

function failing(n: number): Fact[] {
	return [...received(n), ...failed(n)];
}

test("an event that nobody wanted is counted and kept", async () => {
	const { ledger } = subject();
	await ledger.append([unwanted(1)]);
	expect(await ledger.counters()).toEqual({ events: 1 });
	expect(await ledger.event(eventId(1))).toMatchObject([{ data: { verdicts: [], unmatched: [{ workflow: "wf" }] } }]);
});
