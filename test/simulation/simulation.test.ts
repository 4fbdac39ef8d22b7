// Thousands of random histories of the real core, each the same on every machine. `SEED=n` replays one of them
// and prints everything that happened in it.

import { describe, expect, test } from "vitest";
import { History, type Options } from "./history";
import { PLANTS, type Plant } from "./plants";
import { SqliteRows } from "./sqlite-rows";
import { count, emptyTally } from "./tally";

const HISTORIES = 16_000;
/** Histories that are played over SQLite too. */
const WRITTEN_HISTORIES = 200;
/** How many of the last lines of a failed history are shown. */
const LINES = 60;

/** Within how many seeds each plant must show. */
const SEEDS: Record<Plant, number> = {
	ack_before_commit: 50,
	no_receipt_check: 10,
	no_outbox: 10,
	random_key: 10,
	throwing_alarm: 50,
	arrival_order: 10,
	skips_overdue: 50,
	early_mark: 50,
	any_ignored: 50,
	conditions_ignored: 50,
	undo_forwards: 150,
	undo_unseen: 300,
	undo_forgotten: 50,
	quorum_of_one: 150,
	voter_twice: 300,
	told_twice: 300,
	cancel_ignored: 300,
	pause_unasked: 150,
	branch_twice: 150,
	veto_ignored: 150,
	late_reopens: 300,
	acted_forgotten: 300,
	wide_fan_out: 150,
};

/** What went wrong in a history; null if nothing did. */
function problemOf(seed: number, options: Options = {}): Error | null {
	try {
		new History(seed, options).play();
		return null;
	} catch (error) {
		return error instanceof Error ? error : new Error(String(error));
	}
}

/** The same history again, with its log. */
function traceOf(seed: number, options: Options = {}): string[] {
	const history = new History(seed, { ...options, verbose: true });
	try {
		history.play();
	} catch (error) {
		history.world.say("", String(error));
	}
	return history.world.lines ?? [];
}

const { SEED } = process.env;
test.runIf(SEED !== undefined)("the history of one seed", () => {
	console.log(traceOf(Number(SEED)).join("\n"));
	expect(problemOf(Number(SEED))).toBeNull();
});

test(`${HISTORIES} histories of duplicates, losses, delays and crashes keep every promise`, {
	timeout: 120_000,
}, () => {
	const startedAt = performance.now();
	const tally = emptyTally();
	for (let seed = 1; seed <= HISTORIES; seed++) {
		const history = new History(seed);
		try {
			history.play();
		} catch (error) {
			const trace = traceOf(seed).slice(-LINES).join("\n");
			throw new Error(`seed ${seed}: ${String(error)}\nSEED=${seed} prints all of it; its end:\n${trace}`);
		}
		count(tally, history);
	}
	const seconds = (performance.now() - startedAt) / 1_000;
	const { common, rare } = tally;
	const rate = `${Math.round(HISTORIES / seconds)} histories and ${Math.round(common.steps / seconds)} steps per second`;
	console.log(`${rate}; in all ${JSON.stringify(common)} and ${JSON.stringify(rare)}`);
	expect(Math.min(...Object.values(common))).toBeGreaterThan(HISTORIES / 10);
	expect(Math.min(...Object.values(rare))).toBeGreaterThan(HISTORIES / 1_000);
});

describe("a mistake that is planted into the shell around the core shows", () => {
	test.each(Object.keys(PLANTS) as Plant[])("%s", (plant) => {
		const seeds = Array.from({ length: SEEDS[plant] }, (_, n) => n + 1);
		const found = seeds.find((seed) => problemOf(seed, { plant }) !== null);
		console.log(`${plant}: ${PLANTS[plant]}. Found by seed ${found}: ${problemOf(found ?? 0, { plant })?.message}`);
		expect(found).toBeDefined();
		expect(seeds.map((seed) => problemOf(seed)).filter((problem) => problem !== null)).toEqual([]);
	});
});

test("histories are the same over the real store as over its double", () => {
	for (let seed = 1; seed <= WRITTEN_HISTORIES; seed++) {
		expect(traceOf(seed, { rows: () => new SqliteRows() })).toEqual(traceOf(seed));
	}
});

test("a seed is a history: it is the same every time", () => {
	expect(traceOf(7)).toEqual(traceOf(7));
	expect(traceOf(7)).not.toEqual(traceOf(8));
});
