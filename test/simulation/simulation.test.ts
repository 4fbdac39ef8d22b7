// Tens of thousands of random histories of the real core, each the same on every machine. `SEED=n` replays one of them
// and prints everything that happened in it.

import { describe, expect, test } from "vitest";
import { History, type Options } from "./history";
import { PLANTS, type Plant } from "./plants";
import { SqliteRows } from "./sqlite-rows";

const HISTORIES = 20_000;
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
	skips_overdue: 10,
	early_mark: 50,
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
	const seen = { steps: 0, runs: 0, deaths: 0, requests: 0, repeats: 0, letters: 0, resumed: 0 };
	for (let seed = 1; seed <= HISTORIES; seed++) {
		const history = new History(seed);
		try {
			history.play();
		} catch (error) {
			const trace = traceOf(seed).slice(-LINES).join("\n");
			throw new Error(`seed ${seed}: ${String(error)}\nSEED=${seed} prints all of it; its end:\n${trace}`);
		}
		const kinds = [...history.witness.facts.values()].map(({ kind }) => kind);
		seen.steps += history.world.steps;
		seen.runs += history.witness.runs.size;
		seen.deaths += [...history.entities.values()].reduce((deaths, { life }) => deaths + life, 0);
		seen.requests += history.receiver.received.length;
		seen.repeats += history.ledger.repeats;
		seen.letters += kinds.filter((kind) => kind === "dead_letter.opened").length;
		seen.resumed += kinds.filter((kind) => kind === "dead_letter.retried").length;
	}
	const seconds = (performance.now() - startedAt) / 1_000;
	const rate = `${Math.round(HISTORIES / seconds)} histories and ${Math.round(seen.steps / seconds)} steps per second`;
	console.log(`${rate}; in all ${JSON.stringify(seen)}`);
	// Histories in which nothing happens would keep every promise too.
	expect(Math.min(...Object.values(seen))).toBeGreaterThan(HISTORIES / 10);
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

test("histories are the same over the real store as over its double", { timeout: 60_000 }, () => {
	for (let seed = 1; seed <= WRITTEN_HISTORIES; seed++) {
		expect(traceOf(seed, { rows: () => new SqliteRows() })).toEqual(traceOf(seed));
	}
});

test("a seed is a history: it is the same every time", () => {
	expect(traceOf(7)).toEqual(traceOf(7));
	expect(traceOf(7)).not.toEqual(traceOf(8));
});
