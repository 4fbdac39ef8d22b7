// Reading which transitions there are, and transitioning, beyond their requests.

import { describe, expect, test } from "vitest";
import { answer, found, judged } from "../actions";
import { problemOf, requestOf } from "./requests";

describe("get_transitions", () => {
	const use = "jira.get_transitions";
	const transitions = [
		{ id: "11", name: "Back", to: { id: "1", name: "To Do" } },
		{ id: "31", name: "Finish", to: { id: "5", name: "Done" } },
		{ id: "41", name: "Give up", to: { id: "5", name: "Done" } },
		{ id: "51", name: "Touch", to: { id: "3", name: "Doing" } },
		{ name: 7, to: null },
	];
	const issue = { id: "10412", fields: { status: { id: "3", name: "Doing" } }, transitions };
	const told = {
		issue: "10412",
		status: "Doing",
		status_id: "3",
		transitions: [
			{ id: "11", name: "Back", to: "To Do", to_id: "1" },
			{ id: "31", name: "Finish", to: "Done", to_id: "5" },
			{ id: "41", name: "Give up", to: "Done", to_id: "5" },
			{ id: "51", name: "Touch", to: "Doing", to_id: "3" },
			{ id: null, name: null, to: null, to_id: null },
		],
	};

	test.each([
		["Done", false, "31"],
		["5", false, "31"],
		["To Do", false, "11"],
		["Doing", true, null],
		["3", true, null],
		["done", false, null],
		["Finish", false, null],
		["31", false, null],
		[undefined, false, null],
	])("says which transition leads to %j", (to, is_there, transition) => {
		expect(judged(use, answer(200, issue), { issue: "FERN-12", ...(to !== undefined && { to }) })).toEqual({
			kind: "succeeded",
			output: { ...told, is_there, transition },
		});
	});

	test.each(["", "[]", "{}", '{"id":"1"}', '{"transitions":[]}'])("with 200 %s has read nothing", (body) => {
		const reason = "Jira answered 200 and did not say what it did";
		expect(judged(use, answer(200, body), { issue: "FERN-12" })).toEqual({ kind: "transient", reason });
	});
});

describe("transition_issue", () => {
	const use = "jira.transition_issue";
	const input = { issue: "FERN-12", transition: "31", to: "Done" };
	const output = { issue: "FERN-12", to: "Done" };

	test("names no fields unless it is given some", () => {
		expect(JSON.parse(requestOf(use, input).body ?? "")).not.toHaveProperty("fields");
	});

	test("is done with 204", () => {
		expect(judged(use, answer(204), input)).toEqual({ kind: "succeeded", output });
	});

	test.each([
		[{ transition: "Finish" }, "with.transition"],
		[{ transition: "" }, "with.transition"],
		[{ transition: null }, "with.transition"],
		[{ to: "" }, "with.to"],
		[{ to: null }, "with.to"],
		[{ fields: { "a b": 1 } }, "with.fields.a b"],
	])("is refused with %j", (more, problem) => {
		expect(problemOf(use, { ...input, ...more })).toContain(`${problem}: `);
	});

	describe("is looked for", () => {
		const doing = { id: "3", name: "Doing" };
		const done = { id: "5", name: "Done" };
		const RECENT = "2026-11-20T09:59:58.000+0000";
		const OLD = "2026-11-20T09:54:00.249+0000";
		const moved = (to: string, name: string, created: unknown = RECENT) => ({
			created,
			items: [
				{ field: "resolution", to: "5", toString: "Done" },
				{ field: "status", from: "3", fromString: "Doing", to, toString: name },
			],
		});

		function look(body: object, to = "Done") {
			return found(use, answer(200, body), { ...input, to });
		}

		test.each(["Done", "5"])("and found where the issue is in the status %j, whoever moved it", (to) => {
			expect(look({ fields: { status: done }, changelog: { histories: [] } }, to)).toEqual({
				kind: "found",
				output: { ...output, to },
			});
		});

		test("and found by its property, whatever became of the issue since", () => {
			const issue = { fields: { status: doing }, changelog: { histories: [moved("5", "Done")] } };
			expect(look({ ...issue, properties: { signalbox: { k: "sb_run_1_tell" } } })).toEqual({ kind: "found", output });
			expect(look({ ...issue, properties: { signalbox: { k: "sb_run_1_tel" } } }).kind).toBe("unclear");
		});

		test.each([
			["has no history", { total: 0, histories: [] }],
			["was moved elsewhere", { total: 1, histories: [moved("1", "To Do")] }],
			["had other changes", { total: 2, histories: [{ created: RECENT }, { created: RECENT, items: [null, 1] }] }],
			["was there before the run", { total: 1, histories: [moved("5", "Done", OLD)] }],
			["has more history, from before the run", { total: 9, histories: [moved("1", "To Do"), { created: OLD }] }],
		])("and absent where the issue %s", (_, changelog) => {
			expect(look({ fields: { status: doing }, changelog })).toEqual({ kind: "absent" });
		});

		test.each(["Done", "5"])("and left to people where the issue was in %j since, and is no longer", (to) => {
			const reason = "it was there since the run began, and is no longer: by whom cannot be told";
			const changelog = { total: 2, histories: [moved("3", "Doing"), moved("5", "Done")] };
			expect(look({ fields: { status: doing }, changelog }, to)).toEqual({ kind: "unclear", reason });
		});

		test.each([
			["goes back no further", [{ created: "2026-11-20T09:54:00.250+0000" }], 2],
			["says no times", [{ created: null }], 2],
			["says no times, though it is whole", [{ created: "soon" }], 1],
			["does not begin with the newest", [{ created: OLD }, { created: RECENT }], 3],
			["does not say how long it is", [{ created: RECENT }], undefined],
		])("and not told where the history %s", (_, histories, total) => {
			const reason = "Jira did not show the whole of its history";
			const body = { fields: { status: doing }, changelog: { histories, ...(total !== undefined && { total }) } };
			expect(look(body)).toEqual({ kind: "unclear", reason });
		});
	});
});
