// Every key of on_failure, of its steps and of an undo makes a difference, and here is which.

import { expect } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { OnFailure, Undo } from "../../src/model/workflow";
import { holdClock } from "../worker/support/clock";
import { cel, HASTY, step, workflow } from "./support/documents";
import { script } from "./support/outside";
import { bodies, ends, paid, prove, ready } from "./support/prove";
import type { Tenant } from "./support/tenant";

holdClock();

const FAILING = step("b", {}, { connection: "down", needs: ["a"], undo: "none" });
const BACK = { use: "http.request", with: { body: { undone: true } } };
const SAY = { use: "slack.post_message", connection: "chat", with: { channel: "C1", text: "undone" } };

/** A run whose first step succeeds at `out`, unless systems answer otherwise, and whose second fails. */
async function failed(document: JsonObject, ...answers: [system: string, ...Parameters<typeof script>[1][]][]) {
	const acme = await ready();
	await acme.connect("down");
	await script(acme.place("down"), { status: 422 });
	for (const [system, ...all] of answers) await script(acme.place(system), ...all);
	await acme.publish(workflow("w", "shop", {}, document));
	await acme.take(paid("o-1"));
	return acme;
}

prove("on_failure", OnFailure.shape, {
	compensate: async () => {
		const steps = [step("a", { done: true }, { undo: BACK }), FAILING];
		for (const [compensate, seen] of [
			[true, { a: "succeeded", b: "invalid", "a.undo": "succeeded" }],
			[false, { a: "succeeded", b: "invalid" }],
		] as const)
			expect(await ends(await failed({ steps, on_failure: { compensate } }))).toEqual(seen);
	},
	steps: async () => {
		const tell = step("people", { failed: cel("run.failures.map(f, f.step)") }, { connection: "other" });
		const acme = await failed({ steps: [step("a", {}), FAILING], on_failure: { steps: [tell] } });
		expect(await bodies(acme, 1, "other")).toEqual([{ failed: ["b"] }]);
	},
});

/** A run that is undone in this way. */
function undone(undo: JsonObject, ...answers: [system: string, ...Parameters<typeof script>[1][]][]): Promise<Tenant> {
	const steps = [step("a", { done: true }, { undo: { ...BACK, ...undo } }), FAILING];
	return failed({ steps, on_failure: { compensate: true } }, ...answers);
}

prove("an undo", Undo.shape, {
	use: async () => {
		const acme = await undone(SAY);
		expect((await acme.arrived("chat", 1))[0]?.path).toBe(`${acme.place("chat")}/chat.postMessage`);
	},
	connection: async () => {
		expect(await bodies(await undone({ connection: "other" }), 1, "other")).toEqual([{ undone: true }]);
		expect(await bodies(await undone({}), 2)).toEqual([{ done: true }, { undone: true }]);
	},
	with: async () => {
		const body = { order: cel("event.entity.id"), status: cel("steps.a.output.status") };
		expect((await bodies(await undone({ with: { body } }), 2))[1]).toEqual({ order: "o-1", status: 200 });
	},
	timeout: async () => {
		for (const [timeout, end] of [
			[HASTY.timeout, "waiting"],
			["5s", "succeeded"],
		] as const) {
			const acme = await undone({ timeout, connection: "other" }, ["other", { status: 200, after: 1_500 }]);
			await acme.arrived("other", 1);
			expect(await ends(acme)).toMatchObject({ "a.undo": end });
		}
	},
	retry: async () => {
		for (const [attempts, end] of [
			[1, "exhausted"],
			[2, "waiting"],
		] as const) {
			const acme = await undone({ retry: { attempts }, connection: "other" }, ["other", { status: 503 }]);
			await acme.arrived("other", 1);
			expect(await ends(acme)).toMatchObject({ "a.undo": end });
		}
	},
	on_unknown: async () => {
		for (const [on_unknown, end] of [
			["stop", "unknown_outcome"],
			["retry", "waiting"],
		] as const) {
			const acme = await undone({ ...SAY, ...HASTY, on_unknown }, ["chat", "hang"]);
			await acme.arrived("chat", 1);
			expect(await ends(acme)).toMatchObject({ "a.undo": end });
		}
	},
});

/** A step of on_failure that writes to `other`. */
async function told(more: JsonObject, ...answers: [system: string, ...Parameters<typeof script>[1][]][]) {
	const tell = { ...step("people", { told: true }, { connection: "other" }), ...more };
	return failed({ steps: [step("a", {}), FAILING], on_failure: { steps: [tell] } }, ...answers);
}

prove("a step of on_failure", OnFailure.shape.steps.unwrap().element.shape, {
	id: async () => {
		const acme = await told({ id: "people" });
		expect((await acme.arrived("other", 1))[0]?.headers["idempotency-key"]).toMatch(/\.people$/);
	},
	use: async () => {
		const acme = await told(SAY);
		expect((await acme.arrived("chat", 1))[0]?.path).toBe(`${acme.place("chat")}/chat.postMessage`);
	},
	connection: async () => expect(await bodies(await told({ connection: "out" }), 2)).toEqual([{}, { told: true }]),
	with: async () => {
		const body = { why: cel("run.failures.map(f, f.class)"), left: cel("run.left") };
		expect(await bodies(await told({ with: { body } }), 1, "other")).toEqual([
			{ why: ["invalid"], left: ["a (http.request)"] },
		]);
	},
	needs: async () => {
		const [first, second] = [step("first", {}, { connection: "down" }), step("second", {}, { needs: ["first"] })];
		const acme = await failed({ steps: [step("a", {}), FAILING], on_failure: { steps: [first, second] } });
		expect(await ends(acme)).toMatchObject({ first: "invalid", second: "skipped" });
	},
	if: async () => {
		expect(await ends(await told({ if: 'run.failures[0].class == "auth"' }))).toMatchObject({ people: "skipped" });
		expect(await ends(await told({ if: 'run.failures[0].class == "invalid"' }))).toMatchObject({ people: "succeeded" });
	},
	timeout: async () => {
		const acme = await told(HASTY, ["other", { status: 200, after: 1_500 }]);
		expect(await ends(acme)).toMatchObject({ people: "waiting" });
	},
	retry: async () => {
		const acme = await told({ retry: { attempts: 1 } }, ["other", { status: 503 }]);
		expect(await ends(acme)).toMatchObject({ people: "exhausted" });
	},
	on_unknown: async () => {
		const acme = await told({ ...SAY, ...HASTY, on_unknown: "stop" }, ["chat", "hang"]);
		expect(await ends(acme)).toMatchObject({ people: "unknown_outcome" });
	},
	continue_on_error: async () => {
		for (const [continue_on_error, letters] of [
			[true, ["b"]],
			[false, ["b", "people"]],
		] as const) {
			const acme = await told({ continue_on_error }, ["other", { status: 422 }]);
			await acme.told({ "runs.failed": 1, dead_letters: letters.length });
			expect((await acme.letters()).map(({ step }) => step).sort()).toEqual(letters);
		}
	},
	output: async () => {
		const tell = (more: JsonObject) => ({ id: "read", use: "http.get", connection: "other", ...more });
		const again = step("again", { read: cel("steps.read.output") });
		const on_failure = { steps: [tell({ output: { id: "body.id" } }), again] };
		const answer = { status: 200, body: { id: 7, more: true } };
		const acme = await failed({ steps: [step("a", {}), FAILING], on_failure }, ["other", answer]);
		expect((await bodies(acme, 2))[1]).toEqual({ read: { id: 7 } });
	},
	fallback: async () => {
		const read = { id: "read", use: "http.get", connection: "other", fallback: { status: 0, body: "unknown" } };
		const again = step("again", { read: cel("steps.read.output.body") });
		const on_failure = { steps: [read, again] };
		const acme = await failed({ steps: [step("a", {}), FAILING], on_failure }, ["other", { status: 404 }]);
		expect((await bodies(acme, 2))[1]).toEqual({ read: "unknown" });
	},
});
