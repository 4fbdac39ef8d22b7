// Notes on incidents, by REST. It recognises no repeated note, so each ends with a line that tells it apart. An incident has
// at most 2,000 notes, and all of them are listed at once.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Found, Mark } from "../connector";
import { parseTime, textAt, valueAt } from "../inbound/read";
import { unclear } from "../outbound/failure";
import { isGone } from "../outbound/gone";
import { type Done, jsonAction } from "../outbound/json-api";
import { absentOnceSettled } from "../outbound/settled";
import { undoWith } from "../outbound/undo";
import { restApi } from "./api";
import { Id, Incident, pathOfIncident, rest, scope } from "./incident";

const Note = Incident.extend({ note_id: Id.describe("The note's id.") });
const Add = Incident.extend({ content: z.string().min(1).max(20_000).describe("Plain text.") });

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
		find: (answer, sought) => look(answer, sought),
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

/** What PagerDuty may still need for a request that was given up. It does not say. */
const SETTLED_MS = 60_000;

function look(answer: Json, { input, mark, now }: { input: JsonObject; mark: Mark; now: number }): Found {
	const notes = valueAt(answer, "notes");
	if (!Array.isArray(notes)) return unclear("PagerDuty answered without notes");
	const [first] = notes.filter((note) => carries(note, markerOf(mark))).sort(byAge);
	const told = first === undefined ? undefined : written(first, input);
	if (told !== undefined) return { kind: "found", ...told };
	const isWhole = valueAt(answer, "more") !== true;
	if (first === undefined && isWhole) {
		return absentOnceSettled(SETTLED_MS, { mark, now, reason: "PagerDuty does not list it yet" });
	}
	return unclear(`it cannot be told from the ${notes.length} notes that PagerDuty listed`);
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
	otherwise: (response, _now, input) => (isGone(response) ? { kind: "succeeded", ...gone(input) } : undefined),
});

function gone({ note_id }: JsonObject): Done {
	return { output: { id: note_id ?? null } };
}
