// Incidents as they are now, by REST.

import { z } from "zod";
import type { Json } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import { countAt, textAt, valueAt } from "../inbound/read";
import { type Call, type Done, jsonAction, pathOf } from "../outbound/json-api";
import { type Credentials, restApi } from "./api";

export const Id = z.string().regex(/^[A-Za-z0-9]{1,64}$/, "write an id like PT4KHLK");
export const Incident = z.strictObject({ incident_id: Id.describe("The incident's id.") });

export function pathOfIncident(incident_id: string): string {
	return pathOf`/incidents/${incident_id}`;
}

/** The call, if there is something to show who calls. */
export function rest({ token, access_token }: Credentials, call: Call): Result<Call, string> {
	return (token ?? access_token) === undefined ? err("credentials.token: write an API key") : ok(call);
}

/** The part of a connection that the limits of REST pause. */
export const scope = () => "rest";

export const getIncident = jsonAction(restApi, {
	about: "Reads an incident as it is now.",
	input: Incident,
	output: {
		id: "The incident's id.",
		number: "Its number, unique in the account.",
		title: "Its title.",
		status: "Whether it is triggered, acknowledged or resolved.",
		urgency: "Whether it is high or low.",
		priority: "The name of its priority; null if it has none.",
		incident_key: "The key of the event that has opened it.",
		service_id: "The id of the service that it is about.",
		service: "The name of that service.",
		assignees: "The ids of those who it is assigned to.",
		url: "Where people see the incident.",
		created_at: "When it was opened, like 2026-11-20T09:59:57Z.",
		updated_at: "When it was last changed.",
	},
	reads: true,
	repeatable: true,
	scopes: ["incidents.read"],
	scope,
	call: ({ incident_id }, { credentials }) => rest(credentials, { method: "GET", path: pathOfIncident(incident_id) }),
	done: [200],
	// What is not the incident is no final state to act on.
	result: (answer) => detail(valueAt(answer, "incident")),
});

const TEXTS = {
	title: "title",
	status: "status",
	urgency: "urgency",
	priority: "priority.summary",
	incident_key: "incident_key",
	service_id: "service.id",
	service: "service.summary",
	url: "html_url",
	created_at: "created_at",
	updated_at: "updated_at",
};

function detail(incident: Json | undefined): Done | undefined {
	const id = textAt(incident, "id");
	if (id === undefined) return undefined;
	const texts = Object.entries(TEXTS).map(([field, path]) => [field, textAt(incident, path) ?? null]);
	const number = countAt(incident, "incident_number") ?? null;
	return { output: { id, number, ...Object.fromEntries(texts), assignees: assigneesOf(incident) } };
}

function assigneesOf(incident: Json | undefined): string[] {
	const list = valueAt(incident, "assignments");
	if (!Array.isArray(list)) return [];
	return list.map((item) => textAt(item, "assignee.id")).filter((id) => id !== undefined);
}
