// The Connection in its real object: what it remembers, what outlasts its memory, and what it writes for that.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Bounds } from "../../src/model/connection";
import type { Admission, AdmitCall, ConnectionCalls, Wanted } from "../../src/model/message";
import { connectionName } from "../../src/model/names";
import { connectionOf } from "../../src/stubs";
import { holdClock } from "./support/clock";

const clock = holdClock();

const MINUTE = 60_000;
const BOUNDS: Bounds = { rate: null, concurrency: 10 };

let last = 0;

/** Of an entity that knows nothing of it. */
function anyStep(): Pick<Wanted, "entity_key" | "run" | "step"> {
	return { entity_key: "nobody", run: `run_${++last}.wf`, step: "tell" };
}

class Paced {
	readonly name = `out-${++last}`;

	get calls(): ConnectionCalls {
		return connectionOf(env, "acme", this.name);
	}

	get stub(): DurableObjectStub {
		return env.CONNECTION.getByName(connectionName("acme", this.name));
	}

	admit(batch: string, steps: number, parts: Partial<AdmitCall> = {}): Promise<Admission> {
		const wanted = Array.from({ length: steps }, () => ({ workflow: "wf", ...anyStep() }));
		return this.calls.admit({ batch, steps: wanted, lanes: 6, bounds: BOUNDS, longest_ms: 10_000, ...parts });
	}

	/** As an idle object leaves its memory. */
	evict(): Promise<void> {
		return evictDurableObject(this.stub);
	}

	stored(): Promise<unknown[]> {
		return runInDurableObject(this.stub, (_, { storage }) => [...storage.kv.list()]);
	}

	/** Ten requests that fail. */
	async fail(batch: string): Promise<void> {
		await this.admit(batch, 10);
		await this.calls.settle({ batch, finished: 10, failed: 10, unused: 0 }, BOUNDS);
	}

	/** The probe after a pause, which fails. */
	async failAgain(batch: string, after: number): Promise<void> {
		clock.advance(after);
		const { waits } = await this.admit(batch, 1);
		expect(waits).toEqual([null]);
		await this.calls.settle({ batch, finished: 1, failed: 1, unused: 0 }, BOUNDS);
	}
}

function goes({ waits }: Admission): number {
	return waits.filter((wait) => wait === null).length;
}

describe("lanes", () => {
	test("are counted over batches, and free again when a batch says that it is over", async () => {
		const paced = new Paced();
		expect([goes(await paced.admit("a", 6)), (await paced.admit("b", 6)).lanes]).toEqual([6, 4]);
		expect((await paced.calls.state()).in_flight).toBe(10);
		await paced.calls.settle({ batch: "a", finished: 6, failed: 0, unused: 0 }, BOUNDS);
		expect((await paced.admit("d", 6)).lanes).toBe(6);
	});

	test("of a consumer that died are free again when their time is over", async () => {
		const paced = new Paced();
		await paced.admit("dead", 6);
		await paced.calls.hold({ batch: "dead", lanes: 6, left: 6, slow: true, ms: 30_000 });
		clock.advance(29_999);
		expect((await paced.calls.state()).in_flight).toBe(6);
		clock.advance(1);
		expect((await paced.calls.state()).in_flight).toBe(0);
		expect((await paced.admit("next", 6)).lanes).toBe(6);
	});
});

describe("a pause", () => {
	test("of over a minute is kept when the object leaves the memory, whole or of a part", async () => {
		const paced = new Paced();
		await paced.calls.pause(30 * MINUTE, "channel C1");
		await paced.calls.pause(5 * MINUTE);
		await paced.evict();
		const { paused_until, paused_scopes } = await paced.calls.state();
		expect(paused_until).toBe(clock.now() + 5 * MINUTE);
		expect(paused_scopes).toEqual([{ scope: "channel C1", until: clock.now() + 30 * MINUTE }]);
		expect(goes(await paced.admit("a", 3))).toBe(0);
		clock.advance(5 * MINUTE);
		const channels = ["C1", "C2"].map((channel) => ({ workflow: "wf", ...anyStep(), scope: `channel ${channel}` }));
		const { waits } = await paced.admit("b", 0, { steps: channels });
		expect(waits[0]).toBeGreaterThanOrEqual(25 * MINUTE);
		expect(waits[1]).toBeNull();
	});

	test("of up to a minute is not worth a row: it lives in memory", async () => {
		const paced = new Paced();
		await paced.calls.pause(MINUTE);
		expect((await paced.calls.state()).paused_until).toBe(clock.now() + MINUTE);
		expect(await paced.stored()).toEqual([]);
		await paced.evict();
		expect((await paced.calls.state()).paused_until).toBeNull();
	});
});

describe("the breaker", () => {
	test("opens, asks once, and closes, and tells each time what it does", async () => {
		const paced = new Paced();
		await paced.fail("a");
		expect(await paced.calls.state()).toMatchObject({ breaker: "open", paused_until: expect.any(Number) });
		expect(goes(await paced.admit("b", 3))).toBe(0);
		clock.advance(36_000);
		expect((await paced.calls.state()).breaker).toBe("half_open");
		const probe = await paced.admit("c", 3);
		expect([goes(probe), probe.settle]).toEqual([1, true]);
		expect(goes(await paced.admit("d", 3))).toBe(0);
		await paced.calls.settle({ batch: "c", finished: 1, failed: 0, unused: 0 }, BOUNDS);
		expect((await paced.calls.state()).breaker).toBe("closed");
		expect(goes(await paced.admit("e", 3))).toBe(3);
		expect(await paced.stored()).toEqual([]);
	});

	test("stays open over an eviction, and its pauses grow, and it is forgotten once it closed", async () => {
		const paced = new Paced();
		await paced.fail("a");
		await paced.evict();
		await paced.failAgain("b", 36_000);
		await paced.evict();
		expect(await paced.calls.state()).toMatchObject({ breaker: "open", waiting: 0 });
		clock.advance(36_000);
		expect((await paced.calls.state()).breaker).toBe("open");
		clock.advance(36_000);
		expect(goes(await paced.admit("d", 1))).toBe(1);
		await paced.calls.settle({ batch: "d", finished: 1, failed: 0, unused: 0 }, BOUNDS);
		await paced.evict();
		expect((await paced.calls.state()).breaker).toBe("closed");
		expect(await paced.stored()).toEqual([]);
	});
});

test("work that goes well writes nothing", async () => {
	const paced = new Paced();
	for (let n = 0; n < 20; n++) {
		await paced.admit(`b${n}`, 25);
		await paced.calls.settle({ batch: `b${n}`, finished: 20, failed: 1, unused: 4 }, BOUNDS);
	}
	expect(await paced.stored()).toEqual([]);
	const size = await runInDurableObject(paced.stub, (_, { storage }) => storage.sql.databaseSize);
	expect(size).toBe(await runInDurableObject(new Paced().stub, (_, { storage }) => storage.sql.databaseSize));
});
