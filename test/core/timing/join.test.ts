// Events of several kinds come together: by name, by number or by condition, and never for ever.

import { describe, expect, test } from "vitest";
import { groupKey } from "../../../src/core/accept";
import { acceptIntoJoin, branchesOf, closeJoin, joinBranch, openJoin } from "../../../src/core/timing/join";
import type { Arrival, Window } from "../../../src/model/entity";
import type { JoinPlan } from "../../../src/model/plan";
import { debounce, event, Given, HOUR, join, NOW, plan, runOf, SUCCEEDED, stepPlan } from "../run/given";
import { ballot, votes } from "../run/operators";

const GROUP = groupKey("deal-watch", "v1.2.0");

function joins(timing: JoinPlan, branch: string, more = {}) {
	return plan(timing, { entity_key: GROUP, branch, ...more });
}

/** Events 1, 2, … complete these branches, a second after each other. */
function arrived(timing: JoinPlan, ...branches: string[]): Given {
	const given = new Given(GROUP);
	for (const [n, branch] of branches.entries()) given.arrives(event(n + 1), joins(timing, branch), n * 1_000);
	return given;
}

const three: JoinPlan["branches"] = { build: "required", scan: "required", docs: "optional", stop: "veto" };

describe("a join opens with the first event, whichever it is", () => {
	test.each(["build", "scan"])("%s", (branch) => {
		const given = arrived(join(), branch);
		expect(given.window()).toMatchObject({ id: runOf(1), opened_at: NOW, due_at: NOW + 60_000, count: 1 });
		expect(given.runs).toEqual([]);
		const receipt = given.receipts.get(event(1).id);
		expect(receipt?.verdicts).toMatchObject([{ verdict: "joined", branch, due_at: NOW + 60_000 }]);
	});

	test("and says what it waits for", () => {
		const given = arrived(join({ branches: three, need: 2 }), "docs", "scan");
		expect(given.facts.filter(({ kind }) => kind === "join.waiting")).toMatchObject([
			{ id: "join:deal-watch:1", data: { branch: "docs", have: ["docs"], missing: ["build", "scan"] } },
			{
				id: "join:deal-watch:2",
				run: runOf(1),
				entity_key: GROUP,
				data: { branch: "scan", have: ["scan", "docs"], missing: ["build"], until: NOW + 60_000, opened_at: NOW },
			},
		]);
	});

	test("and its deadline stays where it is, whatever else comes", () => {
		const given = arrived(join({ branches: three }), "build", "docs", "build");
		expect(given.window()).toMatchObject({ due_at: NOW + 60_000, count: 3 });
	});
});

describe("a join is complete", () => {
	test.each<[string, Partial<JoinPlan>, string[], boolean]>([
		["with all of its branches", {}, ["build", "scan"], true],
		["with all of its branches, in any order", {}, ["scan", "build"], true],
		["not with one of two", {}, ["build"], false],
		["not with one of two, however often it comes", {}, ["build", "build", "build"], false],
		["with as many as it needs", { need: 1 }, ["scan"], true],
		["not with optional ones, which do not count", { branches: three, need: 1 }, ["docs"], false],
		["with those that count, though an optional one is missing", { branches: three, need: 2 }, ["build", "scan"], true],
		["where its condition holds", { branches: three, need: "build && (scan || docs)" }, ["build", "docs"], true],
		["not where its condition does not hold", { branches: three, need: "build && scan" }, ["build", "docs"], false],
		["not where its condition cannot be evaluated", { branches: three, need: "build +" }, ["build", "scan"], false],
	])("%s", (_, more, branches, complete) => {
		const given = arrived(join({ late: "reopen", ...more }), ...branches);
		expect(given.runs.length).toBe(complete ? 1 : 0);
		expect(given.window() === undefined).toBe(complete);
	});

	test("and then its run reads each branch, and says nothing of waiting", () => {
		const timing = join({ branches: three, need: 2 });
		const given = arrived(timing, "build", "scan");
		expect(given.run()).toMatchObject({
			id: runOf(1),
			event_id: event(2).id,
			window: {
				count: 2,
				branches: {
					build: { event_id: event(1).id, at: NOW, count: 1 },
					scan: { event_id: event(2).id, at: NOW + 1_000, count: 1 },
					docs: null,
					stop: null,
				},
			},
			steps: [{ id: "tell", status: "ready" }],
		});
		expect(given.kinds().filter((kind) => kind === "join.waiting")).toHaveLength(1);
	});
});

describe("a branch that comes again", () => {
	const arrival = (n: number, branch: string, at = n): Arrival => ({
		event_id: event(n).id,
		at: NOW + at,
		order: { timestamp: event(n).timestamp },
		changes: [],
		bytes: 1,
		branch,
	});
	const opening = { id: "run_a.b", work: plan(), timing: join(), trace_id: "a", source: "crm", n: 1 };
	const fold = (...arrivals: Arrival[]) => arrivals.reduce(joinBranch, openJoin(opening, NOW));

	test("is one branch, told by its newest event, that came when its first one came", () => {
		expect(fold(arrival(1, "build"), arrival(2, "build"))).toMatchObject({
			count: 2,
			branches: { build: { event_id: event(2).id, at: NOW + 1, count: 2 } },
		});
	});

	test("with an older event is counted and tells nothing new", () => {
		expect(fold(arrival(2, "build", 0), arrival(1, "build", 5))).toMatchObject({
			branches: { build: { event_id: event(2).id, order: { timestamp: event(2).timestamp }, at: NOW, count: 2 } },
		});
	});

	test("under the name of something in JavaScript is a branch like any other", () => {
		const { branches } = fold(arrival(1, "constructor"), arrival(2, "constructor"));
		expect(branches).toEqual({ constructor: expect.objectContaining({ event_id: event(2).id, count: 2 }) });
	});

	test("leaves the window before it as it was", () => {
		const before = fold(arrival(1, "build"));
		const text = JSON.stringify(before);
		joinBranch(before, arrival(2, "scan"));
		expect(JSON.stringify(before)).toBe(text);
	});
});

test("an event of another version, of which the open join has no branch, comes too late for it and changes nothing", () => {
	const given = arrived(join(), "build");
	given.arrives(event(2), plan(undefined, { entity_key: GROUP, timing: join(), version: 2 }), 5);
	expect(given.window()).toMatchObject({ count: 1, version: 1 });
	const window = given.window();
	expect(window && branchesOf(window)).toEqual({ have: ["build"], missing: ["scan"] });
	expect(given.kinds().filter((kind) => kind === "join.waiting")).toHaveLength(1);
});

test("what no longer joins is not held back by a join that is over", () => {
	const given = arrived(join({ by: HOUR }), "build", "scan");
	expect(given.window()?.closed).toBe(true);
	given.arrives(event(9), plan(undefined, { entity_key: GROUP, version: 2 }), 10);
	expect(given.runs).toHaveLength(2);
});

describe("a veto", () => {
	test("ends the join at once, without success", () => {
		const given = arrived(join({ branches: three }), "build", "stop");
		expect(given.run()).toMatchObject({
			status: "failed",
			steps: [
				{ id: "_start", status: "failed", class: "rejected", reason: "stop has vetoed it" },
				{ id: "tell", status: "skipped", blocked: true },
			],
		});
		expect(given.kinds()).not.toContain("dead_letter.opened");
		expect(given.dispatched).toEqual([]);
	});

	test("that comes first ends it too, before anything else has come", () => {
		const given = arrived(join({ branches: three }), "stop", "build", "scan");
		expect(given.runs.map(({ status }) => status)).toEqual(["failed"]);
	});

	test("counts though its event also completes the join", () => {
		const given = arrived(join({ branches: { ...three }, need: "build || stop" }), "stop");
		expect(given.run().status).toBe("failed");
	});

	test("is not waited for", () => {
		const given = arrived(join({ branches: three }), "build");
		expect(given.facts.at(-1)?.data.missing).toEqual(["scan"]);
	});
});

describe("a join that is short when its time is over", () => {
	test("fails, says what is missing, and waits for a person", () => {
		const given = arrived(join({ branches: three, on_short: "fail" }), "build");
		given.passes(59_999);
		expect(given.runs).toEqual([]);
		given.passes(60_000);
		expect(given.run()).toMatchObject({
			status: "failed",
			steps: [{ class: "timeout", reason: "only build came in time, and not scan" }, { status: "skipped" }],
		});
		expect(given.facts.find(({ kind }) => kind === "dead_letter.opened")).toMatchObject({
			step: "_start",
			data: { class: "timeout", attempts: 0 },
		});
	});

	test("goes on with what there is, where its author says so", () => {
		const given = arrived(join({ on_short: "proceed" }), "build");
		given.passes(60_000);
		expect(given.run()).toMatchObject({ status: "running", window: { branches: { scan: null } } });
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
	});

	test("asks the operators, who have as long again", () => {
		const given = arrived(join({ on_short: "escalate" }), "build");
		given.passes(70_000);
		expect(given.step("_start")).toMatchObject({
			status: "asking",
			due_at: NOW + 130_000,
			approval: {
				of: [],
				need: 1,
				until: NOW + 130_000,
				on_timeout: "fail",
				self_approval: true,
				ask: "deal-watch: only build came in time, and not scan. Go on with what there is?",
			},
		});
		expect(given.facts.at(-1)).toMatchObject({ kind: "step.waiting", step: "_start", data: { for: "approval" } });
		expect(votes(given, 80_000, ballot(null), "_start")).toBe("counted");
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
	});

	test.each([
		["rejects it", (given: Given) => void votes(given, 80_000, ballot(null, { vote: "reject" }), "_start"), "rejected"],
		["says nothing", (given: Given) => given.passes(130_000), "timeout"],
	])("fails if the one who is asked %s", (_, answer, reason) => {
		const given = arrived(join({ on_short: "escalate" }), "build");
		given.passes(70_000);
		answer(given);
		expect(given.run()).toMatchObject({ status: "failed", steps: [{ class: reason }, { status: "skipped" }] });
	});

	test("tells people while it asks, and once only", () => {
		const steps = [stepPlan(), stepPlan({ id: "page", on_failure: true })];
		const given = new Given(GROUP);
		given.arrives(event(1), joins(join({ on_short: "escalate" }), "build", { steps }), 0);
		given.passes(60_000);
		expect(given.dispatched).toEqual([`${runOf(1)} page`]);
		given.attempts(SUCCEEDED, 61_000, "page");
		expect(given.step("_start").status).toBe("asking");
		given.passes(120_000);
		expect(given.run()).toMatchObject({ status: "failed" });
		expect(given.run().steps.filter(({ kind }) => kind === "on_failure")).toHaveLength(1);
	});
});

describe("what comes late", () => {
	test.each<[string, Partial<JoinPlan>, string[], number]>([
		["after the join was complete", {}, ["build", "scan"], 2_000],
		["after a veto", { branches: three }, ["stop"], 2_000],
		["after it was short", {}, ["build"], 60_000],
	])("is ignored %s", (_, more, branches, at) => {
		const given = arrived(join(more), ...branches);
		given.passes(at);
		const runs = given.runs.length;
		const receipt = given.arrives(event(9), joins(join(more), "scan"), at + 1);
		expect(receipt).toMatchObject({ event: null, verdicts: [{ verdict: "late", run: runOf(1), branch: "scan" }] });
		expect(given.runs).toHaveLength(runs);
		expect(given.facts.at(-1)).toMatchObject({ kind: "event.handed_on", data: { verdicts: [{ verdict: "late" }] } });
	});

	test("is ignored for as long as the join may have waited, and no longer", () => {
		const given = arrived(join(), "build", "scan");
		expect(given.window()).toMatchObject({ closed: true, due_at: NOW + 61_000 });
		given.arrives(event(3), joins(join(), "build"), 60_999);
		expect(given.runs).toHaveLength(1);
		given.arrives(event(4), joins(join(), "build"), 61_000);
		expect(given.window()).toMatchObject({ id: runOf(4), count: 1, due_at: NOW + 121_000 });
		expect(given.window()).not.toHaveProperty("closed");
	});

	test("is forgotten when that time is over, and starts nothing", () => {
		const given = arrived(join(), "build", "scan");
		given.attempts(SUCCEEDED, 2_000);
		given.passes(HOUR);
		expect(given.window()).toBeUndefined();
		expect(given.runs).toHaveLength(1);
	});

	test.each<[string, Partial<JoinPlan>, string[], number]>([
		["after the join was complete", {}, ["build", "scan"], 2_000],
		["after a veto", { branches: three }, ["stop"], 2_000],
		["after it was short", {}, ["build"], 60_000],
	])("opens a new join, where its author says so, %s", (_, more, branches, at) => {
		const timing = join({ ...more, late: "reopen" });
		const given = arrived(timing, ...branches);
		given.passes(at);
		expect(given.window()).toBeUndefined();
		given.arrives(event(9), joins(timing, "scan"), at + 1);
		expect(given.window()).toMatchObject({ id: runOf(9), count: 1 });
	});
});

describe("a window of another kind", () => {
	const other = { ...openJoin({ id: "w", work: plan(), timing: join(), trace_id: "a", source: null, n: 1 }, NOW) };

	test("is not a join, and nothing pretends that it is", () => {
		const window: Window = { ...other, timing: debounce() };
		expect(() => branchesOf(window)).toThrow("window w is not a join");
		expect(() => closeJoin(window, NOW)).toThrow("is not a join");
	});

	test("that is closed stays as it is when something comes", () => {
		const closed: Window = { ...other, closed: true };
		const opening = { id: "x", work: plan(), timing: join(), trace_id: "a", source: null, n: 1 };
		const arrival = { event_id: "e", at: NOW, order: { timestamp: "" }, changes: [], bytes: 1, branch: "build" };
		expect(acceptIntoJoin(closed, opening, arrival, NOW)).toEqual({ window: closed, acts: null, verdict: "late" });
		expect(closeJoin(closed, NOW)).toMatchObject({ window: null, acts: null });
	});
});
