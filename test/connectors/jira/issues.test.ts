// Creating, reading and deleting issues, beyond their requests.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged, mark } from "../actions";
import { NOW } from "../deliveries";
import { problemOf, requestOf } from "./requests";

const MINUTE = 60_000;
const created = { id: "10412", key: "FERN-12" };
const undo = { issue: "10412", delete_subtasks: false };

describe("create_issue", () => {
	const use = "jira.create_issue";
	const input = { project: "FERN", issue_type: "Task", summary: "Slow" };

	function fields(more: JsonObject): JsonObject {
		return JSON.parse(requestOf(use, { ...input, ...more }).body ?? "").fields;
	}

	test("says no more than it is given, and carries its label", () => {
		expect(fields({})).toEqual({
			project: { key: "FERN" },
			issuetype: { name: "Task" },
			summary: "Slow",
			labels: ["signalbox-sb_run_1_tell"],
		});
	});

	test("names by id what is given as digits", () => {
		const ids = { project: "10000", issue_type: "10001", parent: "10411" };
		expect(fields(ids)).toMatchObject({
			project: { id: "10000" },
			issuetype: { id: "10001" },
			parent: { id: "10411" },
		});
	});

	test("gives a label once", () => {
		expect(fields({ labels: ["a", "b", "a"] }).labels).toEqual(["a", "b", "signalbox-sb_run_1_tell"]);
	});

	test.each([
		[{ project: "" }, "with.project"],
		[{ project: "FERN-1" }, "with.project"],
		[{ issue_type: "" }, "with.issue_type"],
		[{ summary: "" }, "with.summary"],
		[{ summary: "  " }, "with.summary"],
		[{ summary: "a\nb" }, "with.summary"],
		[{ summary: "x".repeat(256) }, "with.summary"],
		[{ description: "x".repeat(32_768) }, "with.description"],
		[{ labels: ["two words"] }, "with.labels.0"],
		[{ labels: [""] }, "with.labels.0"],
		[{ fields: { labels: ["a"] } }, "with.fields: leave out project, issuetype, summary"],
		[{ fields: { "a b": 1 } }, "with.fields.a b"],
		[{ parent: "FERN" }, "with.parent"],
	])("is refused with %j", (more, problem) => {
		expect(problemOf(use, { ...input, ...more })).toContain(problem);
	});

	test("is not made with a key that could not be looked for", () => {
		for (const idempotency_key of ['k" OR project = "FERN', "k k", "", "k".repeat(201)]) {
			const problem = "the idempotency key cannot stand in a label";
			expect(problemOf(use, input, { mark: { ...mark, idempotency_key } })).toBe(problem);
			const look = actionOf(use).probe?.build(
				input,
				{ config: { site: "fern" }, credentials: { token: "t" } },
				{ ...mark, idempotency_key },
			);
			expect(look).toEqual({ ok: false, error: problem });
		}
	});

	test("is a success with what names the issue, and with what deletes it", () => {
		expect(judged(use, answer(201, created), input)).toEqual({ kind: "succeeded", output: created, undo });
	});

	test.each(["", "<html>", "[]", "{}", '{"id":10412,"key":7}'])("is a success with 201 %s too", (body) => {
		expect(judged(use, answer(201, body), input)).toEqual({ kind: "succeeded", output: { id: null, key: null } });
	});

	describe("is looked for", () => {
		const LABEL = "signalbox-sb_run_1_tell";
		const labelled = (id: unknown, ...labels: unknown[]) => ({ id, key: `FERN-${id}`, fields: { labels } });

		/** At so many milliseconds after the run began. */
		function foundAfter(after_ms: number, body: unknown) {
			return actionOf(use).probe?.read(answer(200, body), mark.since + after_ms, { input, mark });
		}

		test("by its label, and by no other", () => {
			const others = [
				labelled("1", "signalbox-sb_run_1_tel"),
				labelled("2", "Signalbox-sb_run_1_tell"),
				labelled("3", "signalbox-sb_run_1_tell2"),
				labelled("4"),
				{ id: "5" },
				{ id: "6", fields: { labels: LABEL } },
				null,
				7,
			];
			const body = { issues: [...others, { ...created, fields: { labels: ["a", LABEL] } }] };
			expect(foundAfter(0, body)).toEqual({ kind: "found", output: created, undo });
			expect(foundAfter(10 * MINUTE, { issues: others })).toEqual({ kind: "absent" });
		});

		test("and is the first of several, because the others are copies", () => {
			const issues = [labelled("900", LABEL), labelled("99", LABEL), labelled(null, LABEL), labelled("100", LABEL)];
			expect(foundAfter(0, { issues })).toMatchObject({ kind: "found", output: { id: "99" } });
		});

		test("until ten minutes after its run began, because Jira's search lags behind", () => {
			const reason = "Jira's search does not show it, and may lag behind";
			const nothing = { issues: [], isLast: true };
			expect(foundAfter(0, nothing)).toEqual({ kind: "unclear", reason, after_ms: 10 * MINUTE });
			expect(foundAfter(4 * MINUTE, nothing)).toEqual({ kind: "unclear", reason, after_ms: 6 * MINUTE });
			expect(foundAfter(10 * MINUTE - 1, nothing)).toEqual({ kind: "unclear", reason, after_ms: 1 });
			expect(foundAfter(10 * MINUTE, nothing)).toEqual({ kind: "absent" });
			expect(foundAfter(86_400_000, nothing)).toEqual({ kind: "absent" });
			expect(found(use, answer(200, nothing), input)).toMatchObject({
				kind: "unclear",
				after_ms: mark.since + 10 * MINUTE - NOW,
			});
		});

		test("and until ten minutes after the attempt that was doubtful, however long the run had taken to come there", () => {
			const late = { ...mark, tried_at: mark.since + 86_400_000 };
			const look = (now: number) =>
				actionOf(use).probe?.read(answer(200, { issues: [], isLast: true }), now, { input, mark: late })?.kind;
			expect(look(late.tried_at + 10 * MINUTE - 1)).toBe("unclear");
			expect(look(late.tried_at + 10 * MINUTE)).toBe("absent");
		});

		test("and may stand on the next page, if there is one", () => {
			const reason = "it is not among the issues that Jira listed first";
			const body = { issues: [], nextPageToken: "CAEaAggD" };
			expect(foundAfter(20 * MINUTE, body)).toEqual({ kind: "unclear", reason });
			expect(foundAfter(20 * MINUTE, { issues: [], nextPageToken: null })).toEqual({ kind: "absent" });
		});
	});
});

describe("get_issue", () => {
	const use = "jira.get_issue";
	const description = {
		type: "doc",
		version: 1,
		content: [{ type: "paragraph", content: [{ type: "text", text: "Since noon." }] }],
	};
	const issue = {
		...created,
		fields: {
			project: { key: "FERN" },
			issuetype: { name: "Bug" },
			summary: "Slow",
			description,
			status: { name: "Doing", statusCategory: { key: "indeterminate" } },
			resolution: null,
			priority: { name: "High" },
			labels: ["a", 1, "b"],
			assignee: { accountId: "712020:d" },
			reporter: null,
			created: "2026-11-20T09:00:00.000+0000",
			updated: "2026-11-20T09:59:58.000+0000",
			customfield_10010: { value: "x" },
			customfield_10011: 1,
		},
	};

	test("gives the issue as it is now, and of the other fields those that were asked for", () => {
		expect(judged(use, answer(200, issue), { issue: "FERN-12", fields: ["customfield_10010", "toString"] })).toEqual({
			kind: "succeeded",
			output: {
				...created,
				project: "FERN",
				issue_type: "Bug",
				summary: "Slow",
				description: "Since noon.",
				status: "Doing",
				status_category: "indeterminate",
				resolution: null,
				priority: "High",
				labels: ["a", "b"],
				assignee: "712020:d",
				reporter: null,
				created_at: "2026-11-20T09:00:00.000+0000",
				updated_at: "2026-11-20T09:59:58.000+0000",
				fields: { customfield_10010: { value: "x" } },
			},
		});
	});

	test("gives what there is of an issue that says little", () => {
		const outcome = judged(use, answer(200, { id: "10412" }), { issue: "FERN-12" });
		expect(outcome).toMatchObject({ output: { id: "10412", key: null, description: null, labels: [], fields: {} } });
	});

	test("gives as much of a long text as is worth keeping, and never half of a character", () => {
		const text = `${"x".repeat(16_383)}😀😀`;
		const long = { ...description, content: [{ type: "paragraph", content: [{ type: "text", text }] }] };
		const outcome = judged(use, answer(200, { id: "1", fields: { description: long } }), {});
		expect(outcome).toMatchObject({ output: { description: `${"x".repeat(16_383)}\ufffd` } });
	});

	test.each(["", "<html>", "[]", "{}", '{"id":10412}'])("with 200 %s has not read an issue", (body) => {
		const reason = "Jira answered 200 and did not say what it did";
		expect(judged(use, answer(200, body), {})).toEqual({ kind: "transient", reason });
	});

	test.each([["a b"], [""], ["*all"], ["-summary"], ["a,b"]])("asks for no field %j", (field) => {
		expect(problemOf(use, { issue: "FERN-12", fields: [field] })).toMatch(/^with\.fields\.0: /);
	});
});

describe("delete_issue", () => {
	test.each([
		[204, ""],
		[404, { errorMessages: ["Issue does not exist or you do not have permission to see it."], errors: {} }],
	])("is done with %d %j", (status, body) => {
		const outcome = { kind: "succeeded", output: { issue: "FERN-12" } };
		expect(judged("jira.delete_issue", answer(status, body), { issue: "FERN-12" })).toEqual(outcome);
	});

	test("deletes subtasks only if it is told to", () => {
		const { url } = requestOf("jira.delete_issue", { issue: "FERN-12", delete_subtasks: true });
		expect(new URL(url).search).toBe("?deleteSubtasks=true");
	});
});
