// Writing and deleting notes on records. The batch that writes by a unique property cannot say what a note is on, so a
// note is created alone, with its key in such a property: HubSpot has no second one of a key, and shows the first by it.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { Outcome } from "../../model/outcome";
import type { Mark, OutboundResponse } from "../connector";
import { objectAt, textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { unclear } from "../outbound/failure";
import { isGone } from "../outbound/gone";
import { jsonAction, PathPart, pathOf } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { hubspotApi, KINDS, Kind, MARK } from "./api";

const NOTES = "/crm/v3/objects/notes";

const Create = z.strictObject({
	object: Kind.describe("What kind of record the note is on."),
	id: z
		.string()
		.regex(/^\d{1,20}$/, "write the record's id")
		.describe("The record's id."),
	body: z.string().min(1).max(65_536).describe("The note, as text or HTML."),
	at: z.iso
		.datetime({ offset: true })
		.optional()
		.describe("Where it stands on the record's timeline, like 2026-11-20T09:59:57Z; by default when the run began."),
	owner_id: z
		.string()
		.regex(/^\d{1,20}$/, "write an owner's id")
		.optional()
		.describe("The owner whom HubSpot shows as its author."),
});
const Note = z.strictObject({ id: PathPart.describe("The note's id.") });

export const createNote = jsonAction(hubspotApi, {
	about: "Writes a note on a contact, a company, a deal or a ticket.",
	input: Create,
	output: { id: "The note's id.", created_at: "When it was created." },
	repeatable: false,
	undo: "hubspot.delete_note",
	writes: { entity: "note", fields: ["*"] },
	scopes: ["crm.objects.contacts.read", "crm.objects.contacts.write"],
	mark: "The key in the property that the connection's `key_property` names, and the app whose token is used.",
	call: ({ object, id, ...note }, { mark, config }) => ({
		method: "POST",
		path: NOTES,
		body: {
			properties: propertiesOf(note, mark, config.key_property),
			associations: [
				{
					to: { id },
					types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: KINDS[object].note_association }],
				},
			],
		},
	}),
	done: [201],
	result: (note) => created(note),
	otherwise: takenKey,
	probe: {
		// Read by the property itself, and not by a search, which is an index that lags behind.
		call: (_input, { mark, config }) => ({
			method: "GET",
			path: `${NOTES}${pathOf`/${mark.idempotency_key}`}`,
			query: { idProperty: config.key_property, properties: config.key_property },
		}),
		find: (note, { mark }) => {
			const done = holds(note, mark) ? created(note) : undefined;
			return done === undefined ? unclear("HubSpot answered with another note") : { kind: "found", ...done };
		},
		otherwise: (response) => (isMissing(response) ? { kind: "absent" } : undefined),
	},
});

function propertiesOf(
	{ body, at, owner_id }: Pick<z.infer<typeof Create>, "body" | "at" | "owner_id">,
	mark: Mark,
	keyProperty: string,
): JsonObject {
	return {
		hs_timestamp: at ?? new Date(mark.since).toISOString(),
		hs_note_body: body,
		...(owner_id !== undefined && { hubspot_owner_id: owner_id }),
		[keyProperty]: mark.idempotency_key,
	};
}

function created(note: Json): { output: JsonObject; undo?: JsonObject } | undefined {
	const id = textAt(note, "id");
	if (id === undefined) return undefined;
	return { output: { id, created_at: textAt(note, "createdAt") ?? null }, ...undoWith(Note, { id }) };
}

/** A note of this key is there already, so an earlier attempt took effect: which one it made is to be looked up. */
function takenKey({ status, body }: OutboundResponse): Outcome | undefined {
	const isTaken = status === 409 || (status === 400 && body.includes("CONFLICTING_UNIQUE_VALUE"));
	return isTaken ? { kind: "unknown", reason: "HubSpot has a note of this key already", timed_out: false } : undefined;
}

function holds(note: Json, mark: Mark): boolean {
	return Object.values(objectAt(note, "properties") ?? {}).includes(mark.idempotency_key);
}

/** In HubSpot's own words: a proxy on the way has a 404 of its own, which says nothing of notes. */
function isMissing({ status, body }: OutboundResponse): boolean {
	return status === 404 && textAt(parseAnswer(body), "status") === "error";
}

export const deleteNote = jsonAction(hubspotApi, {
	about: "Deletes a note. One that is gone already stays so.",
	input: Note,
	output: { id: "The note's id." },
	repeatable: true,
	writes: { entity: "note", fields: ["*"] },
	scopes: ["crm.objects.contacts.write"],
	mark: MARK,
	call: ({ id }) => ({ method: "DELETE", path: `${NOTES}${pathOf`/${id}`}` }),
	done: [204],
	result: (_answer, input) => ({ output: { id: input.id ?? null } }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) =>
		isGone(response) ? { kind: "succeeded", output: { id: input.id ?? null } } : undefined,
});
