// Steps that a Connection has parked, in its real object: they outlast its memory, and are called when there is room.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { FIRST_PAUSE_MS } from "../../src/core/pacing/breaker";
import { CALLED_MS } from "../../src/core/pacing/called";
import type { Bounds } from "../../src/model/connection";
import type { CallAnswer, Wanted } from "../../src/model/message";
import { connectionName, keyOf, tenantOf } from "../../src/model/names";
import { connectionOf } from "../../src/stubs";
import { holdClock } from "./support/clock";
import { replaceBindings } from "./support/office";

const clock = holdClock();

const BOUNDS: Bounds = { rate: null, concurrency: 2 };
/** Longer than the first pause of any breaker. */
const PAUSE_MS = 1.2 * FIRST_PAUSE_MS;
const MINUTE = 60_000;

let called: string[] = [];
/** What Entities answer; they cannot be reached where it is null. */
let answer: (run: string) => CallAnswer | null | Promise<CallAnswer> = () => "coming";
const entities = {
	getByName: (name: string) => ({
		call: async (run: string, step: string): Promise<CallAnswer> => {
			called.push([tenantOf(name), keyOf(name), run, step].join(" "));
			const said = await answer(run);
			if (said === null) throw new Error("moved");
			return said;
		},
	}),
};

beforeAll(async () => {
	// The tests' own tools look at the real bindings, once.
	await runInDurableObject(env.CONNECTION.getByName(connectionName("first", "out")), () => {});
	replaceBindings({ ENTITY: entities });
});
afterEach(() => {
	called = [];
	answer = () => "coming";
});

let last = 0;

function wanted(run: string, workflow = "wf"): Wanted {
	return { workflow, entity_key: `e:${run}`, run, step: "tell" };
}

/** A Connection whose breaker has just opened. */
class Broken {
	readonly tenant = `parked-${++last}`;
	#batches = 0;

	static async open(): Promise<Broken> {
		const broken = new Broken();
		const { batch } = await broken.admit(
			Array.from({ length: 10 }, (_, n) => wanted(`failing-${n}`)),
			{ lanes: 10 },
		);
		await broken.calls.settle({ batch, finished: 10, failed: 10, unused: 0 }, { rate: null, concurrency: 10 });
		expect((await broken.calls.state()).breaker).toBe("open");
		return broken;
	}

	get calls() {
		return connectionOf(env, this.tenant, "out");
	}

	get stub(): DurableObjectStub {
		return env.CONNECTION.getByName(connectionName(this.tenant, "out"));
	}

	async admit(steps: Wanted[], { lanes = 2 } = {}) {
		const batch = `b${++this.#batches}`;
		const bounds = { ...BOUNDS, concurrency: lanes };
		return { batch, ...(await this.calls.admit({ batch, steps, lanes, bounds, longest_ms: 10_000 })) };
	}

	async park(...runs: string[]): Promise<void> {
		const { waits } = await this.admit(runs.map((run) => wanted(run)));
		expect(waits).toEqual(runs.map(() => "parked"));
	}

	/** The probe, which the target answers or fails on. */
	async probe(run: string, failed: 0 | 1): Promise<void> {
		const { batch, waits } = await this.admit([wanted(run)]);
		expect(waits).toEqual([null]);
		await this.calls.settle({ batch, finished: 1, failed, unused: 0 }, BOUNDS);
	}

	evict(): Promise<void> {
		return evictDurableObject(this.stub);
	}

	alarmAt(): Promise<number | null> {
		return runInDurableObject(this.stub, (_, { storage }) => storage.getAlarm());
	}

	/** Rings as often as it is due within the next milliseconds. */
	async pass(ms: number): Promise<void> {
		const end = clock.now() + ms;
		for (let at = await this.alarmAt(); at !== null && at <= end; at = await this.alarmAt()) {
			clock.advance(Math.max(0, at - clock.now()));
			await runDurableObjectAlarm(this.stub);
		}
		clock.advance(end - clock.now());
	}

	async untilAlarm(): Promise<void> {
		await this.pass(((await this.alarmAt()) ?? Number.NaN) - clock.now());
	}

	/** Whose calls are due when everything is forgotten but what is stored. */
	async rows(): Promise<string[]> {
		const list = () => runInDurableObject(this.stub, (_, { storage }) => [...storage.kv.list({ prefix: "parked:" })]);
		return (await list()).map(([key]) => key.slice("parked:".length).split("/")[0] ?? "").sort();
	}
}

describe("while a target is down", () => {
	test("those who wait for it are left alone, and one of them is called for each probe", async () => {
		const broken = await Broken.open();
		await broken.park("r1", "r2", "r3");
		expect((await broken.calls.state()).waiting).toBe(3);
		await broken.pass(FIRST_PAUSE_MS - 1);
		expect(called).toEqual([]);
		await broken.untilAlarm();
		expect(called).toEqual([`${broken.tenant} e:r1 r1 tell`]);
		expect(await broken.rows()).toEqual(["r2", "r3"]);
		await broken.probe("r1", 1);
		await broken.pass(2 * FIRST_PAUSE_MS - 1);
		expect(called).toHaveLength(1);
		await broken.untilAlarm();
		expect(called).toHaveLength(2);
		// It does not come, so the next one is called.
		await broken.pass(CALLED_MS);
		expect(called.map((text) => text.split(" ")[2])).toEqual(["r1", "r2", "r3"]);
	});

	test("its memory may go: who waits is still called, and in the same order", async () => {
		const broken = await Broken.open();
		for (const run of ["r3", "r1", "r2"]) {
			await broken.park(run);
			clock.advance(1_000);
		}
		await broken.evict();
		await broken.untilAlarm();
		expect(called).toEqual([`${broken.tenant} e:r3 r3 tell`]);
		await broken.probe("r3", 0);
		await broken.pass(0);
		expect(called.slice(1).map((text) => text.split(" ")[2])).toEqual(["r1", "r2"]);
		expect(await broken.rows()).toEqual([]);
	});
});

describe("when it answers again", () => {
	test("all are called, as fast as it bears; newcomers do not take their room", async () => {
		const broken = await Broken.open();
		await broken.park(...Array.from({ length: 30 }, (_, n) => `r${n}`));
		await broken.untilAlarm();
		await broken.probe("r0", 0);
		await broken.pass(0);
		expect(called).toHaveLength(1 + BOUNDS.concurrency);
		expect((await broken.admit([wanted("newcomer")])).waits).toEqual(["parked"]);
		for (let n = 0; n < 40 && (await broken.rows()).length > 0; n++) {
			const came = called.splice(0).map((text) => wanted(text.split(" ")[2] ?? ""));
			const { batch, waits } = await broken.admit(came);
			const finished = waits.filter((wait) => wait === null).length;
			clock.advance(100);
			await broken.calls.settle({ batch, finished, failed: 0, unused: 0 }, BOUNDS);
			await broken.pass(1_000);
		}
		expect(await broken.rows()).toEqual([]);
		expect((await broken.calls.state()).waiting).toBe(0);
	});
});

describe("a call", () => {
	async function due(): Promise<Broken> {
		const broken = await Broken.open();
		await broken.park("r1", "r2");
		clock.advance(PAUSE_MS);
		return broken;
	}

	test.each<[string, CallAnswer | null]>([
		["that an Entity does not answer", null],
		["that comes before its step is parked", "busy"],
	])("%s is made again, and nothing is forgotten", async (_, said) => {
		const broken = await due();
		answer = () => said;
		await broken.pass(MINUTE);
		expect(new Set(called).size).toBe(2);
		// Each of the two after 1, 2, 4, 8 seconds and so on, and then once a minute one of them.
		expect(called).toHaveLength(11);
		await broken.pass(10 * MINUTE);
		expect(called).toHaveLength(22);
		expect(await broken.rows()).toEqual(["r1", "r2"]);
		called = [];
		answer = () => "coming";
		await broken.evict();
		await broken.untilAlarm();
		expect(called).toHaveLength(1);
		expect(await broken.rows()).toHaveLength(1);
	});

	test("of who does not wait any more gives the room to the next at once", async () => {
		const broken = await due();
		answer = (run) => (run === "r1" ? "gone" : "coming");
		await broken.pass(1_000);
		expect(called.map((text) => text.split(" ")[2])).toEqual(["r1", "r2"]);
		expect(await broken.rows()).toEqual([]);
	});

	test("is not made of who came by itself", async () => {
		const broken = await due();
		expect((await broken.admit([wanted("r2")])).waits).toEqual([null]);
		expect(await broken.rows()).toEqual(["r1"]);
	});

	test("whose answer comes after its step was parked once more forgets nothing", async () => {
		const broken = await due();
		const parkedAgain = Promise.withResolvers<void>();
		answer = () => parkedAgain.promise.then(() => "coming" as const);
		const ringing = runDurableObjectAlarm(broken.stub);
		await expect.poll(() => called).toHaveLength(1);
		// It took too long, and another one was the probe.
		clock.advance(CALLED_MS);
		expect((await broken.admit([wanted("faster")])).waits).toEqual([null]);
		await broken.park("r1");
		parkedAgain.resolve();
		await ringing;
		expect(await broken.rows()).toEqual(["r1", "r2"]);
	});
});

test("where nobody is parked there is no alarm", async () => {
	const broken = await Broken.open();
	expect(await broken.alarmAt()).toBeNull();
});
