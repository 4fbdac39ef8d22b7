// Notes on incidents, and incidents as they are now, by REST. It recognises no repeated note, so each ends with a line that
// tells it apart. An incident has at most 2,000 notes, and all of them are listed at once.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Mark } from "../connector";
import { countAt, parseTime, textAt, valueAt } from "../inbound/read";
import { unclear } from "../outbound/failure";
import { type Call, type Done, jsonAction, pathOf } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { type Credentials, restApi } from "./api";

const Id = z.string().regex(/^[A-Za-z0-9]{1,64}$/, "write an id like PT4KHLK");
const Incident = z.strictObject({ incident_id: Id.describe("The incident's id.") });
const Note = Incident.extend({ note_id: Id.describe("The note's id.") });
const Add = Incident.extend({ content: z.string().min(1).max(20_000).describe("Plain text.") });

const scope = () => "rest";

function rest(credentials: Credentials, call: Call): Result<Call, string> {
	const { token, access_token } = credentials;
	return (token ?? access_token) ? ok(call) : err("credentials.token: write an API key");
}

function pathOfIncident(incident_id: string): string {
	return pathOf`/incidents/${incident_id}`;
}

export const addNote = jsonAction(restApi, {
	about: "Adds a note to an incident. Its last line names the step that has written it.",
	input: Add,
	output: { id: "The note's id.", created_at: "When it was written, like 2026-11-20T09:59:57Z." },
	repeatable: false,
	undo: "pagerduty.delete_note",
	writes: { entity: "incident", fields: ["notes"] },
	// What is written has to be looked for, too.
	scopes: ["incidents.write", "incidents.read"],
	mark: "Its last line, and the user in the header From.",
	scope,
	call: ({ incident_id, content }, { mark, config: { from }, credentials }) => {
		if (from === undefined) return err("config.from: write the address of the user that notes are written by");
		const marked = withMarker(content, mark);
		if (!marked.ok) return marked;
		const path = `${pathOfIncident(incident_id)}/notes`;
		const body = { note: { content: marked.value } };
		return rest(credentials, { method: "POST", path, headers: { from }, body });
	},
	done: [200, 201],
	result: (answer, input) => written(valueAt(answer, "note"), input),
	probe: {
		call: ({ incident_id }, { credentials }) =>
			rest(credentials, { method: "GET", path: `${pathOfIncident(incident_id)}/notes` }),
		find: (answer, { input, mark }) => {
			const notes = valueAt(answer, "notes");
			if (!Array.isArray(notes)) return unclear("PagerDuty answered without notes");
			const [first] = notes.filter((note) => carries(note, markerOf(mark))).sort(byAge);
			if (first === undefined) return { kind: "absent" };
			const told = written(first, input);
			return told === undefined ? unclear("PagerDuty listed it without its id") : { kind: "found", ...told };
		},
	},
});

/** Nothing that could be read as more than one word. */
const KEY = /^[\w.:-]{1,255}$/;

function withMarker(content: string, mark: Mark): Result<string, string> {
	if (!KEY.test(mark.idempotency_key)) return err("the idempotency key cannot stand in a note");
	return ok(`${content}\n\n${markerOf(mark)}`);
}

function markerOf(mark: Mark): string {
	return `[signalbox ${mark.idempotency_key}]`;
}

function carries(note: Json, marker: string): boolean {
	return textAt(note, "content")?.trimEnd().endsWith(marker) === true;
}

/** Of several the others are copies of it, made by people. */
function byAge(one: Json, other: Json): number {
	return (parseTime(valueAt(one, "created_at")) ?? 0) - (parseTime(valueAt(other, "created_at")) ?? 0);
}

function written(note: Json | undefined, input: JsonObject): Done | undefined {
	const id = textAt(note, "id");
	if (id === undefined) return undefined;
	const output = { id, created_at: textAt(note, "created_at") ?? null };
	return { output, ...undoWith(Note, { incident_id: input.incident_id, note_id: id }) };
}

export const deleteNote = jsonAction(restApi, {
	about: "Deletes a note. One that is gone already stays so.",
	input: Note,
	output: { id: "The note's id." },
	repeatable: true,
	writes: { entity: "incident", fields: ["notes"] },
	scopes: ["incidents.write"],
	mark: "The user whose token is used.",
	scope,
	call: ({ incident_id, note_id }, { credentials }) =>
		rest(credentials, { method: "DELETE", path: `${pathOfIncident(incident_id)}/notes/${note_id}` }),
	done: [204],
	result: (_answer, input) => gone(input),
	// Whoever deleted it, or its incident, it is gone.
	otherwise: ({ status }, _now, input) => (status === 404 ? { kind: "succeeded", ...gone(input) } : undefined),
});

function gone({ note_id }: JsonObject): Done {
	return { output: { id: note_id ?? null } };
}

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
