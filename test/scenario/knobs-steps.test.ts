// Every key of a step makes a difference, and here is which. A key that is added must be proved here too.

import { afterEach, expect, vi } from "vitest";
import type { Json, JsonObject } from "../../src/model/json";
import { RetryOverrides, Step } from "../../src/model/workflow";
import { holdClock } from "../worker/support/clock";
import { cel, HASTY, step, workflow } from "./support/documents";
import { script } from "./support/outside";
import { bodies, ends, paid, prove, ready } from "./support/prove";
import { pass } from "./support/time";

holdClock();
afterEach(() => vi.restoreAllMocks());

const SECOND = 1_000;

/** Reads a deal; a later step tells what it has read. */
function reading(more: JsonObject = {}): JsonObject[] {
	const deal = { id: "deal", use: "http.get", connection: "other", with: { path: "/deals/1" }, ...more };
	return [deal, step("tell", { deal: cel("steps.deal.output"), fell_back: cel("steps.deal.fell_back") })];
}

/** Fails for good where `other` refuses. */
function failing(id: string, more: JsonObject = {}): JsonObject {
	return step(id, {}, { connection: "other", ...more });
}

/** A workflow of these steps, and a tenant where `other` refuses all that it is asked. */
async function refused(steps: JsonObject[], more: JsonObject = {}) {
	const acme = await ready(workflow("w", "shop", {}, { steps, ...more }));
	await script(acme.place("other"), { status: 422 });
	await acme.take(paid("o-1"));
	return acme;
}

prove("a step", Step.shape, {
	id: async () => {
		const acme = await ready(workflow("w", "shop", {}, { steps: [step("first", {}), step("second", {})] }));
		await acme.take(paid("o-1"));
		const keys = (await acme.arrived("out", 2)).map(({ headers }) => headers["idempotency-key"]?.split(".").at(-1));
		expect(keys.sort()).toEqual(["first", "second"]);
	},
	use: async () => {
		const say = { id: "say", use: "slack.post_message", connection: "chat", with: { channel: "C1", text: "hi" } };
		const acme = await ready(workflow("w", "shop", {}, { steps: [say] }));
		await acme.take(paid("o-1"));
		expect((await acme.arrived("chat", 1))[0]?.path).toBe(`${acme.place("chat")}/chat.postMessage`);
	},
	connection: async () => {
		const acme = await ready(workflow("w", "shop", {}, { steps: [step("tell", { n: 1 }, { connection: "other" })] }));
		await acme.take(paid("o-1"));
		expect(await bodies(acme, 1, "other")).toEqual([{ n: 1 }]);
	},
	with: async () => {
		const body = {
			text: `${cel("event.entity.id")}!`,
			number: cel("1 + 1"),
			literal: `$${cel("x")}`,
			deep: [{ a: cel("true") }],
		};
		const acme = await ready(workflow("w", "shop", body));
		await acme.take(paid("o-1"));
		expect(await bodies(acme, 1)).toEqual([{ text: "o-1!", number: 2, literal: cel("x"), deep: [{ a: true }] }]);
	},
	timeout: async () => {
		const acme = await ready(workflow("w", "shop", {}, { steps: [step("tell", {}, HASTY)] }));
		await script(acme.place("out"), { status: 200, after: 1_500 });
		await acme.take(paid("o-1"));
		await acme.stepIs("waiting", 1);
		await acme.publish(workflow("w", "shop", {}, { steps: [step("tell", {}, { timeout: "5s" })] }));
		await acme.take(paid("o-2"));
		await acme.stepIs("succeeded");
	},
	retry: async () => {
		const acme = await ready(workflow("w", "shop", {}, { steps: [step("tell", {}, { retry: { attempts: 1 } })] }));
		await script(acme.place("out"), { status: 503 });
		await acme.take(paid("o-1"));
		await acme.stepIs("failed", 1);
	},
	on_unknown: async () => {
		const say = (on_unknown: string) => ({
			...{ id: on_unknown, use: "slack.post_message", connection: "chat", ...HASTY, on_unknown },
			with: { channel: "C1", text: on_unknown },
		});
		const tell = step("tell", {}, { ...HASTY, on_unknown: "stop" });
		const acme = await ready(workflow("w", "shop", {}, { steps: [say("stop"), say("retry"), tell] }));
		for (const system of ["chat", "out"]) await script(acme.place(system), "hang");
		await acme.take(paid("o-1"));
		// Also where the target would recognise a repeated request: its author wants it not at all rather than twice.
		expect(await ends(acme)).toEqual({ stop: "unknown_outcome", retry: "waiting", tell: "unknown_outcome" });
	},
	needs: async () => {
		const needing = Object.entries<Json>({
			all: ["a", "c"],
			not_all: ["a", "b"],
			any: { any: ["a", "b"] },
			not_any: { any: ["b"] },
			two: { at_least: 2, of: ["a", "b", "c"] },
			not_three: { at_least: 3, of: ["a", "b", "c"] },
		});
		const steps = [
			step("a", {}),
			failing("b"),
			step("c", {}),
			...needing.map(([id, needs]) => step(id, {}, { needs })),
		];
		expect(await ends(await refused(steps))).toMatchObject({
			...{ b: "invalid", all: "succeeded", any: "succeeded", two: "succeeded" },
			...{ not_all: "skipped", not_any: "skipped", not_three: "skipped" },
		});
	},
	if: async () => {
		const large = "event.data.data.amount >= 100";
		const steps = [
			step("large", { large: true }, { if: large }),
			step("small", { large: false }, { if: `!(${large})` }),
		];
		const acme = await ready(workflow("w", "shop", {}, { steps }));
		await acme.take(paid("o-1", { amount: 100 }));
		expect(await bodies(acme, 1)).toEqual([{ large: true }]);
		expect(await ends(acme)).toEqual({ large: "succeeded", small: "skipped" });
	},
	for_each: async () => {
		const each = step("each", { sku: cel("item.sku"), at: cel("index") }, { for_each: "event.data.data.items" });
		const acme = await ready(workflow("w", "shop", {}, { steps: [each] }));
		await acme.take(paid("o-1", { items: [{ sku: "s" }, { sku: "t" }] }));
		const seen = (await bodies(acme, 2)).map(({ sku, at }) => `${sku} ${at}`);
		expect(seen.sort()).toEqual(["s 0", "t 1"]);
	},
	concurrency: async () => {
		const each = (more: JsonObject) => step("each", {}, { for_each: "[1, 2, 3, 4]", ...more });
		for (const [more, atOnce] of [
			[{ concurrency: 1 }, 1],
			[{ concurrency: 3 }, 3],
			[{}, 4],
		] as const) {
			const acme = await ready(workflow("w", "shop", {}, { steps: [each(more)] }));
			await script(acme.place("out"), { status: 503 });
			await acme.take(paid("o-1"));
			await acme.idle();
			expect(await acme.bodiesAt("out")).toHaveLength(atOnce);
		}
	},
	continue_on_error: async () => {
		const acme = await refused([failing("a", { continue_on_error: true }), step("b", { n: 1 }, { needs: ["a"] })]);
		expect(await bodies(acme, 1)).toEqual([{ n: 1 }]);
		await acme.told({ "runs.succeeded": 1 });
		expect(await acme.letters()).toEqual([]);
	},
	output: async () => {
		for (const [more, deal] of [
			[{}, { status: 200, body: { deal: { name: "Big" } } }],
			[{ output: { name: "body.deal.name" } }, { name: "Big" }],
		] as const) {
			const acme = await ready(workflow("w", "shop", {}, { steps: reading(more) }));
			await script(acme.place("other"), { status: 200, body: { deal: { name: "Big" } } });
			await acme.take(paid("o-1"));
			expect(await bodies(acme, 1)).toEqual([{ deal, fell_back: false }]);
		}
	},
	fallback: async () => {
		const fallback = { body: cel("event.data.data.id"), status: 0 };
		const acme = await refused(reading({ fallback }));
		expect(await bodies(acme, 1)).toEqual([{ deal: { body: "o-1", status: 0 }, fell_back: true }]);
		expect(await ends(await refused(reading()))).toEqual({ deal: "invalid", tell: "skipped" });
	},
	undo: async () => {
		const undo = { use: "http.request", with: { body: { undone: true } } };
		const steps = (way: JsonObject | "none") => [
			step("a", { done: true }, { undo: way }),
			failing("b", { needs: ["a"], undo: "none" }),
		];
		const acme = await refused(steps(undo), { on_failure: { compensate: true } });
		expect(await bodies(acme, 2)).toEqual([{ done: true }, { undone: true }]);
		const left = await refused(steps("none"), { on_failure: { compensate: true } });
		expect(await ends(left)).toEqual({ a: "succeeded", b: "invalid" });
		expect(await left.bodiesAt("out")).toEqual([{ done: true }]);
	},
});

prove("retry", RetryOverrides.shape, {
	attempts: async () => {
		const retry = { attempts: 2, base: "1s", cap: "1s" };
		const acme = await ready(workflow("w", "shop", {}, { steps: [step("tell", {}, { retry })] }));
		await script(acme.place("out"), { status: 503 });
		await acme.take(paid("o-1"));
		await acme.stepIs("waiting", 1);
		await pass(SECOND);
		await acme.stepIs("failed", 2);
		expect(await acme.bodiesAt("out")).toHaveLength(2);
	},
	base: async () => expect(await pauses({ base: "2s", cap: "1h" })).toEqual([2 * SECOND, 8 * SECOND, 32 * SECOND]),
	cap: async () => expect(await pauses({ base: "2s", cap: "5s" })).toEqual([2 * SECOND, 5 * SECOND, 5 * SECOND]),
});

/** The longest that each pause can be. */
async function pauses(retry: JsonObject): Promise<number[]> {
	vi.spyOn(Math, "random").mockReturnValue(1);
	const acme = await ready(workflow("w", "shop", {}, { steps: [step("tell", {}, { retry })] }));
	await script(acme.place("out"), { status: 503 });
	await acme.take(paid("o-1"));
	const seen: number[] = [];
	for (let attempt = 1; attempt <= 3; attempt++) {
		const { due_at } = await acme.stepIs("waiting", attempt);
		seen.push((due_at ?? 0) - Date.now());
		await pass(seen.at(-1) ?? 0);
	}
	return seen;
}
