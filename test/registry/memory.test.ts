// What an isolate remembers: how old, how much, and what happens when loading fails.

import { beforeEach, describe, expect, test } from "vitest";
import { Lru } from "../../src/registry/lru";
import { Memory, RegistryUnavailable } from "../../src/registry/memory";

const AGES = { fresh: 5_000, stale: 10_000, fallback: 60_000 };

/** A store whose answers the test gives, one after the other. */
class Store {
	loads = 0;
	known: unknown[] = [];
	answer: () => Promise<string | null> = async () => "first";

	load = (known: string | null) => {
		this.loads += 1;
		this.known.push(known);
		return this.answer();
	};
}

let store: Store;
let memory: Memory<string>;
let background: Promise<unknown>[];

beforeEach(() => {
	store = new Store();
	background = [];
	memory = new Memory({ ages: AGES, capacity: 3, patience: 50, keepAlive: (load) => background.push(load) });
});

const get = (now: number, key = "acme") => memory.get(key, now, store.load);
const settle = () => Promise.all(background);

describe("ages", () => {
	test("a fresh value is answered at once, without a promise and without a load", async () => {
		expect(await get(0)).toBe("first");
		expect(get(4_999)).toBe("first");
		expect(store.loads).toBe(1);
	});

	test("a stale value is answered at once and loaded again meanwhile", async () => {
		await get(0);
		store.answer = async () => "second";
		expect(get(5_000)).toBe("first");
		await settle();
		expect(get(5_001)).toBe("second");
		expect(store.loads).toBe(2);
	});

	test("an old value is not answered: whoever asks waits for the new one", async () => {
		await get(0);
		store.answer = async () => "second";
		expect(await get(10_000)).toBe("second");
	});

	test("with a time, what was loaded before it does not count, nor a load that began before it", async () => {
		const since = (time: number, now: number) => memory.get("acme", now, store.load, time);
		const second = Promise.withResolvers<string>();
		await get(0);
		expect(since(0, 10)).toBe("first");
		store.answer = () => second.promise;
		const asked = since(5, 20);
		store.answer = async () => "third";
		expect(await since(21, 30)).toBe("third");
		second.resolve("second");
		expect(await asked).toBe("second");
		expect(get(40)).toBe("third");
		store.answer = () => Promise.reject(new Error("no"));
		await expect(since(50, 60)).rejects.toThrow(RegistryUnavailable);
		expect(get(70)).toBe("third");
	});

	test("a load gets the value that is known", async () => {
		await get(0);
		await get(10_000);
		expect(store.known).toEqual([null, "first"]);
	});
});

describe("loads", () => {
	test("many who ask at once share one load", async () => {
		const asked = Array.from({ length: 100 }, () => get(0));
		expect(await Promise.all(asked)).toEqual(Array(100).fill("first"));
		expect(store.loads).toBe(1);
	});

	test("many who meet a stale value start one load", async () => {
		await get(0);
		for (let i = 0; i < 100; i++) get(6_000);
		await settle();
		expect(store.loads).toBe(2);
	});

	test("a load is kept alive beyond the request that started it", async () => {
		await get(0);
		get(6_000);
		expect(background.length).toBe(2);
	});

	test("nobody waits longer than the patience for a load that never ends", async () => {
		store.answer = () => new Promise(() => {});
		await expect(get(0)).rejects.toThrow(RegistryUnavailable);
	});

	test("a load that never ends is given up, and another one is started", async () => {
		store.answer = () => new Promise(() => {});
		await expect(get(0)).rejects.toThrow("in time");
		store.answer = async () => "second";
		expect(await get(50)).toBe("second");
	});

	test("a load that was given up does not overwrite what came after it", async () => {
		let finish = (_: string) => {};
		store.answer = () => new Promise((resolve) => (finish = resolve));
		await expect(get(0)).rejects.toThrow("in time");
		store.answer = async () => "second";
		await get(50);
		finish("late");
		await settle();
		expect(get(51)).toBe("second");
	});

	test("forgetting makes the next one load, whatever is in flight", async () => {
		let finish = (_: string) => {};
		store.answer = () => new Promise((resolve) => (finish = resolve));
		const asked = get(0);
		memory.forget("acme");
		store.answer = async () => "second";
		expect(await get(0)).toBe("second");
		finish("before the change");
		await asked;
		await settle();
		expect(get(1)).toBe("second");
	});
});

describe("what does not exist", () => {
	test("is remembered like what does", async () => {
		store.answer = async () => null;
		expect(await get(0)).toBeNull();
		expect(get(4_999)).toBeNull();
		expect(store.loads).toBe(1);
	});

	test("displaces nothing that exists, however much of it is asked for", async () => {
		await get(0);
		store.answer = async () => null;
		for (let i = 0; i < 50; i++) await get(1, `nobody-${i}`);
		expect(get(2)).toBe("first");
		expect(store.loads).toBe(51);
	});

	test("is bounded itself", async () => {
		store.answer = async () => null;
		for (let i = 0; i < 4; i++) await get(1, `nobody-${i}`);
		await get(2, "nobody-0");
		expect(store.loads).toBe(5);
	});

	test("is no answer when loading fails: it may exist by now", async () => {
		store.answer = async () => null;
		await get(0);
		store.answer = () => Promise.reject(new Error("down"));
		await expect(get(10_000)).rejects.toThrow(RegistryUnavailable);
	});

	test("and what has gone is seen as gone", async () => {
		await get(0);
		store.answer = async () => null;
		expect(await get(10_000)).toBeNull();
	});
});

describe("when loading fails", () => {
	const down = () => Promise.reject(new Error("down"));

	test("without a copy the failure is told, with its cause", async () => {
		store.answer = down;
		const failure = await Promise.resolve(get(0)).catch((error) => error);
		expect(failure).toMatchObject({ tag: "registry_unavailable", cause: new Error("down") });
	});

	test("a copy is served up to its last age, and no longer", async () => {
		await get(0);
		store.answer = down;
		expect(await get(10_000)).toBe("first");
		expect(await get(59_999)).toBe("first");
		await expect(get(60_000)).rejects.toThrow(RegistryUnavailable);
	});

	test("the copy is served without waiting for a new attempt each time", async () => {
		await get(0);
		store.answer = down;
		await get(20_000);
		expect(get(20_001)).toBe("first");
		expect(get(24_999)).toBe("first");
		expect(store.loads).toBe(2);
		await get(25_000);
		expect(store.loads).toBe(3);
	});

	test("and a load that succeeds again is taken", async () => {
		await get(0);
		store.answer = down;
		await get(20_000);
		store.answer = async () => "second";
		expect(await get(25_000)).toBe("second");
	});
});

test("an Lru forgets what was not asked for the longest", () => {
	const lru = new Lru<number>(2);
	lru.set("a", 1);
	lru.set("b", 2);
	lru.get("a");
	lru.set("c", 3);
	expect([lru.get("a"), lru.get("b"), lru.get("c"), lru.size]).toEqual([1, undefined, 3, 2]);
});
