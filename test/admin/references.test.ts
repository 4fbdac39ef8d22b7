// What a document refers to: where it is missing, and what would mend it.

import { expect, test } from "vitest";
import { checkReferences } from "../../src/admin/references";
import { WorkflowDocument } from "../../src/model/workflow";

const referable = {
	sources: new Map([
		["github", "github"],
		["stripe", "stripe"],
	]),
	connections: new Map([
		["chat", "slack"],
		["crm", "salesforce"],
	]),
};

function problemsOf(on: unknown, steps: unknown[]) {
	const document = WorkflowDocument.parse({ name: "w", owner: "o", on, steps });
	return checkReferences(document, { tenant: "acme", listed: Array.isArray(on), referable });
}

const step = { id: "tell", use: "slack.post_message", connection: "chat" };
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
