import { describe, expect, test } from "vitest";
import { eventReceived } from "../../src/core/facts";
import { crashStep } from "../../src/core/report";
import { resumeStep } from "../../src/core/run/operate";
import { Fact } from "../../src/model/fact";
import {
	aggregate,
	debounce,
	event,
	Given,
	HOME,
	HOUR,
	NOW,
	PERMANENT,
	plan,
	runOf,
	SUCCEEDED,
	stepPlan,
	TRANSIENT,
} from "./run/given";

const trace = event(1).trace.trace_id;
const common = { at: NOW, tenant: "acme", trace_id: trace, classification: "internal" };

test("an event that arrives: what it was about and what each workflow made of it, but not what it said", () => {
	const given = new Given();
	const arriving = event(1, { data: { secret: "4711" }, changes: [{ field: "stage", from: "a", to: "b" }] });
	given.arrives(arriving, [plan(), plan(debounce(), { workflow: "calm" })], 0);
	expect(given.facts[0]).toEqual({
		...common,
		id: "received",
		kind: "event.received",
		entity_key: HOME,
		event: event(1).id,
		data: {
			source: "crm",
			source_system: "crm",
			event_type: "deal.updated",
			native_type: "deal.propertyChange",
			entity_id: "crm/deal/991",
			actor: "human",
			timestamp: event(1).timestamp,
			received_at: event(1).received_at,
			trust: "signed",
			changed: ["stage"],
			verdicts: [
				{ workflow: "deal-watch", version: 1, verdict: "started", run: runOf(1) },
				{ workflow: "calm", version: 1, verdict: "debounced", run: runOf(1, "calm"), due_at: NOW + 10_000 },
			],
			unmatched: [],
		},
	});
	expect(JSON.stringify(given.facts)).not.toContain("4711");
});

test("expressions that failed on an event are told, what they read is not", () => {
	const given = new Given();
	const extract = { kept: { phone: "4711" }, problems: ["sum.amount: must be a number"] };
	given.arrives(event(1), plan(aggregate(), { extract }), 0);
	expect(given.facts[0]?.data.verdicts).toEqual([
		{
			workflow: "deal-watch",
			version: 1,
			verdict: "aggregated",
			run: runOf(1),
			due_at: NOW + 60_000,
			problems: ["sum.amount: must be a number"],
		},
	]);
});

test("workflows that listened and did not want the event are told, and why", () => {
	const unmatched = [{ workflow: "other", reason: "condition", detail: "on[0].if is false" } as const];
	const fact = eventReceived({ tenant: "acme", key: HOME }, { event: event(1), plans: [], unmatched }, [], NOW);
	expect(fact.data).toMatchObject({ verdicts: [], unmatched });
});

test("an event that was handed on tells what became of it where it went", () => {
	const group = new Given("g:deal-watch:north");
	group.arrives(event(1), plan(debounce(), { entity_key: "g:deal-watch:north" }), 0);
	expect(group.facts[0]).toEqual({
		...common,
		id: "handed_on:deal-watch",
		kind: "event.handed_on",
		entity_key: "g:deal-watch:north",
		event: event(1).id,
		workflow: "deal-watch",
		version: 1,
		data: {
			verdicts: [{ workflow: "deal-watch", version: 1, verdict: "debounced", run: runOf(1), due_at: NOW + 10_000 }],
		},
	});
});

describe("a run that starts", () => {
	test("tells its steps and its Entity", () => {
		const given = new Given();
		given.arrives(event(1), plan(undefined, { steps: [stepPlan({ id: "a" }), stepPlan({ id: "b" })] }), 0);
		expect(given.facts[1]).toEqual({
			...common,
			id: "started:deal-watch",
			kind: "run.started",
			entity_key: HOME,
			event: event(1).id,
			workflow: "deal-watch",
			version: 1,
			run: runOf(1),
			data: { priority: "normal", steps: ["a", "b"], window: null },
		});
	});

	test("from a window tells which events it stands for", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce()), 0);
		given.arrives(event(2), plan(debounce()), 5);
		given.passes(20_000);
		expect(given.facts.at(-1)).toMatchObject({
			kind: "run.started",
			event: event(2).id,
			trace_id: trace,
			data: { window: { count: 2, first_at: NOW, last_at: NOW + 5, events: [event(1).id, event(2).id] } },
		});
	});

	test("from an empty clock window is about no event", () => {
		const given = new Given();
		given.ticks(plan(aggregate({ window: undefined, every: "0 * * * *", when_empty: "run" })), trace, 1);
		given.passes(HOUR);
		expect(given.facts[0]).not.toHaveProperty("event");
		expect(given.facts[0]).toMatchObject({ kind: "run.started", trace_id: trace });
	});
});

describe("an attempt", () => {
	test("that succeeded tells when and how long, and what was sent and came back", () => {
		const given = new Given();
		given.arrives(event(1), plan(), 0);
		given.attempts(SUCCEEDED, 10);
		expect(given.facts[2]).toEqual({
			...common,
			at: NOW + 10,
			id: "attempt:deal-watch:tell:0:1:succeeded",
			kind: "attempt.finished",
			event: event(1).id,
			workflow: "deal-watch",
			version: 1,
			run: runOf(1),
			step: "tell",
			data: {
				attempt: 1,
				outcome: "succeeded",
				connection: "chat",
				started_at: NOW + 10,
				duration_ms: 5,
				exchange: {},
			},
		});
	});

	test("that failed tells why, and when the next one comes", () => {
		const given = new Given();
		given.arrives(event(1), plan(), 0);
		given.attempts(TRANSIENT, 10);
		expect(given.facts.at(-1)).toMatchObject({
			id: "attempt:deal-watch:tell:0:1:transient",
			data: { outcome: "transient", reason: "503", next_at: NOW + 10 + 999 },
		});
		expect(given.facts.at(-1)?.data).not.toHaveProperty("class");
	});

	test("that failed for good tells of what class, and of no next one", () => {
		const given = new Given();
		given.arrives(event(1), plan(), 0);
		given.attempts(PERMANENT, 10);
		expect(given.facts[2]?.data).toMatchObject({ outcome: "permanent", class: "not_found", reason: "404" });
		expect(given.facts[2]?.data).not.toHaveProperty("next_at");
	});
});

test("a dead letter tells who can act on what", () => {
	const given = new Given();
	given.arrives(event(1), plan(), 0);
	given.attempts(PERMANENT, 10);
	expect(given.facts.find(({ kind }) => kind === "dead_letter.opened")).toMatchObject({
		id: "dead_letter:deal-watch:tell:0:opened",
		entity_key: HOME,
		step: "tell",
		data: {
			id: `dl_${trace}.deal-watch.tell`,
			class: "not_found",
			reason: "404",
			connection: "chat",
			source: "crm",
			attempts: 1,
		},
	});
});

test("a run that ends tells how, and how long it took", () => {
	const given = new Given();
	given.arrives(event(1), plan(undefined, { steps: [stepPlan({ id: "a" }), stepPlan({ id: "b" })] }), 0);
	given.attempts(SUCCEEDED, 10, "a");
	given.attempts(PERMANENT, 20, "b");
	expect(given.facts.at(-1)).toMatchObject({
		id: "finished:deal-watch:0",
		data: { status: "partial", steps: { a: "succeeded", b: "failed" }, took_ms: 20 },
	});
});

test("a run that ends again, after a step of it was resumed, tells it under another name", () => {
	const given = new Given();
	given.arrives(event(1), plan(), 0);
	given.attempts(PERMANENT, 10);
	given.turn(20, (turn) => resumeStep(given.state, turn, given.run().id, "tell", "ada"));
	given.attempts(PERMANENT, 30);
	const ended = given.facts.filter(({ kind }) => kind === "run.finished");
	expect(ended.map(({ id }) => id)).toEqual(["finished:deal-watch:0", "finished:deal-watch:1"]);
});

test("every kind of fact is one that the journal takes, under a name that is short enough", () => {
	const steps = [stepPlan({ id: "s".repeat(63) }), stepPlan({ id: "b" })];
	const longest = plan(undefined, { workflow: "w".repeat(63), steps });
	const given = new Given();
	given.arrives(event(1), longest, 0);
	given.arrives(event(1), longest, 1);
	given.attempts(PERMANENT, 10, "s".repeat(63));
	given.turn(20, (turn) => resumeStep(given.state, turn, given.run().id, "s".repeat(63), "ada"));
	given.attempts(SUCCEEDED, 30, "s".repeat(63));
	for (const at of [40, 50, 60]) given.turn(at, (turn) => crashStep(given.state, turn, given.run().id, "b"));
	expect(new Set(given.kinds())).toEqual(
		new Set([
			"event.received",
			"event.duplicate",
			"run.started",
			"attempt.finished",
			"dead_letter.opened",
			"dead_letter.retried",
			"dead_letter.resolved",
			"step.ended",
			"run.finished",
		]),
	);
	for (const fact of given.facts) expect(Fact.parse(JSON.parse(JSON.stringify(fact)))).toBeTruthy();
});
