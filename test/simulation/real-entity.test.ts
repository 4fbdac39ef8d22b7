// The same histories with the real Entity instead of its double: what the double leaves out, or gets wrong, shows here.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Entity } from "../../src/entity/entity";
import type * as store from "../../src/entity/store";
import { History } from "./history";
import { observers, RealEntity } from "./real-entity";
import { count, emptyTally } from "./tally";

const HISTORIES = 200;

vi.mock("cloudflare:workers", () => ({
	DurableObject: class {
		constructor(
			readonly ctx: unknown,
			readonly env: unknown,
		) {}
	},
}));

/** The real store, watched. */
vi.mock("../../src/entity/store", async (original) => {
	const real = await original<typeof store>();
	const watched: Pick<typeof store, "writeTurn" | "load"> = {
		writeTurn: (sql, state, outbox, turn, event) => {
			real.writeTurn(sql, state, outbox, turn, event);
			observers.get(sql)?.writes(state, turn);
		},
		load: (sql) => {
			const loaded = real.load(sql);
			observers.get(sql)?.loads(loaded);
			return loaded;
		},
	};
	return { ...real, ...watched };
});

beforeEach(() => {
	vi.spyOn(console, "warn").mockImplementation(() => {});
	vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => vi.restoreAllMocks());

async function play(seed: number, verbose = false): Promise<History> {
	const history = new History(seed, { verbose, shell: (history, key) => new RealEntity(history, key, Entity) });
	vi.spyOn(Date, "now").mockImplementation(() => history.world.now);
	vi.spyOn(Math, "random").mockImplementation(history.world.prng.next);
	try {
		await history.playSlowly();
	} catch (error) {
		history.world.say("", String(error));
		if (!verbose) throw new Error(`seed ${seed}: ${String(error)}`);
	}
	return history;
}

test(`${HISTORIES} histories of the real Entity keep every promise`, async () => {
	const tally = emptyTally();
	for (let seed = 1; seed <= HISTORIES; seed++) count(tally, await play(seed));
	expect(tally.common.deaths).toBeGreaterThan(HISTORIES);
	const { votes, undone, joins, cancelled, repeated, items, held } = tally.rare;
	expect(Math.min(votes, undone, joins, cancelled, repeated, items, held)).toBeGreaterThan(0);
});

const { SEED } = process.env;
test.runIf(SEED !== undefined)("the history of one seed", async () => {
	const { world } = await play(Number(SEED), true);
	console.log(world.lines?.join("\n"));
});
