// Entity properties of issues: what an app stores with them, unseen by people. Each raises an event whose key tells whose
// it is, so that a source lists the keys that only we set.

import { z } from "zod";
import { JsonObject } from "../../model/json";
import { isGone } from "../outbound/gone";
import { jsonAction, PathPart, pathOf } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { IssueId, issueScope, jiraApi } from "./api";

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-properties/ */
const MAX_VALUE_CHARS = 32_768;

const Property = z.strictObject({
	issue: IssueId,
	key: PathPart.describe("The property's key."),
});
const SetProperty = Property.extend({
	value: JsonObject.refine((value) => JSON.stringify(value).length <= MAX_VALUE_CHARS, "it is too long").describe(
		"What it is set to: an object.",
	),
});

const output = { issue: "The issue's id or key.", key: "The property's key." };

function propertyOf({ issue, key }: JsonObject): JsonObject {
	return { issue: issue ?? null, key: key ?? null };
}

export const setProperty = jsonAction(jiraApi, {
	about:
		"Sets an entity property of an issue. One that was not there before is undone by its deletion; an old value is not brought back.",
	input: SetProperty,
	output,
	repeatable: true,
	undo: "jira.delete_property",
	writes: { entity: "issue", fields: ["*"] },
	scopes: ["write:jira-work"],
	mark: "The property's key, where the source lists it as ours, and the account.",
	scope: issueScope,
	call: ({ issue, key, value }) => ({ method: "PUT", path: pathOf`/issue/${issue}/properties/${key}`, body: value }),
	done: [200, 201],
	result: (_answer, input, { status }) => {
		const output = propertyOf(input);
		return { output, ...(status === 201 && undoWith(Property, output)) };
	},
});

export const deleteProperty = jsonAction(jiraApi, {
	about: "Deletes an entity property of an issue. One that is gone already stays so.",
	input: Property,
	output,
	repeatable: true,
	writes: { entity: "issue", fields: ["*"] },
	scopes: ["write:jira-work"],
	mark: "The property's key, where the source lists it as ours, and the account.",
	scope: issueScope,
	call: ({ issue, key }) => ({ method: "DELETE", path: pathOf`/issue/${issue}/properties/${key}` }),
	done: [204],
	result: (_answer, input) => ({ output: propertyOf(input) }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) =>
		isGone(response) ? { kind: "succeeded", output: propertyOf(input) } : undefined,
});
