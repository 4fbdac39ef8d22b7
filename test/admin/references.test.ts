// What a document refers to: where it is missing, and what would mend it.

import { describe, expect, test } from "vitest";
import { checkReferences, referencesOf } from "../../src/admin/references";
import { checkDocument } from "../../src/core/document";
import { catalogue } from "../../src/registry/compile";

const referable = {
	sources: new Map([
		["github", "github"],
		["stripe", "stripe"],
	]),
	connections: new Map([
		["chat", "slack"],
		["crm", "salesforce"],
		["desk", "http"],
	]),
	approvers: new Map([
		["anna", ["finance", "legal"]],
		["ben", ["finance"]],
	]),
};

/** As documents are published: compiled, then checked against what the tenant has. */
function workflow(on: unknown, steps: unknown[], change: object = {}) {
	const result = checkDocument({ name: "w", owner: "o", on, steps, ...change }, catalogue);
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}

function problemsOf(...document: Parameters<typeof workflow>) {
	return checkReferences(workflow(...document), { tenant: "acme", referable });
}

const step = { id: "tell", use: "slack.post_message", connection: "chat", with: { channel: "C1", text: "hi" } };
const trigger = { source: "github", event: "issue.*" };

test("a document whose references exist has no problems", () => {
	expect(problemsOf(trigger, [step])).toEqual([]);
});

test("a missing source is told with its place, how to create it, and what there is instead", () => {
	const message =
		"there is no source gitlab; create it with PUT /admin/v1/tenants/acme/sources/gitlab, or use github, stripe";
	expect(problemsOf({ ...trigger, source: "gitlab" }, [step])).toEqual([{ path: "on.source", message }]);
	expect(problemsOf([trigger, { ...trigger, source: "gitlab" }], [step])).toEqual([{ path: "on[1].source", message }]);
});

test("a missing connection is told with those that would fit", () => {
	expect(problemsOf(trigger, [step, { ...step, id: "b", connection: "chatt" }])).toEqual([
		{
			path: "steps[1].connection",
			message: "there is no connection chatt; create it with PUT /admin/v1/tenants/acme/connections/chatt, or use chat",
		},
	]);
});

test("a connection of another connector is told with those that would fit", () => {
	expect(problemsOf(trigger, [{ ...step, connection: "crm" }])).toEqual([
		{
			path: "steps[0].connection",
			message: "crm is a connection of salesforce, and slack.post_message needs one of slack, or use chat",
		},
	]);
});

test("a branch of a join is told with its own place", () => {
	const branches = { legal: { on: trigger }, money: { on: [trigger, { source: "strpe", event: "*" }] } };
	const joined = { key: "event.entity.id", timing: { join: { branches, by: "1d" } } };
	const message =
		"there is no source strpe; create it with PUT /admin/v1/tenants/acme/sources/strpe, or use github, stripe";
	expect(problemsOf(undefined, [step], joined)).toEqual([{ path: "timing.join.branches.money.on[1].source", message }]);
});

describe("the connection of an undo", () => {
	const taken = (undo: object, change: object = {}) => [
		{ ...step, ...change, undo: { use: "http.request", with: { path: "/undo" }, ...undo } },
	];

	test("is told with its own place", () => {
		expect(problemsOf(trigger, taken({ connection: "nowhere" }))).toEqual([
			{
				path: "steps[0].undo.connection",
				message:
					"there is no connection nowhere; create it with PUT /admin/v1/tenants/acme/connections/nowhere, or use desk",
			},
		]);
	});

	test("is the step's own where it names none, and must fit the undo", () => {
		expect(problemsOf(trigger, taken({}))).toEqual([
			{
				path: "steps[0].undo.connection",
				message: "chat is a connection of slack, and http.request needs one of http, or use desk",
			},
		]);
	});

	test("is told once where it is the step's own and missing", () => {
		expect(problemsOf(trigger, taken({}, { connection: "chatt" })).map(({ path }) => path)).toEqual([
			"steps[0].connection",
		]);
	});
});

test("a step of on_failure is told with its own place, and a step that goes nowhere refers to nothing", () => {
	const wait = { id: "rest", use: "wait", with: { for: "1h" } };
	const on_failure = { steps: [{ ...step, id: undefined, connection: "chatt" }] };
	expect(problemsOf(trigger, [step, wait], { on_failure }).map(({ path }) => path)).toEqual([
		"on_failure.steps[0].connection",
	]);
});

test("what a workflow refers to is listed once, undo and branches included", () => {
	const undo = { use: "http.request", connection: "desk", with: { path: "/undo" } };
	const wait = { id: "rest", use: "wait", with: { for: "1h" } };
	const branches = { legal: { on: trigger }, money: { on: { source: "stripe", event: "*" } } };
	const joined = { key: "event.entity.id", timing: { join: { branches, by: "1d" } } };
	const steps = [{ ...step, undo }, { ...step, id: "b" }, wait];
	expect(referencesOf(workflow(undefined, steps, joined))).toEqual({
		sources: ["github", "stripe"],
		connections: ["chat", "desk"],
	});
});

describe("who is asked for approval", () => {
	const asking = (of: unknown, need: unknown = 1) => ({ id: "ok", use: "approve", with: { of, need, within: "1d" } });

	test.each([
		[["anna"], 1],
		[["finance"], 2],
		[["legal", "ben"], 2],
		[["${{ event.entity.id }}"], 9],
	])("%o can give %o approvals", (of, need) => {
		expect(problemsOf(trigger, [asking(of, need)])).toEqual([]);
	});

	test("exists", () => {
		const create = "create it with PUT /admin/v1/tenants/acme/approvers/carl, or make somebody a member of a team carl";
		expect(problemsOf(trigger, [asking(["finance", "carl"], 9)])).toEqual([
			{
				path: "steps[0].with.of[1]",
				message: `there is no approver or team carl; ${create}, or use anna, ben, finance, legal`,
			},
		]);
	});

	test("are enough", () => {
		expect(problemsOf(trigger, [asking(["finance", "anna"], 3)])).toEqual([
			{ path: "steps[0].with.need", message: "asks for 3 approvals, and of names 2 people: anna, ben" },
		]);
	});
});
