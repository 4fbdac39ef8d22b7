// What operators do with runs and workflows: cancel, resume on the same or another version, do again, pause.

import { expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { cel, onShop, step } from "./support/documents";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const HOUR = 3_600_000;
const UNDOABLE = { undo: { use: "http.request", with: { body: { undo: "first" } } } };

function waiting(more: JsonObject = {}): JsonObject {
	return onShop({
		steps: [
			step("first", { n: 1 }, UNDOABLE),
			{ id: "pause", use: "wait", needs: ["first"], with: { for: "1h" } },
			step("second", { n: 2 }, { needs: ["pause"] }),
		],
		...more,
	});
}

async function theRun(acme: Tenant) {
	const [run] = await acme.runs();
	if (run === undefined) throw new Error("there is no run");
	return run;
}

test("a wait lasts as long as it says, can be seen, and then the run goes on", async () => {
	const acme = await Tenant.running(waiting(), "out");
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("out", 1);
	await acme.told({ runs: 1, attempts: 1 });
	const { body } = await acme.must("GET", "/waiting?kind=time");
	expect(body.items).toMatchObject([{ kind: "time", step: "pause", workflow: "wf" }]);
	await pass(HOUR);
	await acme.arrived("out", 2);
	await acme.told({ "runs.succeeded": 1 });
	expect((await acme.must("GET", "/waiting")).body.items).toEqual([]);
});

test.each([
	[false, [{ n: 1 }]],
	[true, [{ n: 1 }, { undo: "first" }]],
])("a cancelled run starts nothing more; asked to compensate: %s", async (compensate, bodies) => {
	const acme = await Tenant.running(waiting(), "out");
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("out", 1);
	await acme.told({ runs: 1, attempts: 1 });
	const { id } = await theRun(acme);
	await acme.must("POST", `/runs/${id}/cancel`, { reason: "ordered by mistake", compensate });
	await acme.told({ "runs.cancelled": 1 });
	await pass(2 * HOUR);
	expect(await acme.bodiesAt("out")).toEqual(bodies);
	const run = await theRun(acme);
	expect(run.status).toBe("cancelled");
	expect(run.facts.find(({ kind }) => kind === "run.cancelled")?.data).toMatchObject({
		compensate,
		reason: "ordered by mistake",
	});
	expect((await acme.call("POST", `/runs/${id}/cancel`, { reason: "again" })).status).toBe(410);
});

test("a run that failed is resumed on a newer version, which is recorded, and keeps what it has done", async () => {
	const wrong = onShop({
		steps: [step("a", { n: 1 }), step("b", { n: 2 }, { needs: ["a"], connection: "down", retry: { attempts: 1 } })],
	});
	const acme = await Tenant.running(wrong, "out", "down");
	await script(acme.place("down"), { status: 404 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ "runs.failed": 1 });
	await acme.publish(
		onShop({
			steps: [step("a", { n: 1 }), step("b", { n: 22 }, { needs: ["a"] }), step("c", { n: 3 }, { needs: ["b"] })],
		}),
	);
	const { id } = await theRun(acme);
	await acme.must("POST", `/runs/${id}/resume`, { version: "current" });
	await acme.told({ "runs.succeeded": 1 });
	expect(await acme.bodiesAt("out")).toEqual([{ n: 1 }, { n: 22 }, { n: 3 }]);
	const run = await theRun(acme);
	expect(run).toMatchObject({ status: "succeeded" });
	const resumed = run.facts.find(({ kind }) => kind === "run.resumed");
	expect(resumed?.data).toMatchObject({ from_version: 1, version: 2 });
	expect((await acme.letters())[0]?.state).toBe("resolved");
});

test("a run is done again under a name of its own, once for each name", async () => {
	const acme = await Tenant.running(onShop({ steps: [step("a", { run: cel("run.id") })] }), "out");
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ "runs.succeeded": 1 });
	const { id } = await theRun(acme);
	for (let n = 0; n < 2; n++) {
		const { body } = await acme.must("POST", `/runs/${id}/rerun`, { name: "after-fix" });
		expect(body.id).toBe(`${id}.after-fix`);
	}
	await acme.must("POST", `/runs/${id}/rerun`, { name: "once-more" });
	await acme.told({ "runs.succeeded": 3 });
	expect((await acme.bodiesAt("out")).map(({ run }) => run)).toEqual([id, `${id}.after-fix`, `${id}.once-more`]);
	const keys = (await acme.arrived("out", 3)).map(({ headers }) => headers["idempotency-key"]);
	expect(new Set(keys).size).toBe(3);
	expect((await acme.runs()).find((run) => run.id.endsWith("after-fix"))?.facts[0]?.data).toMatchObject({
		repeats: id,
	});
});

test("a paused workflow's queued work stops, is kept, and goes on when it is resumed", async () => {
	const acme = await Tenant.running(onShop({ steps: [step("a", { id: cel("event.entity.id") })] }), "out");
	await acme.must("POST", "/workflows/wf/pause", { reason: "the target is being moved" });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.take(shop("order.paid", { id: "o-2" }));
	await acme.told({ runs: 2 });
	expect(await acme.bodiesAt("out")).toEqual([]);
	expect((await acme.must("GET", "/workflows/wf")).body.paused_at).toBeTypeOf("number");
	await acme.must("POST", "/workflows/wf/resume");
	await acme.arrived("out", 2);
	await acme.told({ "runs.succeeded": 2 });
	expect((await acme.bodiesAt("out")).map(({ id }) => id).sort()).toEqual(["o-1", "o-2"]);
	expect((await acme.must("GET", "/workflows/wf")).body.paused_at).toBeNull();
});

test("a run keeps the version that it started with", async () => {
	const acme = await Tenant.running(waiting(), "out");
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("out", 1);
	await acme.publish(onShop({ steps: [step("other", { n: 99 })] }));
	await pass(HOUR);
	await acme.arrived("out", 2);
	await acme.told({ "runs.succeeded": 1 });
	expect(await acme.bodiesAt("out")).toEqual([{ n: 1 }, { n: 2 }]);
	expect((await theRun(acme)).version).toBe(1);
});
