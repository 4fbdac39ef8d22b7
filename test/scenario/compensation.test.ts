// What a run has done is taken back when it cannot be completed: newest first, each with its own retries, and what
// cannot be taken back is told to a person.

import { expect, test } from "vitest";
import { ARRIVAL_MS } from "../../src/core/retry";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { cel, HASTY, onShop, step } from "./support/documents";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

/** Does something at `out`, and takes it back there. */
function doing(id: string, more: JsonObject = {}): JsonObject {
	const undo = { use: "http.request", with: { path: "/undo", body: { undo: id } } };
	return step(id, { do: id }, { undo, ...more });
}

const FAILING = step(
	"last",
	{ do: "last" },
	{ connection: "down", retry: { attempts: 1 }, undo: "none", needs: ["b"] },
);

const SAGA = onShop({
	steps: [doing("a"), doing("b", { needs: ["a"] }), FAILING],
	on_failure: {
		compensate: true,
		steps: [
			{
				use: "http.request",
				connection: "people",
				with: { body: { failed: cel("run.failures.map(f, f.step)"), left: cel("run.left") } },
			},
		],
	},
});

test("what was done is undone in reverse order, people are told once, and the run is compensated", async () => {
	const acme = await Tenant.running(SAGA, "out", "down", "people");
	await script(acme.place("down"), { status: 422 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("people", 1);
	expect(await acme.bodiesAt("out")).toEqual([{ do: "a" }, { do: "b" }, { undo: "b" }, { undo: "a" }]);
	expect(await acme.bodiesAt("people")).toEqual([{ failed: ["last"], left: [] }]);
	await acme.told({ "runs.compensated": 1 });
	const [run] = await acme.runs();
	expect(run?.status).toBe("compensated");
	expect(run?.facts.find(({ kind }) => kind === "run.compensating")?.data).toMatchObject({ steps: ["b", "a"] });
	// The letter of what failed stays, and cannot be retried alone: what came before is no longer there.
	const [letter] = await acme.letters("&state=open");
	expect(letter).toMatchObject({ step: "last", class: "invalid" });
	const retried = await acme.call("POST", `/dead-letters/${letter?.id}/retry`);
	expect(retried.status).toBe(409);
	expect(JSON.stringify(retried.body)).toContain("rerun");
});

test("an undo that fails stops the older ones, and its letter lists what is left; its retry goes on", async () => {
	const acme = await Tenant.running(SAGA, "out", "down", "people");
	await script(acme.place("down"), { status: 422 });
	await script(acme.place("out"), { status: 200 }, { status: 200 }, { status: 403 }, { status: 200 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("people", 1);
	await acme.told({ "runs.compensation_failed": 1 });
	expect(await acme.bodiesAt("out")).toEqual([{ do: "a" }, { do: "b" }, { undo: "b" }]);
	const [letter] = await acme.letters("&class=permission");
	expect(letter).toMatchObject({ step: "b.undo", left: ["a (http.request)", "b (http.request)"] });
	await acme.must("POST", `/dead-letters/${letter?.id}/retry`);
	await acme.told({ "runs.compensated": 1 });
	expect((await acme.bodiesAt("out")).slice(3)).toEqual([{ undo: "b" }, { undo: "a" }]);
	expect(await acme.bodiesAt("people")).toHaveLength(1);
	expect((await acme.runs())[0]?.status).toBe("compensated");
});

test("Slack's message is found and deleted, where nobody knew whether it was posted", async () => {
	const acme = await Tenant.create("shop");
	await acme.connect("chat", { connector: "slack" });
	await acme.publish(
		onShop({
			steps: [
				{
					id: "post",
					use: "slack.post_message",
					connection: "chat",
					with: { channel: "C0", text: "Hello" },
					...HASTY,
					retry: { attempts: 1 },
				},
			],
			on_failure: { compensate: true },
		}),
	);
	await script(acme.place("chat"), "hang");
	const event = await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.arrived("chat", 1);
	const key = `sb_${event.slice("evt_".length)}.wf.post`;
	const found = { ts: "7.7", metadata: { event_type: "signalbox", event_payload: { k: key } } };
	await script(
		acme.place("chat"),
		{ status: 200, body: { ok: true, messages: [found], has_more: false } },
		{ status: 200, body: { ok: true, channel: "C0", ts: "7.7" } },
	);
	await acme.stepIs("waiting");
	await pass(11_000);
	await acme.told({ "runs.compensated": 1 });
	const requests = await acme.arrived("chat", 3);
	expect(
		requests.map(({ path }) =>
			path
				.replace(/[?].*$/, "")
				.split("/")
				.at(-1),
		),
	).toEqual(["chat.postMessage", "conversations.history", "chat.delete"]);
	expect(JSON.parse(requests[2]?.body ?? "")).toMatchObject({ channel: "C0", ts: "7.7" });
});

test("an undo that needs what the answer did not have is not sent without it: a person has to look", async () => {
	const undo = { use: "http.request", with: { method: "DELETE", path: `/orders/${cel("steps.a.output.id")}` } };
	const acme = await Tenant.running(
		onShop({
			steps: [
				step("a", { do: "a" }, { output: { id: "body.id" }, undo }),
				step("b", { do: "b" }, { connection: "down", needs: ["a"], undo: "none" }),
			],
			on_failure: { compensate: true },
		}),
		"out",
		"down",
	);
	await script(acme.place("out"), { status: 200, body: "<html>" });
	await script(acme.place("down"), { status: 422 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.told({ "runs.compensation_failed": 1 });
	expect((await acme.arrived("out", 1)).map(({ method }) => method)).toEqual(["POST"]);
	const [letter] = await acme.letters("&class=expression");
	expect(letter).toMatchObject({ step: "a.undo", left: ["a (http.request)"] });
});

test("what perhaps happened and cannot be looked for is not undone: a person has to look", async () => {
	const acme = await Tenant.running(
		onShop({
			steps: [doing("a", { ...HASTY, retry: { attempts: 1 } })],
			on_failure: { compensate: true },
		}),
		"out",
	);
	await script(acme.place("out"), "hang");
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.stepIs("waiting");
	await pass(ARRIVAL_MS);
	await acme.told({ "runs.compensation_failed": 1 });
	expect(await acme.bodiesAt("out")).toEqual([{ do: "a" }]);
	const [letter] = await acme.letters("&class=unknown_outcome");
	expect(letter).toMatchObject({
		step: "a.undo",
		left: ["a (http.request), perhaps: nobody knows whether it took effect"],
	});
});
