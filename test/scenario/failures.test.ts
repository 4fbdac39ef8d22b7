// What becomes of a step whose target does not take it: tried again, held back with all that goes over its connection,
// laid down as a dead letter, and brought to an end by a person.

import { expect, test, vi } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { cel, HASTY, step, workflow } from "./support/documents";
import { NOBODY, script } from "./support/outside";
import { shop } from "./support/senders";
import { kinds, Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const SECOND = 1_000;
const ORDER = { order: cel("event.entity.id") };
const QUICK = { retry: { attempts: 3, base: "1s", cap: "4s" } };

async function ready(...documents: Parameters<Tenant["publish"]>[0][]): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	await acme.connect("other");
	await acme.connect("out", { credentials: { headers: { authorization: "Bearer very-secret-token" } } });
	for (const document of documents) await acme.publish(document);
	return acme;
}

function paid(id: string) {
	return shop("order.paid", { id });
}

/** Tries until the step has failed. */
async function exhaust(acme: Tenant, attempts = 3): Promise<void> {
	for (let n = 1; n < attempts; n++) {
		await acme.stepIs("waiting", n);
		await pass(4 * SECOND);
	}
	await acme.stepIs("failed");
}

async function theLetter(acme: Tenant, counters: Record<string, number> = { dead_letters: 1 }) {
	await acme.told(counters);
	const [letter, ...more] = await acme.letters();
	if (letter === undefined || more.length > 0) throw new Error(`not one letter but ${more.length + 1}`);
	return letter;
}

test("a pause that a target asks for is kept in full, by everything that goes there and by nothing else", async () => {
	const acme = await ready(
		workflow("told", "shop", ORDER, {
			steps: [step("tell", ORDER), step("tell_elsewhere", ORDER, { connection: "other" })],
		}),
	);
	await script(acme.place("out"), { status: 429, headers: { "retry-after": "120" } }, { status: 200 });
	await acme.take(paid("o-1"));
	await acme.arrived("other", 1);
	const waiting = await acme.stepIs("waiting", 1);
	expect((waiting.due_at ?? 0) - Date.now()).toBeGreaterThanOrEqual(120 * SECOND);
	expect((waiting.due_at ?? 0) - Date.now()).toBeLessThan(132 * SECOND);
	// Another order is not sent there either, and its other step does not mind.
	await acme.take(paid("o-2"));
	await acme.arrived("other", 2);
	await acme.stepIs("held", 0);
	await pass(119 * SECOND);
	expect(await acme.bodiesAt("out")).toHaveLength(1);
	await pass(13 * SECOND);
	const requests = await acme.arrived("out", 3);
	expect(requests.map(({ body }) => JSON.parse(body).order).sort()).toEqual(["o-1", "o-1", "o-2"]);
	expect(await acme.told({ "runs.succeeded": 2 })).toMatchObject({ attempts: 5, "attempts.transient": 1 });
});

const endings: [string, "hang" | number | "gone", string, RegExp][] = [
	["does not answer in time", "hang", "timeout", /^no answer within 500 ms$/],
	["is gone", "gone", "exhausted", /^the connection failed/],
	["is down", 503, "exhausted", /^the target answered 503$/],
	["is busy for good", 429, "exhausted", /^the target answered 429$/],
];

test.each(endings)(
	"a target that %s is asked as often as the step says, and then a person",
	async (_, answer, kind, reason) => {
		const patience = answer === "hang" ? HASTY : {};
		const acme = await ready(
			workflow("told", "shop", ORDER, { steps: [step("tell", ORDER, { ...QUICK, ...patience })] }),
		);
		if (answer === "gone") await acme.connect("out", { config: { base_url: NOBODY } });
		else await script(acme.place("out"), answer === "hang" ? "hang" : { status: answer });
		await acme.take(paid("o-1"));
		await exhaust(acme);
		const letter = await theLetter(acme);
		expect(letter).toMatchObject({
			state: "open",
			class: kind,
			workflow: "told",
			step: "tell",
			connection: "out",
			source: "shop",
		});
		expect(letter.reason).toMatch(reason);
		expect((await acme.runs())[0]).toMatchObject({ status: "failed" });
		const { story } = await acme.story(letter.id);
		expect(
			kinds(story)
				.slice(0, 3)
				.map((kind) => kind.split(" ")[0]),
		).toEqual(Array(3).fill("attempt.finished"));
		expect(story.slice(0, 3).map(({ data }) => data.attempt)).toEqual([1, 2, 3]);
		await pass(86_400 * SECOND);
		if (answer !== "gone") expect(await acme.bodiesAt("out")).toHaveLength(3);
	},
);

const refusals: [number, string][] = [
	[400, "invalid"],
	[401, "auth"],
	[403, "permission"],
	[404, "not_found"],
	[410, "not_found"],
	[422, "invalid"],
	[302, "policy"],
];

test("what a target refuses for good is not asked again, and each refusal has its class", async () => {
	const acme = await ready(workflow("told", "shop", ORDER));
	for (const [status] of refusals) {
		await script(acme.place("out"), { status, headers: { location: "/elsewhere" } });
		await acme.take(paid(`o-${status}`));
		await acme.arrived("out", refusals.findIndex(([other]) => other === status) + 1);
	}
	await acme.told({ dead_letters: refusals.length });
	const letters = await acme.letters();
	const found = letters.map(({ entity_key, class: kind }) => [Number(entity_key?.split("-").at(-1)), kind]);
	expect(found.sort()).toEqual([...refusals].sort());
	expect(await acme.bodiesAt("out")).toHaveLength(refusals.length);
});

test("what must not leave does not: nothing is sent, and the letter says why", async () => {
	const cases: [string, JsonObject, string, RegExp][] = [
		[
			"elsewhere",
			{ url: "http://169.254.169.254/latest" },
			"invalid",
			/requests of this connection go to http:\/\/127\.0\.0\.1:\d+ only/,
		],
		["data", { url: "data:text/plain,hi" }, "invalid", /requests of this connection go to/],
		["traversal", { path: "/../../admin" }, "invalid", /holds a \. or \.\. segment/],
		[
			"crlf",
			{ headers: { "x-order": `a\r\nx-evil: ${cel("event.entity.id")}` } },
			"invalid",
			/header x-order holds a line break/,
		],
		["host", { headers: { host: "evil.example" } }, "policy", /host/],
		["nothing", { body: { n: cel("event.data.nowhere") } }, "expression", /nowhere/],
		["null-path", { path: `/${cel("event.data.data.id + 1")}` }, "expression", /\+/],
	];
	const acme = await ready();
	for (const [name, input] of cases) {
		const steps = [{ id: "tell", use: "http.request", connection: "out", with: input }];
		await acme.publish(workflow(name, "shop", {}, { steps }));
	}
	await acme.take(paid("o-1"));
	await acme.told({ dead_letters: cases.length });
	for (const letter of await acme.letters()) {
		const [, , kind, reason] = cases.find(([name]) => name === letter.workflow) ?? [];
		expect([letter.workflow, letter.class, letter.reason]).toEqual([
			...[letter.workflow, kind, expect.stringMatching(reason ?? "")],
		]);
	}
	expect(await acme.bodiesAt("out")).toEqual([]);
});

test("a dead letter shows every attempt without secrets; sent again it goes out under the same key and ends the run", async () => {
	vi.spyOn(Math, "random").mockReturnValue(0.5);
	const acme = await ready(
		workflow("told", "shop", ORDER, {
			steps: [step("tell", ORDER, QUICK), step("tell_elsewhere", ORDER, { connection: "other" })],
		}),
	);
	await script(acme.place("out"), { status: 500, body: { echo: "Bearer very-secret-token" } });
	await acme.take(paid("o-1"));
	await exhaust(acme);
	const letter = await theLetter(acme);
	expect((await acme.runs())[0]).toMatchObject({ status: "partial" });
	const { story } = await acme.story(letter.id);
	expect(story[0]?.data.exchange).toMatchObject({
		request: { method: "POST", headers: { authorization: "[redacted]" }, body: '{"order":"o-1"}' },
		response: { status: 500, body: '{"echo":"[redacted]"}' },
	});
	expect(JSON.stringify(story)).not.toContain("very-secret-token");

	await script(acme.place("out"), { status: 200 });
	const retried = await acme.call("POST", `/dead-letters/${letter.id}/retry`);
	expect([retried.status, retried.body]).toEqual([202, { id: letter.id, state: "retrying" }]);
	const requests = await acme.arrived("out", 4);
	expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
	await acme.told({ "runs.succeeded": 1 });
	expect(await acme.letters()).toMatchObject([{ state: "resolved" }]);
	const [run] = await acme.runs();
	expect(run).toMatchObject({ status: "succeeded" });
	expect(kinds(run?.facts ?? []).slice(-4)).toEqual([
		...["dead_letter.retried", "attempt.finished succeeded", "dead_letter.resolved", "run.finished"],
	]);
	expect(run?.facts.find(({ kind }) => kind === "dead_letter.retried")?.actor).toBe("root");
	// What had succeeded was left alone.
	expect(await acme.bodiesAt("other")).toHaveLength(1);
	const again = await acme.call("POST", `/dead-letters/${letter.id}/retry`);
	expect([again.status, again.body.detail]).toEqual([409, expect.stringContaining("does not wait for anybody now")]);
});

test("retried twice, a letter is tried twice; while it is tried, a retry is refused", async () => {
	const acme = await ready(workflow("told", "shop", ORDER));
	await script(acme.place("out"), { status: 404 });
	await acme.take(paid("o-1"));
	const letter = await theLetter(acme);
	const retry = () => acme.call("POST", `/dead-letters/${letter.id}/retry`);

	expect((await retry()).status).toBe(202);
	await acme.arrived("out", 2);
	await acme.told({ dead_letters: 2 });
	expect(await acme.letters()).toMatchObject([{ id: letter.id, state: "open" }]);

	await script(acme.place("out"), { status: 200, after: 1_500 });
	const statuses = [await retry(), await retry(), await retry()].map(({ status }) => status);
	expect(statuses).toEqual([202, 409, 409]);
	await acme.arrived("out", 3);
	await acme.told({ "dead_letters.resolved": 1 });
	expect((await retry()).status).toBe(409);
	const { story } = await acme.story(letter.id);
	expect(kinds(story)).toEqual([
		...["attempt.finished permanent", "dead_letter.opened"],
		...["dead_letter.retried", "attempt.finished permanent", "dead_letter.opened"],
		...["dead_letter.retried", "attempt.finished succeeded", "dead_letter.resolved"],
	]);
	expect(await acme.bodiesAt("out")).toHaveLength(3);
});

test("ten retries of one letter at the same moment are one", async () => {
	const acme = await ready(workflow("told", "shop", ORDER));
	await script(acme.place("out"), { status: 404 }, { status: 200, after: 1_500 });
	await acme.take(paid("o-1"));
	const letter = await theLetter(acme);
	const answers = await Promise.all(
		Array.from({ length: 10 }, () => acme.call("POST", `/dead-letters/${letter.id}/retry`)),
	);
	expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(9).fill(409)]);
	await acme.arrived("out", 2);
	expect(await acme.told({ "dead_letters.resolved": 1 })).toMatchObject({ attempts: 2, "dead_letters.retried": 1 });
});

test("a discarded letter is closed with its reason, and cannot be retried", async () => {
	const acme = await ready(workflow("told", "shop", ORDER));
	await script(acme.place("out"), { status: 404 });
	await acme.take(paid("o-1"));
	const letter = await theLetter(acme);
	expect((await acme.call("POST", `/dead-letters/${letter.id}/discard`, {})).status).toBe(422);
	const reason = { reason: "the order was a test" };
	expect((await acme.call("POST", `/dead-letters/${letter.id}/discard`, reason)).status).toBe(202);
	await acme.told({ "dead_letters.discarded": 1 });
	expect((await acme.call("POST", `/dead-letters/${letter.id}/retry`)).status).toBe(409);
	expect((await acme.call("POST", `/dead-letters/${letter.id}/discard`, reason)).status).toBe(409);
	expect(await acme.letters("&state=open")).toEqual([]);
	const { letter: closed, story } = await acme.story(letter.id);
	expect(closed.state).toBe("discarded");
	expect(story.at(-1)).toMatchObject({ kind: "dead_letter.discarded", actor: "root", data: reason });
	expect((await acme.call("POST", "/dead-letters/dl_nothing/retry")).status).toBe(404);
});

test("a key that fails on an event becomes a dead letter, and no window and no other workflow suffers", async () => {
	const acme = await ready(
		workflow("per-city", "shop", ORDER, {
			key: "event.data.data.city",
			timing: { debounce: { quiet: "10s", max_wait: "1m" } },
		}),
		workflow("told", "shop", ORDER),
	);
	const id = await acme.take(paid("o-1"));
	await acme.take(shop("order.paid", { id: "o-2", city: "Bonn" }));
	await acme.take(shop("order.paid", { id: "o-3", city: { name: "Bonn" } }));
	await acme.handedOn(1);
	await pass(10 * SECOND);
	await acme.arrived("out", 4);
	await acme.told({ dead_letters: 2, "runs.succeeded": 4 });
	const letters = await acme.letters();
	expect(letters).toMatchObject([{ class: "expression" }, { class: "expression" }]);
	expect(letters.map(({ reason }) => reason).sort()).toEqual([
		expect.stringMatching(/^key: .*city/),
		"key: the key must be text or a number, and it is not",
	]);
	expect((await acme.event(id))[0]?.data.verdicts).toMatchObject([
		{ workflow: "per-city", verdict: "failed" },
		{ workflow: "told", verdict: "started" },
	]);
	expect((await acme.bodiesAt("out")).map(({ order }) => order).sort()).toEqual(["o-1", "o-2", "o-2", "o-3"]);
});

test("retried after its routing has changed, a letter keeps its version and goes where the connection points to now", async () => {
	const acme = await ready(workflow("told", "shop", { v: 1 }));
	await script(acme.place("out"), { status: 404 });
	await acme.take(paid("o-1"));
	const letter = await theLetter(acme);
	// The workflow now listens to nothing of this kind, says something else, and is retired in the end.
	await acme.publish(workflow("told", "shop", { v: 2 }, { on: { source: "shop", event: "order.refunded" } }));
	await acme.must("DELETE", "/workflows/told");
	const retry = () => acme.must("POST", `/dead-letters/${letter.id}/retry`);

	await acme.must("DELETE", "/connections/out");
	await retry();
	await acme.told({ dead_letters: 2 });
	expect((await acme.letters())[0]).toMatchObject({
		...{ state: "open", class: "not_found", reason: "there is no connection out: create it, then retry" },
	});

	await acme.connect("elsewhere");
	const { config } = (await acme.must("GET", "/connections/elsewhere")).body;
	await acme.connect("out", { config });
	await retry();
	expect((await acme.arrived("elsewhere", 1)).map(({ body }) => JSON.parse(body))).toEqual([{ v: 1 }]);
	await acme.told({ "runs.succeeded": 1 });
	expect((await acme.runs())[0]).toMatchObject({ status: "succeeded", version: 1 });
});
