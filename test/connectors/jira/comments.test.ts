// Writing and deleting comments, and setting properties, beyond their requests.

import { describe, expect, test } from "vitest";
import { answer, found, judged } from "../actions";
import { problemOf, requestOf } from "./requests";

const KEY = "sb_run_1_tell";
const LATE = "2026-11-20T09:59:58.000+0000";

describe("create_comment", () => {
	const use = "jira.create_comment";
	const input = { issue: "FERN-12", text: "Paid ✓" };
	const comment = (id: unknown, k?: unknown, created: unknown = LATE) => ({
		id,
		created,
		properties: k === undefined ? [] : [{ key: "signalbox", value: { k } }],
	});

	test("is a success with the comment's id, and with what deletes it", () => {
		expect(judged(use, answer(201, { id: "10007" }), input)).toEqual({
			kind: "succeeded",
			output: { id: "10007" },
			undo: { issue: "FERN-12", id: "10007" },
		});
	});

	test.each(["", "[]", "{}", '{"id":10007}'])("is a success with 201 %s too", (body) => {
		expect(judged(use, answer(201, body), input)).toEqual({ kind: "succeeded", output: { id: null } });
	});

	test.each(["", " ", "\n\n", "x".repeat(32_768), 7])("says something: not %j", (text) => {
		expect(problemOf(use, { ...input, text })).toMatch(/^with\.text: /);
	});

	test("is found by its property, wherever it stands", () => {
		const comments = [comment("3"), comment("2", "sb_run_1_tell2"), comment("10007", KEY), comment("1", KEY)];
		expect(found(use, answer(200, { comments, total: 900 }), input)).toEqual({
			kind: "found",
			output: { id: "10007" },
			undo: { issue: "FERN-12", id: "10007" },
		});
	});

	test.each([
		["none", { comments: [], total: 0 }],
		["others", { comments: [comment("2", "sb_run_1_tel"), comment("1", 1)], total: 2 }],
		[
			"another's property",
			{ comments: [{ ...comment("1"), properties: [{ key: "a", value: { k: KEY } }, null, 1] }], total: 1 },
		],
		[
			"more, of which the last is older than the run",
			{
				comments: [comment("2"), comment("1", undefined, "2026-11-20T09:54:00.249+0000")],
				total: 3,
			},
		],
		[
			"more, the last older in another zone",
			{
				comments: [comment("2"), comment("1", undefined, "2026-11-20T10:54:00.249+0100")],
				total: 3,
			},
		],
	])("is absent where Jira shows %s", (_, body) => {
		expect(found(use, answer(200, body), input)).toEqual({ kind: "absent" });
	});

	test.each([
		["2026-11-20T09:54:00.250+0000"],
		["2026-11-20T09:54:00.250+0000Z"],
		["2026-11-20T09:54:00"],
		["yesterday"],
		[1_795_160_000],
		[null],
	])("may stand on the next page, if this one goes back no further than %j", (created) => {
		const comments = [comment("2"), comment("1", undefined, created)];
		const reason = "it is not among the 2 comments that Jira listed, and there may be more";
		expect(found(use, answer(200, { comments, total: 3 }), input)).toEqual({ kind: "unclear", reason });
		expect(found(use, answer(200, { comments }), input)).toEqual({ kind: "unclear", reason });
	});

	test("may stand on the next page, if this one does not begin with the newest", () => {
		const [older, old] = ["2026-11-20T08:00:00.000+0000", "2026-11-20T08:30:00.000+0000"];
		for (const last of [LATE, old]) {
			const comments = [comment("1", undefined, older), comment("2"), comment("3", undefined, last)];
			expect(found(use, answer(200, { comments, total: 4 }), input)).toMatchObject({ kind: "unclear" });
		}
	});

	test("cannot be told from others whose properties are not shown", () => {
		const reason = "Jira shows comments without their properties";
		for (const hidden of [{ id: "1", created: LATE }, { ...comment("1"), properties: {} }, null]) {
			const body = { comments: [comment("2"), hidden], total: 2 };
			expect(found(use, answer(200, body), input)).toEqual({ kind: "unclear", reason });
		}
		const shown = { comments: [{ id: "1" }, comment("2", KEY)], total: 2 };
		expect(found(use, answer(200, shown), input)).toMatchObject({ kind: "found" });
	});
});

describe("delete_comment", () => {
	test.each([
		[204, ""],
		[404, { errorMessages: ["Can not find a comment for the id: 10007."], errors: {} }],
	])("is done with %d %j", (status, body) => {
		const outcome = { kind: "succeeded", output: { id: "10007" } };
		expect(judged("jira.delete_comment", answer(status, body), { issue: "FERN-12", id: "10007" })).toEqual(outcome);
	});

	test.each(["", "1/2", "a", 7])("has no comment %j", (id) => {
		expect(problemOf("jira.delete_comment", { issue: "FERN-12", id })).toMatch(/^with\.id: /);
	});
});

describe("set_property", () => {
	const use = "jira.set_property";
	const place = { issue: "FERN-12", key: "acme.sync" };

	test("is undone by deleting it, if it was not there before", () => {
		expect(judged(use, answer(201), place)).toEqual({ kind: "succeeded", output: place, undo: place });
		expect(judged(use, answer(200), place)).toEqual({ kind: "succeeded", output: place });
	});

	test("keeps its key within its path", () => {
		const { url } = requestOf(use, { issue: "FERN-12", key: "a/b?c", value: {} });
		expect(url).toBe("https://fern.atlassian.net/rest/api/3/issue/FERN-12/properties/a%2Fb%3Fc");
		for (const key of ["", ".", "..", 1]) expect(problemOf(use, { ...place, key, value: {} })).toMatch(/^with\.key: /);
	});

	test("takes an object that Jira takes", () => {
		const value = (length: number) => ({ a: "x".repeat(length - '{"a":""}'.length) });
		expect(problemOf(use, { ...place, value: value(32_768) })).toBe("");
		expect(problemOf(use, { ...place, value: value(32_769) })).toBe("with.value: it is too long");
		for (const other of [1, "a", null, [1]])
			expect(problemOf(use, { ...place, value: other })).toMatch(/^with\.value: /);
	});
});

test.each([
	[204, ""],
	[404, { errorMessages: ["The property with key acme.sync does not exist."], errors: {} }],
])("delete_property is done with %d %j", (status, body) => {
	const place = { issue: "FERN-12", key: "acme.sync" };
	expect(judged("jira.delete_property", answer(status, body), place)).toEqual({ kind: "succeeded", output: place });
});
