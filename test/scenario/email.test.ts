// Mail by the deployment's own binding, over the whole path: the platform's local one, and ones that fail.

import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { storedRuns } from "./support/entities";
import { paid } from "./support/prove";
import { Tenant } from "./support/tenant";

holdClock();

const bindings: { EMAIL?: unknown } = env;
const real = bindings.EMAIL;
afterEach(() => {
	bindings.EMAIL = real;
});

async function perform(more: JsonObject = {}, step: JsonObject = {}): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	const config = { senders: ["desk@example.com"] };
	await acme.must("PUT", "/connections/mail", { connector: "email", owner: "tests", config });
	const message = { from: "desk@example.com", to: ["dana@example.com"], subject: "Paid", text: "Order o-1 is paid." };
	const steps = [{ id: "tell", use: "email.send", connection: "mail", with: { ...message, ...more }, ...step }];
	await acme.publish({ name: "w", owner: "tests", on: { source: "shop", event: "order.paid" }, steps });
	await acme.take(paid("o-1"));
	await acme.idle();
	return acme;
}

async function stepOf(acme: Tenant) {
	const [run] = await storedRuns(acme.name);
	return run?.steps[0];
}

test("the platform's binding takes a message, and says its id", async () => {
	const acme = await perform({ html: "<p>Order o-1 is paid.</p>", cc: [{ email: "lee@example.com", name: "Lee" }] });
	expect(await stepOf(acme)).toMatchObject({ status: "succeeded", output: { id: expect.stringMatching(/./) } });
});

test("the binding is given the message and what marks it", async () => {
	const sent: unknown[] = [];
	bindings.EMAIL = { send: async (message: unknown) => sent.push(message) && { messageId: "m-1" } };
	const acme = await perform();
	const step = await stepOf(acme);
	expect(step).toMatchObject({ status: "succeeded", output: { id: "m-1" } });
	const [run] = await storedRuns(acme.name);
	expect(sent).toMatchObject([
		{ to: ["dana@example.com"], headers: { "x-signalbox-run": run?.id, "x-signalbox-step": "tell" } },
	]);
});

test("what the binding refuses stands in the dead letters, by its code", async () => {
	const error = Object.assign(new Error("not verified"), { code: "E_SENDER_NOT_VERIFIED" });
	bindings.EMAIL = { send: () => Promise.reject(error) };
	expect(await stepOf(await perform())).toMatchObject({
		status: "failed",
		class: "permission",
		reason: "the binding answered E_SENDER_NOT_VERIFIED",
	});
});

test("a deployment without a binding says what to do", async () => {
	bindings.EMAIL = undefined;
	expect(await stepOf(await perform())).toMatchObject({
		status: "failed",
		reason: expect.stringContaining("send_email"),
	});
});

test("a failure without a code leaves open whether it went out, and is not repeated where that was asked for", async () => {
	let calls = 0;
	bindings.EMAIL = { send: () => Promise.reject(new Error(`broken pipe ${++calls}`)) };
	expect(await stepOf(await perform({}, { on_unknown: "stop" }))).toMatchObject({
		status: "failed",
		class: "unknown_outcome",
	});
	expect(calls).toBe(1);
});

test("somebody else's address is not sent from", async () => {
	const step = await stepOf(await perform({ from: "ceo@example.com" }));
	expect(step).toMatchObject({ status: "failed", reason: "with.from: not one of the connection's senders" });
});
