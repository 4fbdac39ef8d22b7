// Every key of a join and of its branches makes a difference, and here is which.

import { expect } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { Branch, Join, ON_SHORT } from "../../src/model/timing";
import { holdClock } from "../worker/support/clock";
import { cel, step } from "./support/documents";
import { storedRuns } from "./support/entities";
import { bodies, prove, ready } from "./support/prove";
import { shop } from "./support/senders";
import type { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const HOUR = 3_600_000;
const ORDER = "event.data.data.order";
/** What a run of a join tells: the names of the branches that had come. */
const CAME = { came: cel('["a", "b", "c"].filter(name, name in branches && branches[name].arrived).join("")') };

/** A branch that is completed by events of its own name. */
function branch(name: string, more: JsonObject = {}): JsonObject {
	return { on: { source: "shop", event: name }, ...more };
}

const A_AND_B = { a: branch("a"), b: branch("b") };
const ALL_THREE = { ...A_AND_B, c: branch("c") };

function joined(join: JsonObject, more: JsonObject = {}): JsonObject {
	const timing = { join: { branches: A_AND_B, by: "1h", ...join } };
	return { name: "w", owner: "tests", key: ORDER, timing, steps: [step("tell", CAME)], ...more };
}

/** Sends events, each of its type and of one order, one after the other. */
async function send(acme: Tenant, ...types: string[]): Promise<void> {
	for (const type of types) await acme.take(shop(type, { id: crypto.randomUUID(), order: "o-1" }));
	await acme.handedOn(types.length);
	await acme.idle();
}

/** What runs have told after these events, without any time passing. */
async function after(join: JsonObject, ...types: string[]): Promise<unknown[]> {
	const acme = await ready(joined(join));
	await send(acme, ...types);
	return (await acme.bodiesAt("out")).map(({ came }) => came);
}

prove("a join", Join.shape, {
	branches: async () => {
		expect(await after({}, "a", "a")).toEqual([]);
		expect(await after({}, "a", "b")).toEqual(["ab"]);
		expect(await after({ branches: ALL_THREE }, "a", "b")).toEqual([]);
	},
	need: async () => {
		const branches = ALL_THREE;
		expect(await after({ branches, need: "all" }, "a", "c")).toEqual([]);
		expect(await after({ branches, need: "all" }, "a", "c", "b")).toEqual(["abc"]);
		expect(await after({ branches, need: 2 }, "b", "c")).toEqual(["bc"]);
		expect(await after({ branches, need: "a && (b || c)" }, "b", "c")).toEqual([]);
		expect(await after({ branches, need: "a && (b || c)" }, "c", "a")).toEqual(["ac"]);
	},
	veto: async () => {
		const acme = await ready(joined({ branches: ALL_THREE, veto: ["c"] }));
		await send(acme, "a", "c", "b");
		const [run, ...others] = await storedRuns(acme.name);
		expect([run?.status, others, await acme.bodiesAt("out")]).toEqual(["failed", [], []]);
		expect(run?.steps[0]).toMatchObject({ class: "rejected", reason: "c has vetoed it" });
	},
	by: async () => {
		const acme = await ready(joined({ by: "2h", on_short: "proceed" }));
		await send(acme, "a");
		await pass(2 * HOUR - 1);
		expect(await storedRuns(acme.name)).toEqual([]);
		await pass(1);
		expect(await bodies(acme, 1)).toEqual([{ came: "a" }]);
	},
	on_short: async () => {
		const statuses: Record<string, unknown> = {};
		for (const on_short of ON_SHORT) {
			const people = step("people", {}, { connection: "other" });
			const acme = await ready(joined({ on_short }, { on_failure: { steps: [people] } }));
			await send(acme, "a");
			await pass(HOUR);
			await acme.idle();
			const [run] = await storedRuns(acme.name);
			const told = [(await acme.bodiesAt("out")).length, (await acme.bodiesAt("other")).length];
			statuses[on_short] = [run?.status, run?.steps[0]?.class ?? run?.steps[0]?.status, ...told];
		}
		expect(statuses).toEqual({
			fail: ["failed", "timeout", 0, 1],
			proceed: ["succeeded", "succeeded", 1, 0],
			escalate: ["running", "asking", 0, 1],
		});
	},
	late: async () => {
		expect(await after({ late: "ignore" }, "a", "b", "a", "b")).toEqual(["ab"]);
		expect(await after({ late: "reopen" }, "a", "b", "a", "b")).toEqual(["ab", "ab"]);
	},
});

prove("a branch", Branch.shape, {
	on: async () => {
		const either = { on: ["b", "c"].map((event) => ({ source: "shop", event })) };
		expect(await after({ branches: { a: branch("a"), b: either } }, "a", "c")).toEqual(["ab"]);
		expect(await after({ branches: { ...A_AND_B, c: branch("c", { optional: true }) } }, "a", "c")).toEqual([]);
	},
	key: async () => {
		const keyed = { a: branch("a"), b: branch("b", { key: "event.data.data.ref.order" }) };
		const document = (name: string, branches: JsonObject) => joined({ branches }, { name });
		const acme = await ready(document("keyed", keyed), document("common", A_AND_B));
		await acme.take(shop("a", { id: "1", order: "o-1" }));
		await acme.take(shop("b", { id: "2", order: "o-2", ref: { order: "o-1" } }));
		expect(await bodies(acme, 1)).toEqual([{ came: "ab" }]);
		await acme.idle();
		expect((await storedRuns(acme.name)).map(({ workflow }) => workflow)).toEqual(["keyed"]);
	},
	optional: async () => {
		const branches = { ...A_AND_B, c: branch("c", { optional: true }) };
		expect(await after({ branches }, "a", "b")).toEqual(["ab"]);
		expect(await after({ branches }, "a", "c", "b")).toEqual(["abc"]);
		expect(await after({ branches, need: 2 }, "a", "c")).toEqual([]);
	},
});
