// Dead letters in the Ledger: found by what is known of them, in groups of one cause, and counted against limits; in
// whatever order their facts come.

import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/model/fact";
import type { LedgerCalls } from "../../src/model/ledger";
import type { DeadLetter, LetterFilter } from "../../src/model/letter";
import { ledgerName } from "../../src/model/names";
import { ledgerOf } from "../../src/stubs";
import { discarded, failed, received, retried, T0 } from "./support/facts";
import { runId, TENANT, traceId } from "./support/things";

let last = 0;
function subject() {
	const tenant = `letters-${++last}`;
	const sql = <T extends Record<string, SqlStorageValue>>(statement: string, ...bindings: unknown[]): Promise<T[]> =>
		runInDurableObject(env.LEDGER.getByName(ledgerName(tenant)), (_, state) =>
			state.storage.sql.exec<T>(statement, ...bindings).toArray(),
		);
	return {
		sql,
		tenant,
		get ledger() {
			return ledgerOf(env, tenant);
		},
	};
}

/** The facts of a letter as another attempt, with another reason, would tell them. */
function because(facts: Fact[], reason: string): Fact[] {
	return facts.map((fact) => (fact.kind === "dead_letter.opened" ? { ...fact, data: { ...fact.data, reason } } : fact));
}

/** The group of the ordinary letters of a workflow. */
async function groupsOf(ledger: LedgerCalls, workflow = "wf") {
	return (await ledger.letterGroups({ workflow, limit: 10 })).items;
}

describe("letters", () => {
	const ledger = ledgerOf(env, "filters");
	const all = async (filter: LetterFilter): Promise<DeadLetter[]> =>
		(await ledger.deadLetters({ ...filter, limit: 100 })).items;

	test("are found by every filter", async () => {
		const facts = Array.from({ length: 10 }, (_, n) => {
			const parts = { workflow: n < 6 ? "wf" : "other", entity: `tracker/issue/${n % 3}`, connection: `c${n % 2}` };
			return [...received(n, parts), ...because(failed(n, parts), `the target answered "${n}" and Left`)];
		});
		await ledger.append(facts.flat());
		const unread = { id: "dl_unread", class: "unreadable", reason: "?", source: "github", source_system: "github" };
		const delivery = { kind: "delivery.unreadable", trace_id: "f".repeat(32), classification: "internal" } as const;
		await ledger.append([{ id: "unreadable", at: T0, tenant: TENANT, ...delivery, data: unread }]);
		const numbers = async (filter: LetterFilter) => (await all(filter)).map(({ opened_at }) => opened_at - T0 - 50);
		const groups = await groupsOf(ledger, "other");
		const cases: [LetterFilter, number[]][] = [
			[{ workflow: "other" }, [9, 8, 7, 6]],
			[{ connection: "c1", workflow: "wf" }, [5, 3, 1]],
			[{ entity: "tracker/issue/2" }, [8, 5, 2]],
			[{ entity: "e:tracker/issue/2", workflow: "wf" }, [5, 2]],
			[{ run: runId(4) }, [4]],
			[{ trace_id: traceId(7) }, [7]],
			[{ step: "tell", version: 1, class: "not_found", workflow: "other" }, [9, 8, 7, 6]],
			[{ step: "tel" }, []],
			[{ version: 2 }, []],
			[{ text: 'answered "3"' }, [3]],
			[{ text: "and left", workflow: "other" }, [9, 8, 7, 6]],
			[{ opened_after: T0 + 50 + 7 }, [9, 8]],
			[{ opened_before: T0 + 50 + 2, workflow: "wf" }, [1, 0]],
			[{ opened_after: T0 + 50, opened_before: T0 + 53 }, [2, 1]],
			[{ group: groups[0]?.id ?? "" }, [9, 7]],
			[{ state: "open", source: "tracker", workflow: "wf" }, [5, 4, 3, 2, 1, 0]],
		];
		for (const [filter, expected] of cases) expect([filter, await numbers(filter)]).toEqual([filter, expected]);
		expect(await all({ source_system: "github" })).toMatchObject([{ id: "dl_unread", workflow: null }]);
		expect((await all({ source_system: "tracker" })).length).toBe(10);
	});

	test("know what they are about, whether the event or the letter is told first", async () => {
		for (const late of [false, true]) {
			const { ledger } = subject();
			const told = [received(1), failed(1).map((fact) => ({ ...fact, entity_key: "g:wf:x" }))];
			for (const facts of late ? told.toReversed() : told) await ledger.append(facts);
			const { items } = await ledger.deadLetters({ entity: "tracker/issue/1", limit: 10 });
			expect(items).toMatchObject([{ entity_key: "g:wf:x", source_system: "tracker" }]);
		}
	});
});

describe("a group", () => {
	const story = [
		...[...received(1), ...failed(1)],
		...[...received(2), ...because(failed(2), "the target answered 410")],
		...[...retried(1).retried, ...retried(1).resolved],
		...[...received(3), ...because(failed(3), "the target is gone")],
		discarded(2),
	];

	test.each([
		["in order", story],
		["the other way round", story.toReversed()],
		["twice", [...story, ...story]],
	])("is the same if its facts come %s, one by one", async (_, facts) => {
		const { ledger } = subject();
		for (const fact of facts) await ledger.append([fact]);
		expect(await groupsOf(ledger)).toMatchObject([
			{ pattern: "the target is gone", open: 1, seen: 1, first_seen: T0 + 53, sample_letter: expect.any(String) },
			{
				...{ pattern: "the target answered #", sample: "the target answered 410", state: "open" },
				...{ open: 0, seen: 2, first_seen: T0 + 51, last_seen: T0 + 52, workflow: "wf", step: "tell" },
			},
		]);
	});

	test("is acknowledged, resolved, ignored and opened again, each told once", async () => {
		const one = subject();
		await one.ledger.append([...received(1), ...failed(1)]);
		const [group] = await groupsOf(one.ledger);
		const id = group?.id ?? "";
		const states: (string | undefined)[] = [];
		for (const move of ["acknowledged", "acknowledged", "resolved", "ignored", "reopened", "reopened"] as const)
			states.push((await one.ledger.moveGroup(id, { move, by: "ann", note: "so it is" }))?.state);
		expect(states).toEqual(["acknowledged", "acknowledged", "resolved", "ignored", "open", "open"]);
		const told = await one.ledger.entriesOf(group?.trace_id ?? "");
		expect(told?.map(({ kind }) => kind.split(".")[1])).toEqual(["acknowledged", "resolved", "ignored", "reopened"]);
		expect(told?.[0]).toMatchObject({ actor: "ann", workflow: "wf", data: { group: id, note: "so it is", open: 1 } });
		expect(await one.ledger.counters()).toMatchObject({ "letter_groups.resolved": 1 });
		expect(await one.ledger.moveGroup("lg_none", { move: "resolved", by: "ann" })).toBeNull();
		await abortAllDurableObjects();
		expect(await one.ledger.letterGroup(id)).toMatchObject({ state: "open", last_move: { move: "reopened" } });
	});

	test.each([
		["resolved", "open"],
		["acknowledged", "acknowledged"],
		["ignored", "ignored"],
		["reopened", "open"],
	] as const)("that is %s and fails again is %s", async (move, state) => {
		const { ledger } = subject();
		await ledger.append([...received(1), ...failed(1)]);
		const [group] = await groupsOf(ledger);
		await ledger.moveGroup(group?.id ?? "", { move, by: "ann" });
		await ledger.append([...received(2), ...failed(2, { at: Date.now() + 60_000 })]);
		expect(await groupsOf(ledger)).toMatchObject([{ state, seen: 2 }]);
	});

	test("that was resolved stays so if what is told late happened before", async () => {
		const { ledger } = subject();
		await ledger.append([...received(2), ...failed(2)]);
		const [group] = await groupsOf(ledger);
		await ledger.moveGroup(group?.id ?? "", { move: "resolved", by: "ann" });
		await ledger.append([...received(1), ...failed(1)]);
		expect(await groupsOf(ledger)).toMatchObject([{ state: "resolved", seen: 2, first_seen: T0 + 51 }]);
	});

	test("is listed by page, and by its state, class, workflow and connection", async () => {
		const { ledger } = subject();
		for (let n = 0; n < 5; n++) {
			const parts = { workflow: `wf${n}`, connection: `c${n % 2}` };
			await ledger.append([...received(n, parts), ...failed(n, parts)]);
		}
		const [third] = await groupsOf(ledger, "wf3");
		await ledger.moveGroup(third?.id ?? "", { move: "ignored", by: "ann" });
		const workflows = async (query: Omit<Parameters<LedgerCalls["letterGroups"]>[0], "limit">) =>
			(await ledger.letterGroups({ ...query, limit: 10 })).items.map(({ workflow }) => workflow);
		expect(await workflows({ state: "ignored" })).toEqual(["wf3"]);
		expect(await workflows({ state: "open", connection: "c1" })).toEqual(["wf1"]);
		expect(await workflows({ class: "auth" })).toEqual([]);
		const first = await ledger.letterGroups({ limit: 2 });
		const second = await ledger.letterGroups({ limit: 4, cursor: first.cursor ?? "" });
		expect([first, second].flatMap(({ items }) => items.map(({ workflow }) => workflow))).toEqual(
			[4, 3, 2, 1, 0].map((n) => `wf${n}`),
		);
		expect(second.cursor).toBeNull();
	});
});

test("letters of before there were groups are put into theirs, and told as far as their rows tell", async () => {
	const one = subject();
	const { sql } = one;
	await one.ledger.append([...received(1), ...failed(1)]);
	const [row] = await sql<{ doc: string }>("SELECT doc FROM dead_letter");
	const { group, failed_at: _, entity_id, source_system, ...old } = JSON.parse(row?.doc ?? "") as DeadLetter;
	await sql("UPDATE dead_letter SET group_id = NULL, doc = ?", JSON.stringify(old));
	await sql("DELETE FROM letter_group");
	await abortAllDurableObjects();
	expect(await groupsOf(one.ledger)).toMatchObject([{ id: group, open: 1, seen: 1 }]);
	expect((await one.ledger.deadLetters({ limit: 1 })).items).toEqual([
		{ ...old, group, entity_id, source_system, failed_at: old.updated_at },
	]);
	await abortAllDurableObjects();
	expect(await groupsOf(one.ledger)).toMatchObject([{ seen: 1 }]);
});

describe("alerts", () => {
	const open = (from: number, to: number): Fact[] =>
		Array.from({ length: to - from }, (_, n) => failed(from + n, { at: Date.now() })).flat();
	const close = (from: number, to: number): Fact[] =>
		Array.from({ length: to - from }, (_, n) => discarded(from + n, { at: Date.now() + 10_000 }));

	test("tell once that too many letters are open, and once that they are not any more", async () => {
		const { ledger } = subject();
		const counted = async () => {
			const { alerts = 0, "alerts.cleared": cleared = 0 } = await ledger.counters();
			return [alerts, cleared, (await ledger.alerts()).map(({ kind, value }) => [kind, value])];
		};
		await ledger.append(open(0, 100));
		expect(await counted()).toEqual([0, 0, []]);
		await ledger.append(open(100, 101));
		await ledger.append(open(101, 110));
		expect(await counted()).toEqual([1, 0, [["open_letters", 110]]]);
		await ledger.append(close(0, 29));
		expect(await counted()).toEqual([1, 0, [["open_letters", 81]]]);
		await ledger.append(close(29, 30));
		expect(await counted()).toEqual([1, 1, []]);
		await ledger.append(open(200, 230));
		expect(await counted()).toEqual([2, 1, [["open_letters", 110]]]);
		expect(await ledger.verify()).toMatchObject({ ok: true });
	});

	test("tell that a letter is old, when the sweeper comes by", async () => {
		const { ledger } = subject();
		const at = Date.now() - 25 * 3_600_000;
		await ledger.append([...received(1, { at }), ...failed(1, { at })]);
		expect(await ledger.alerts()).toEqual([]);
		for (let n = 0; n < 2; n++) await ledger.unfinished(0);
		expect(await ledger.alerts()).toMatchObject([{ kind: "oldest_letter", limit: 86_400_000 }]);
		await ledger.append([discarded(1, { at })]);
		await ledger.unfinished(0);
		expect(await ledger.alerts()).toEqual([]);
		expect(await ledger.counters()).toMatchObject({ alerts: 1, "alerts.cleared": 1 });
	});
});
