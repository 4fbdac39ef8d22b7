// Moving issues through their workflows. Which transitions there are depends on the workflow and on the status, so they
// are read first: a workflow's step reads, and the next one transitions unless the status is there already.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { Found, Mark } from "../connector";
import { objectAt, textAt, valueAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear } from "../outbound/failure";
import { jsonAction, pathOf } from "../outbound/json-api";
import { Fields, IssueId, issueScope, jiraApi } from "./api";
import { historyOf, OWN, propertyOf } from "./marker";
import { goesBackBefore, jiraTime } from "./time";

const StatusName = z.string().min(1).max(255);

const Get = z.strictObject({
	issue: IssueId,
	to: StatusName.optional().describe("The name or id of a status, to learn which transition leads there."),
});

export const getTransitions = jsonAction(jiraApi, {
	about:
		"Reads an issue's status and the transitions that there are from it. With `to`, it says which of them leads there: none, if it is there already.",
	input: Get,
	output: {
		issue: "The issue's id.",
		status: "The name of its status.",
		status_id: "The id of its status.",
		transitions: "A list of the transitions: the id and name of each, and the name and id of the status it leads to.",
		is_there: "Whether its status is the one asked for.",
		transition: "The id of the first transition that leads to it; null if there is none, or need be none.",
	},
	reads: true,
	repeatable: true,
	scopes: ["read:jira-work"],
	call: ({ issue }) => ({
		method: "GET",
		path: pathOf`/issue/${issue}`,
		query: { fields: "status", expand: "transitions" },
	}),
	done: [200],
	result: (issue, input) => {
		const transitions = valueAt(issue, "transitions");
		if (textAt(issue, "id") === undefined || !Array.isArray(transitions)) return undefined;
		return { output: overview(issue, transitions, textAt(input, "to")) };
	},
});

function overview(issue: Json, transitions: Json[], to: string | undefined): JsonObject {
	const status = valueAt(issue, "fields.status");
	const isThere = to !== undefined && isStatus(status, to);
	const leading = to === undefined || isThere ? undefined : transitions.find((one) => isStatus(valueAt(one, "to"), to));
	return {
		issue: textAt(issue, "id") ?? null,
		status: textAt(status, "name") ?? null,
		status_id: textAt(status, "id") ?? null,
		transitions: transitions.map((one) => ({
			id: textAt(one, "id") ?? null,
			name: textAt(one, "name") ?? null,
			to: textAt(one, "to.name") ?? null,
			to_id: textAt(one, "to.id") ?? null,
		})),
		is_there: isThere,
		transition: textAt(leading, "id") ?? null,
	};
}

function isStatus(status: Json | undefined, wanted: string): boolean {
	return [textAt(status, "name"), textAt(status, "id")].includes(wanted);
}

const Transition = z.strictObject({
	issue: IssueId,
	transition: z
		.string()
		.regex(/^\d{1,20}$/, "write the transition's id, as jira.get_transitions gives it")
		.describe("The transition's id, as jira.get_transitions gives it."),
	to: StatusName.describe("The name or id of the status that it leads to, to see whether it has led there."),
	fields: Fields.default({}).describe(
		"Fields on the transition's screen by their ids, like resolution, as Jira's REST API takes them.",
	),
});

export const transitionIssue = jsonAction(jiraApi, {
	about:
		"Moves an issue to another status by a transition that jira.get_transitions has found. Let the step depend on its `is_there`: from the status itself there is mostly no such transition.",
	input: Transition,
	output: { issue: "The issue's id or key.", to: "The status that it was moved to, as the step names it." },
	repeatable: false,
	writes: { entity: "issue", fields: ["status", "*"] },
	scopes: ["write:jira-work", "read:jira-work"],
	mark: "An entity property, and the account.",
	scope: issueScope,
	call: ({ issue, transition, fields }, { mark }) => ({
		method: "POST",
		path: pathOf`/issue/${issue}/transitions`,
		body: {
			transition: { id: transition },
			...(Object.keys(fields).length > 0 && { fields }),
			properties: [propertyOf(mark)],
			historyMetadata: historyOf(mark),
		},
	}),
	done: [204],
	result: (_answer, input) => ({ output: moved(input) }),
	probe: {
		/** An issue is read as it is; only searches lag behind. Its history begins with the newest. */
		call: ({ issue }) => ({
			method: "GET",
			path: pathOf`/issue/${issue}`,
			query: { fields: "status", properties: OWN, expand: "changelog" },
		}),
		find,
	},
});

function moved({ issue, to }: JsonObject): JsonObject {
	return { issue: issue ?? null, to: to ?? null };
}

/** Absent only if its history since the run began was seen, and it was never moved there. */
function find(issue: Json, { input, mark }: { input: JsonObject; mark: Mark }): Found {
	const status = objectAt(issue, "fields.status");
	const histories = valueAt(issue, "changelog.histories");
	const to = textAt(input, "to");
	if (status === undefined || to === undefined || !Array.isArray(histories)) {
		return unclear("Jira answered without a status and a history that can be read");
	}
	const isMarked = textAt(issue, `properties.${OWN}.k`) === mark.idempotency_key;
	if (isMarked || isStatus(status, to)) return { kind: "found", output: moved(input) };
	const earliest = earliestOf(mark);
	const times = histories.map((history) => jiraTime(valueAt(history, "created")));
	const isWhole = valueAt(issue, "changelog.total") === histories.length && !times.includes(undefined);
	if (!isWhole && !goesBackBefore(earliest, times)) return unclear("Jira did not show the whole of its history");
	const since = histories.filter((_history, i) => (times[i] ?? earliest) >= earliest);
	if (!since.some((history) => movedTo(history, to))) return { kind: "absent" };
	return unclear("it was there since the run began, and is no longer: by whom cannot be told");
}

function movedTo(history: Json, to: string): boolean {
	const items = valueAt(history, "items");
	return (
		Array.isArray(items) &&
		items.some(
			(item) => textAt(item, "field") === "status" && [textAt(item, "to"), textAt(item, "toString")].includes(to),
		)
	);
}
