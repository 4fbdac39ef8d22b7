// Steps that depend on each other: what starts when, what reads what, and what the failure of one does to the others.

import { expect, test } from "vitest";
import { holdClock } from "../worker/support/clock";
import { cel, onShop, step } from "./support/documents";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { kinds, Tenant } from "./support/tenant";

holdClock();

test("a step reads what another has fetched, and starts after it without being told to", async () => {
	const acme = await Tenant.running(
		onShop({
			steps: [
				step("tell", { name: cel("steps.deal.output.name"), plan: cel("steps.deal.output.plan") }),
				{
					id: "deal",
					use: "http.get",
					connection: "crm",
					with: { path: "/deals/${{ event.entity.id }}" },
					output: { name: "body.deal.name", plan: "body.deal.plans.0.id" },
				},
			],
		}),
		"crm",
		"out",
	);
	await script(acme.place("crm"), {
		status: 200,
		body: { deal: { name: "Big", plans: [{ id: "gold" }], secret: "no" } },
	});
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("out", 1);
	expect(await acme.bodiesAt("out")).toEqual([{ name: "Big", plan: "gold" }]);
	await acme.told({ "runs.succeeded": 1 });
	const [run] = await acme.runs();
	expect(kinds(run?.facts ?? [])).toEqual([
		"run.started",
		"attempt.finished succeeded",
		"attempt.finished succeeded",
		"run.finished",
	]);
	expect(run?.facts.at(-1)?.data).toMatchObject({
		status: "succeeded",
		steps: { tell: "succeeded", deal: "succeeded" },
	});
});

test("a reading that does not bring what the step names has failed, and falls back where that is stated", async () => {
	const reading = { use: "http.get", connection: "crm", with: { path: "/x" }, output: { name: "body.name" } };
	const acme = await Tenant.running(
		onShop({
			steps: [
				{ id: "plain", ...reading },
				{ id: "safe", ...reading, fallback: { name: cel("event.entity.id") } },
				step("tell", { name: cel("steps.safe.output.name"), fell_back: cel("steps.safe.fell_back") }),
			],
		}),
		"crm",
		"out",
	);
	await script(acme.place("crm"), { status: 200, body: { pad: "x".repeat(20_000) } });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("out", 1);
	expect(await acme.bodiesAt("out")).toEqual([{ name: "o-1", fell_back: true }]);
	await acme.told({ "runs.partial": 1 });
	expect(await acme.letters()).toMatchObject([
		{ step: "plain", class: "invalid", reason: "the answer has no name, which the step's output names" },
	]);
	// Of a long answer the part that is named is read all the same.
	await script(acme.place("crm"), { status: 200, body: { pad: "x".repeat(20_000), name: "Long" } });
	await acme.take(shop("order.paid", { id: "o-2" }));
	await acme.arrived("out", 2);
	expect((await acme.bodiesAt("out"))[1]).toEqual({ name: "Long", fell_back: false });
});

test("the outage of one branch neither delays nor fails another, and the run is partial", async () => {
	const acme = await Tenant.running(
		onShop({
			steps: [
				step("a", { n: 1 }, { connection: "down", retry: { attempts: 1 } }),
				step("after_a", { n: 2 }, { needs: ["a"] }),
				step("b", { n: 3 }),
				step("after_b", { n: 4 }, { needs: ["b"] }),
				step("either", { n: 5 }, { needs: { any: ["a", "b"] } }),
			],
		}),
		"down",
		"out",
	);
	await script(acme.place("down"), { status: 400 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("out", 3);
	await acme.told({ "runs.partial": 1, dead_letters: 1 });
	expect((await acme.bodiesAt("out")).map(({ n }) => n).sort()).toEqual([3, 4, 5]);
	const [run] = await acme.runs();
	expect(run?.status).toBe("partial");
	const skipped = run?.facts.find(({ kind, step }) => kind === "step.ended" && step === "after_a");
	expect(skipped?.data).toMatchObject({ status: "skipped", reason: "needs a: a failed" });
	// The letter's retry brings the branch to its end, too.
	await script(acme.place("down"), { status: 200 });
	const [letter] = await acme.letters();
	await acme.must("POST", `/dead-letters/${letter?.id}/retry`);
	await acme.arrived("out", 4);
	await acme.told({ "runs.succeeded": 1 });
	expect((await acme.runs())[0]?.status).toBe("succeeded");
	expect((await acme.letters())[0]?.state).toBe("resolved");
});

test("a step is skipped by its condition, and those that need it with it", async () => {
	const acme = await Tenant.running(
		onShop({
			steps: [
				step("always", { n: 1 }),
				step("large", { n: 2 }, { if: "event.data.data.total > 100" }),
				step("after_large", { n: 3 }, { needs: ["large"] }),
			],
		}),
		"out",
	);
	await acme.take(shop("order.paid", { id: "o-1", total: 7 }));
	await acme.told({ "runs.succeeded": 1 });
	expect(await acme.bodiesAt("out")).toEqual([{ n: 1 }]);
	await acme.take(shop("order.paid", { id: "o-2", total: 700 }));
	await acme.told({ "runs.succeeded": 2 });
	expect((await acme.bodiesAt("out")).map(({ n }) => n).sort()).toEqual([1, 1, 2, 3]);
});

test("a step is carried out for each element of a list, so many at a time, and its letters are one by one", async () => {
	const acme = await Tenant.running(
		onShop({
			steps: [
				step("each", { sku: cel("item.sku"), at: cel("index") }, { for_each: "event.data.data.items", concurrency: 2 }),
				step("sum", { all: cel("steps.each.output.map(o, o.status)") }, { connection: "sum" }),
			],
		}),
		"out",
		"sum",
	);
	const items = Array.from({ length: 5 }, (_, n) => ({ sku: `s-${n}` }));
	await acme.take(shop("order.paid", { id: "o-1", items }));
	await acme.arrived("sum", 1);
	const requests = await acme.arrived("out", 5);
	expect(requests.map(({ body }) => JSON.parse(body).at).sort()).toEqual([0, 1, 2, 3, 4]);
	expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(5);
	expect(await acme.bodiesAt("sum")).toEqual([{ all: [200, 200, 200, 200, 200] }]);
	await acme.told({ "runs.succeeded": 1 });
});
