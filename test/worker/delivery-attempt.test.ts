// One attempt at a time: from the claim over a real connection to the report, whatever the target does to it.

import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ARRIVAL_MS } from "../../src/core/retry";
import type { StepState } from "../../src/model/entity";
import { holdClock } from "./support/clock";
import { Office, type OfficeStep, replaceBindings, type Started } from "./support/office";
import { holdQueues } from "./support/queues";
import { NOBODY, Target } from "./support/receiver";
import type { Answer } from "./support/receiver-setup";

const realDatabase = env.DB;

const queues = holdQueues();
const clock = holdClock();

const tell: OfficeStep = { id: "tell", connection: "out" };
/** For targets that take too long, so that the test does not. */
const HURRY = { timeout_ms: 500 };

/** A run of one step whose target answers like this. */
async function started(answer: Answer, parts: Partial<OfficeStep> = {}) {
	const office = await Office.open(queues);
	const target = await new Target().answers(answer);
	await office.connect("out", target.url);
	return { office, target, started: await office.start("forward", [{ ...tell, ...parts }]) };
}

async function stepOf({ home, run }: Started): Promise<StepState> {
	const [only] = (await home.storedRun(run)).steps;
	if (only === undefined) throw new Error("the run has no step");
	return only;
}

test("a request goes out as it was written, and marked as ours", async () => {
	const { office, target, started: run } = await started({ body: { id: 42 } });
	expect(await office.deliver()).toEqual(["acked"]);
	const [request, ...others] = await target.arrived();
	expect(others).toEqual([]);
	expect(request).toMatchObject({ method: "POST", body: JSON.stringify({ n: nOf(run) }) });
	expect(request?.path).toMatch(/\/tell$/);
	expect(request?.headers).toMatchObject({
		"idempotency-key": `sb_${run.run.slice(4)}.tell`,
		"x-signalbox-run": run.run,
		"content-type": "application/json",
	});
	expect(await stepOf(run)).toMatchObject({ status: "succeeded", attempts: 1 });
	const facts = await office.facts(run, clock.advance);
	expect(facts.find(({ kind }) => kind === "attempt.finished")?.data).toMatchObject({
		outcome: "succeeded",
		connection: "out",
		exchange: { request: { method: "POST" }, response: { status: 200, body: '{"id":42}' } },
	});
});

function nOf({ run }: Started): number {
	return Number.parseInt(run.slice(4, 36), 16);
}

test.each<[string, Answer, Partial<StepState>, Partial<OfficeStep>?]>([
	["an answer that is not JSON", { body: "<p>fine</p>" }, { status: "succeeded" }],
	["an answer without a body", { status: 204, body: "" }, { status: "succeeded" }],
	["an answer of many megabytes", { body: "x".repeat(5_000), ill: "flood" }, { status: "succeeded" }],
	["an answer that unpacks to megabytes", { body: "x".repeat(2_000), ill: "bomb" }, { status: "succeeded" }],
	["a server that fails", { status: 500 }, { status: "waiting", attempts: 1 }],
	[
		"a server that is overloaded",
		{ status: 503, headers: { "retry-after": "30" } },
		{ status: "waiting", attempts: 1 },
	],
	["an answer that never comes", { ill: "hang" }, { status: "waiting", attempts: 1 }, HURRY],
	["an answer that comes too late", { after: 1_500 }, { status: "waiting", attempts: 1 }, HURRY],
	[
		"an answer that comes a character at a time",
		{ body: "x".repeat(100), ill: "drip" },
		{ status: "waiting", attempts: 1 },
		HURRY,
	],
	["a connection that is broken at once", { ill: "reset" }, { status: "waiting", attempts: 1 }],
	["a connection that is broken half-way", { body: "x".repeat(1_000), ill: "cut" }, { status: "waiting", attempts: 1 }],
	["a redirect", { status: 302, headers: { location: "/elsewhere" } }, { status: "failed", class: "policy" }],
	["a refusal to know us", { status: 401 }, { status: "failed", class: "auth" }],
	["a refusal to let us", { status: 403 }, { status: "failed", class: "permission" }],
	["a thing that is gone", { status: 410 }, { status: "failed", class: "not_found" }],
	["a request that is wrong", { status: 422 }, { status: "failed", class: "invalid" }],
])("%s", async (_, answer, expected, parts = {}) => {
	const { office, target, started: run } = await started(answer, parts);
	expect(await office.deliver()).toEqual(["acked"]);
	expect(await stepOf(run)).toMatchObject(expected);
	expect(await target.arrived()).toHaveLength(1);
});

test("a target that nobody runs", async () => {
	const office = await Office.open(queues);
	await office.connect("out", NOBODY);
	const run = await office.start("forward", [tell]);
	expect(await office.deliver()).toEqual(["acked"]);
	expect(await stepOf(run)).toMatchObject({ status: "waiting", attempts: 1 });
});

test("attempts follow each other under one key until one succeeds", async () => {
	const { office, target, started: run } = await started({});
	await target.answers({ status: 500 }, { ill: "reset" }, { body: { done: true } });
	for (let attempt = 0; attempt < 3; attempt++) {
		await office.deliver();
		clock.advance(2_000);
		await run.home.ring();
	}
	expect(await stepOf(run)).toMatchObject({ status: "succeeded", attempts: 3 });
	const keys = (await target.arrived()).map(({ headers }) => headers["idempotency-key"]);
	expect(keys).toHaveLength(3);
	expect(new Set(keys).size).toBe(1);
});

test.each<[string, Answer, string, Partial<OfficeStep>?]>([
	["time-outs", { ill: "hang" }, "timeout", HURRY],
	["failures", { status: 500 }, "exhausted"],
	["broken connections", { ill: "reset" }, "exhausted"],
])("%s without end become a dead letter", async (_, answer, failure, parts) => {
	const { office, target, started: run } = await started(answer, parts);
	for (let attempt = 0; attempt < 4; attempt++) {
		await office.deliver();
		clock.advance(2_000);
		await run.home.ring();
	}
	expect(await stepOf(run)).toMatchObject({ status: "failed", class: failure, attempts: 3 });
	expect(await target.arrived()).toHaveLength(3);
	const facts = await office.facts(run, clock.advance);
	expect(facts.filter(({ kind }) => kind === "attempt.finished")).toHaveLength(3);
	expect(facts.filter(({ kind }) => kind === "dead_letter.opened")).toHaveLength(1);
});

describe("an action that must not be repeated", () => {
	const post: OfficeStep = {
		id: "tell",
		connection: "chat",
		use: "slack.post_message",
		with: { channel: "C1", text: "hello" },
		repeatable: false,
	};

	async function posting(answer: Answer, on_unknown: "stop" | "retry") {
		const office = await Office.open(queues);
		const target = await new Target().answers(answer);
		await office.connect("chat", target.url, { connector: "slack", credentials: { token: "xoxb-very-secret" } });
		const run = await office.start("post", [{ ...post, ...(answer.ill === "hang" ? HURRY : {}), on_unknown }]);
		await office.deliver();
		clock.advance(ARRIVAL_MS);
		await run.home.ring();
		await office.deliver();
		return { target, step: await stepOf(run) };
	}

	test.each<[string, Answer]>([
		["never answers", { ill: "hang" }],
		["breaks the connection", { ill: "cut", body: '{"ok":true,"ts":"1.1"}' }],
		["answers what makes no sense", { body: "<html>" }],
	])("stops where the author wants it to, when its target %s", async (_, answer) => {
		const { target, step } = await posting(answer, "stop");
		expect(step).toMatchObject({ status: "failed", class: "unknown_outcome", attempts: 1 });
		expect(await target.arrived()).toHaveLength(1);
	});

	test("is tried again where the author prefers that", async () => {
		const { target, step } = await posting({ ill: "hang" }, "retry");
		expect(step.attempts).toBe(2);
		expect(await target.arrived()).toHaveLength(2);
	});

	test("is over when its target sends it elsewhere, whatever its connector makes of that", async () => {
		const { target, step } = await posting(
			{ status: 302, headers: { location: "/" }, body: { ok: true, ts: "1" } },
			"retry",
		);
		expect(step).toMatchObject({ status: "failed", class: "policy", attempts: 1 });
		expect(await target.arrived()).toHaveLength(1);
	});

	test("is tried again when the target says that it did nothing", async () => {
		const { target, step } = await posting({ body: { ok: false, error: "ratelimited" } }, "stop");
		expect(step.attempts).toBe(2);
		expect(await target.arrived()).toHaveLength(2);
	});
});

test("a redirect's target is not visited", async () => {
	const elsewhere = await new Target().answers({});
	const { office } = await started({ status: 307, headers: { location: elsewhere.url } });
	await office.deliver();
	expect(await elsewhere.arrived()).toEqual([]);
});

describe("what cannot be sent becomes a dead letter before anything leaves", () => {
	test.each<[string, Partial<OfficeStep>, Partial<StepState>]>([
		[
			"an input whose expression fails",
			{ with: { path: `/\${{ event.data.nowhere.deep }}` } },
			{ class: "expression", reason: expect.stringContaining("with.path") },
		],
		[
			"a path that leads out of the connection",
			{ with: { url: "http://169.254.169.254/latest" } },
			{ class: "invalid", reason: expect.stringContaining("go to") },
		],
		[
			"a header that is not a workflow's to set",
			{ with: { path: "/x", headers: { host: "metadata.internal" } } },
			{ class: "policy", reason: "the header host must not be set" },
		],
	])("%s", async (_, parts, expected) => {
		const { office, target, started: run } = await started({}, parts);
		expect(await office.deliver()).toEqual(["acked"]);
		expect(await stepOf(run)).toMatchObject({ status: "failed", ...expected });
		expect(await target.arrived()).toEqual([]);
	});

	test("an address that only development may reach", async () => {
		const { office, target, started: run } = await started({});
		const restore = replaceBindings({ ALLOW_PRIVATE_EGRESS: "false" });
		await office.deliver();
		restore();
		expect(await stepOf(run)).toMatchObject({
			status: "failed",
			class: "policy",
			reason: "only https is allowed, not http",
		});
		expect(await target.arrived()).toEqual([]);
	});

	test("a step of a version that nobody published", async () => {
		const { office } = await started({});
		const run = await office.startAgain("forward", [tell], 99);
		await office.deliver();
		expect(await stepOf(run)).toMatchObject({
			class: "invalid",
			reason: expect.stringContaining("version 99 of forward"),
		});
	});

	test("a connection that does not exist", async () => {
		const office = await Office.open(queues);
		await office.connect("out", NOBODY);
		await office.publish("forward", [tell]);
		const run = await office.startAgain("forward", [tell]);
		const restore = replaceBindings({ DB: withoutConnections() });
		await office.deliver();
		restore();
		expect(await stepOf(run)).toMatchObject({
			class: "not_found",
			reason: "there is no connection out: create it, then retry",
		});
	});
});

test("configuration that cannot be read is an attempt that failed for now, and sends nothing", async () => {
	const { office, target, started: run } = await started({});
	const restore = replaceBindings({
		DB: {
			prepare() {
				throw new Error("D1_ERROR: the network is down");
			},
		},
	});
	expect(await office.deliver()).toEqual(["acked"]);
	restore();
	expect(await stepOf(run)).toMatchObject({ status: "waiting", attempts: 1 });
	expect(await target.arrived()).toEqual([]);
	clock.advance(2_000);
	await run.home.ring();
	await office.deliver();
	expect(await stepOf(run)).toMatchObject({ status: "succeeded", attempts: 2 });
});

test("a target that echoes its credentials leaks nothing into the journal", async () => {
	const secret = "sk-live/5f0c+secret=";
	const office = await Office.open(queues);
	const target = await new Target().answers({
		status: 400,
		headers: { "x-debug": `Bearer ${secret}` },
		body: { you: { sent: `Bearer ${secret}` }, at: `/login?token=${encodeURIComponent(secret)}` },
	});
	await office.connect("out", target.url, { credentials: { headers: { authorization: `Bearer ${secret}` } } });
	const run = await office.start("forward", [tell]);
	await office.deliver();
	expect((await target.arrived())[0]?.headers.authorization).toBe(`Bearer ${secret}`);
	const told = JSON.stringify(await office.facts(run, clock.advance));
	expect(told).toContain("[redacted]");
	for (const spelling of [secret, encodeURIComponent(secret), "sk-live"]) expect(told).not.toContain(spelling);
});

/** The registry, but for its connections. */
function withoutConnections(): unknown {
	return new Proxy(realDatabase, {
		get(db, name) {
			if (name !== "prepare") return Reflect.get(db, name);
			return (sql: string) => db.prepare(sql.replace("FROM connections WHERE", "FROM connections WHERE 0 AND"));
		},
	});
}
