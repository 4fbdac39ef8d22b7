// Another input for a step that failed, and what a bulk does to one letter.

import { describe, expect, test } from "vitest";
import { leaseOf } from "../../../src/core/run/lease";
import { patchStep, replayStep } from "../../../src/core/run/patch";
import type { StepReplay } from "../../../src/model/replay";
import { type Given, PERMANENT, runOf, SUCCEEDED, UNKNOWN } from "./given";
import { needs, resumesStep, started, told, undoable, work } from "./operators";

const PATCH = { with: { text: "other" }, paths: ["text"] };

function patches(given: Given, at: number, step: string, tree: { [key: string]: string } = PATCH.with) {
	return given.turn(at, (turn) =>
		patchStep(given.state, turn, given.run().id, step, { by: "ada", ...PATCH, with: tree }),
	);
}

function replays(given: Given, at: number, step: string, more: Partial<StepReplay> = {}) {
	const order = { by: "ada", replay: "rp_1", ...more };
	return given.turn(at, (turn) => replayStep(given.state, turn, given.run().id, step, order));
}

function failed(): Given {
	const given = started([{ id: "a" }]);
	given.attempts(PERMANENT, 10, "a");
	return given;
}

describe("a patch", () => {
	test("is what every later attempt is given, and retries the step at once", () => {
		const given = failed();
		expect(patches(given, 20, "a")).toBe("ok");
		expect(given.dispatched).toEqual([`${runOf(1)} a`]);
		given.claims(21, "a");
		expect(leaseOf(given.run(), given.step("a"), given.state.read)).toMatchObject({ patched_with: PATCH.with });
		given.attempts(PERMANENT, 30, "a");
		resumesStep(given, 40, "a");
		given.claims(41, "a");
		expect(leaseOf(given.run(), given.step("a"), given.state.read)).toMatchObject({ patched_with: PATCH.with });
	});

	test("tells who, and where it differs, and not what it holds", () => {
		const given = failed();
		patches(given, 20, "a");
		const [fact] = told(given, "dead_letter.patched");
		expect(fact).toMatchObject({ actor: "ada", step: "a", data: { by: "ada", paths: ["text"] } });
		expect(JSON.stringify(fact)).not.toContain("other");
		const [retried] = told(given, "dead_letter.retried");
		expect(fact?.data.id).toBe(retried?.data.id);
		given.attempts(PERMANENT, 30, "a");
		patches(given, 40, "a");
		expect(new Set(told(given, "dead_letter.patched").map(({ id }) => id)).size).toBe(2);
	});

	test("is for letters that wait only", () => {
		const given = started([{ id: "a" }, { id: "nap", use: "wait", connection: null, input: { for: "1h" } }]);
		expect(patches(given, 5, "a")).toBe("conflict");
		expect(patches(given, 5, "b")).toBe("gone");
		expect(patches(given, 5, "nap")).toBe("not_patchable");
		expect(given.step("a")).not.toHaveProperty("patched_with");
	});

	test("is not for an undo, whose step's own patch says how to look for it", () => {
		const given = started([undoable("a", { repeatable: false }), { id: "b", ...needs("a") }], { compensate: true });
		given.attempts(PERMANENT, 10, "a");
		patches(given, 20, "a");
		given.attempts(SUCCEEDED, 30, "a");
		given.attempts(PERMANENT, 40, "b");
		expect(patches(given, 50, "a.undo")).toBe("not_patchable");
		given.claims(60, "a.undo");
		const lease = leaseOf(given.run(), given.step("a.undo"), given.state.read);
		expect(lease).toMatchObject({ kind: "undo", patched_with: PATCH.with });
	});

	test("has room in its run, with the others", () => {
		const given = started([{ id: "a" }, { id: "b" }]);
		for (const id of ["a", "b"]) given.attempts(PERMANENT, 10, id);
		expect(patches(given, 20, "a", { text: "x".repeat(200_000) })).toBe("ok");
		expect(patches(given, 30, "b", { text: "x".repeat(100_000) })).toBe("too_large");
		expect(patches(given, 30, "b")).toBe("ok");
		given.attempts(PERMANENT, 40, "a");
		expect(patches(given, 50, "a", { text: "y".repeat(200_000) })).toBe("ok");
	});

	test("is left behind when the run goes on with another version", () => {
		const given = failed();
		patches(given, 20, "a");
		given.attempts(PERMANENT, 30, "a");
		expect(replays(given, 40, "a", { work: work([{ id: "a" }]) })).toBe("ok");
		expect(given.step("a")).not.toHaveProperty("patched_with");
	});
});

describe("a bulk", () => {
	test("retries a letter once, however often it asks, and another one retries it again", () => {
		const given = failed();
		expect(replays(given, 20, "a")).toBe("ok");
		given.attempts(PERMANENT, 30, "a");
		expect(replays(given, 40, "a")).toBe("ok");
		expect(given.step("a")).toMatchObject({ status: "failed", resumed: 1 });
		expect(replays(given, 50, "a", { replay: "rp_2" })).toBe("ok");
		given.attempts(PERMANENT, 60, "a");
		expect(replays(given, 70, "a")).toBe("ok");
		expect(given.step("a")).toMatchObject({ status: "failed", resumed: 2 });
		expect(told(given, "dead_letter.retried").map(({ data }) => data.replay)).toEqual(["rp_1", "rp_2"]);
	});

	test("does not stand in the way of people, who act as often as they ask", () => {
		const given = failed();
		replays(given, 20, "a");
		given.attempts(PERMANENT, 30, "a");
		expect(resumesStep(given, 40, "a")).toBe("ok");
		given.attempts(PERMANENT, 50, "a");
		expect(resumesStep(given, 60, "a")).toBe("ok");
		expect(replays(given, 70, "a", { replay: "rp_2" })).toBe("conflict");
		expect(told(given, "dead_letter.retried").map(({ data }) => data.replay)).toEqual(["rp_1", undefined, undefined]);
	});

	test("moves a run to another version with all that failed, once for all of its letters", () => {
		const given = started([{ id: "a" }, { id: "b" }]);
		for (const id of ["a", "b"]) given.attempts(PERMANENT, 10, id);
		const order = { work: work([{ id: "a" }, { id: "b" }]) };
		expect(replays(given, 20, "a", order)).toBe("ok");
		expect(replays(given, 21, "b", order)).toBe("ok");
		expect(given.run().version).toBe(2);
		expect(told(given, "run.resumed")).toHaveLength(1);
		for (const id of ["a", "b"]) given.attempts(PERMANENT, 30, id);
		expect(replays(given, 40, "b", order)).toBe("ok");
		expect(given.run().status).toBe("failed");
	});

	test("gives up once, and says that it was a bulk", () => {
		const given = started([{ id: "a" }, { id: "b" }]);
		for (const id of ["a", "b"]) given.attempts(PERMANENT, 10, id);
		expect(replays(given, 20, "a", { discard: "not needed" })).toBe("ok");
		expect(replays(given, 30, "a", { discard: "not needed" })).toBe("ok");
		expect(told(given, "dead_letter.discarded").map(({ data }) => data)).toMatchObject([
			{ replay: "rp_1", by: "ada", reason: "not needed" },
		]);
	});

	test("patches as a person does", () => {
		const given = failed();
		expect(replays(given, 20, "a", { patch: PATCH })).toBe("ok");
		expect(given.step("a")).toMatchObject({ patched_with: PATCH.with, replays: ["rp_1"] });
		expect(told(given, "dead_letter.patched")[0]?.data).toMatchObject({ replay: "rp_1", paths: ["text"] });
	});

	test("leaves alone what nobody waits for", () => {
		const given = started([{ id: "a", on_unknown: "stop", repeatable: false }]);
		expect(replays(given, 5, "a")).toBe("conflict");
		expect(replays(given, 5, "x")).toBe("gone");
		given.attempts(UNKNOWN, 10, "a");
		expect(replays(given, 20, "a")).toBe("ok");
	});
});
