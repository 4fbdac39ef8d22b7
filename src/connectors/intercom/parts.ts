// Replying to a conversation and noting something on it. Intercom recognises no repeated request. A note can be found
// by its last line, which only colleagues see; a reply has no place for anything that the customer would not see.
// Neither can be taken back: all that there is erases what a part says for good.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Found, Mark } from "../connector";
import { fromSeconds, isObject, textAt, valueAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear } from "../outbound/failure";
import { type Call, jsonAction, pathOf } from "../outbound/json-api";
import { Id, intercomApi } from "./api";

const Target = z.strictObject({
	conversation_id: Id.describe("The conversation's id."),
	admin_id: Id.describe("The id of the admin to write as: one of its own, so that it can be recognised."),
});
const Body = z.string().min(1).max(50_000);
const Reply = Target.extend({ body: Body.describe("Text, or simple HTML.") });
const Note = Target.extend({
	body: Body.describe("Text, or simple HTML. A last line is added, by which the note can be found."),
});
type Target = z.infer<typeof Reply>;

const output = {
	conversation_id: "The conversation's id.",
	part_id: "The id of the new part of the conversation; null if the answer does not show it.",
};
const writes = { entity: "conversation", fields: ["conversation_parts"] };

/** https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/replyconversation */
function callFor(message_type: "comment" | "note", { conversation_id, admin_id, body }: Target): Call {
	return {
		method: "POST",
		path: pathOf`/conversations/${conversation_id}/reply`,
		body: { message_type, type: "admin", admin_id, body },
	};
}

export const reply = jsonAction(intercomApi, {
	about:
		"Replies to a customer. Nobody can tell afterwards whether a doubtful attempt did, so `on_unknown` decides; `stop`: at most once.",
	input: Reply,
	output,
	repeatable: false,
	writes,
	scopes: ["Write conversations"],
	mark: "The admin that it is written as.",
	call: (input) => callFor("comment", input),
	done: [200],
	result: (conversation, input) => {
		const newest = partsOf(conversation)?.at(-1);
		return { output: outputOf(isBy(newest, "comment", input) ? newest : undefined, input) };
	},
});

export const addNote = jsonAction(intercomApi, {
	about: "Writes a note on a conversation that only colleagues read.",
	input: Note,
	output,
	repeatable: false,
	writes,
	scopes: ["Write conversations", "Read conversations"],
	mark: "The last line of the note, and the admin that it is written as.",
	call: (input, { mark }) => {
		const marker = markerOf(mark);
		return marker.ok ? callFor("note", { ...input, body: `${input.body}\n\n${marker.value}` }) : marker;
	},
	done: [200],
	result: (conversation, input) => {
		const newest = partsOf(conversation)?.at(-1);
		const isOurs = isBy(newest, "note", input) && says(newest, MARKER);
		return { output: outputOf(isOurs ? newest : undefined, input) };
	},
	probe: {
		call: ({ conversation_id }) => ({
			method: "GET",
			path: pathOf`/conversations/${conversation_id}`,
			query: { display_as: "plaintext" },
		}),
		find: (conversation, { input, mark }) => findNote(partsOf(conversation), input, mark),
	},
});

const MARKER = "[signalbox:";

/** Whatever is made of a note's text, nothing in this is written otherwise. */
function markerOf(mark: Mark): Result<string, string> {
	const isPlain = /^[\w.:-]{1,255}$/.test(mark.idempotency_key);
	return isPlain ? ok(`${MARKER}${mark.idempotency_key}]`) : err("the idempotency key cannot stand in a note");
}

function partsOf(conversation: Json): Json[] | undefined {
	const parts = valueAt(conversation, "conversation_parts.conversation_parts");
	return Array.isArray(parts) ? parts : undefined;
}

function isBy(part: Json | undefined, type: string, { admin_id }: JsonObject): boolean {
	return textAt(part, "part_type") === type && textAt(part, "author.id") === admin_id;
}

function says(part: Json | undefined, text: string): boolean {
	return textAt(part, "body")?.includes(text) === true;
}

function outputOf(part: Json | undefined, { conversation_id = null }: JsonObject): JsonObject {
	return { conversation_id, part_id: textAt(part, "id") ?? null };
}

/** Of longer conversations Intercom shows the newest parts. */
const MOST_PARTS = 500;

/** Absent only if every note was shown, with its text, that the admin can have written since then. */
function findNote(parts: Json[] | undefined, input: JsonObject, mark: Mark): Found {
	const marker = markerOf(mark);
	if (parts === undefined || !marker.ok) return unclear("Intercom answered without the parts of the conversation");
	const notes = parts.filter(isObject).filter((part) => isBy(part, "note", input));
	const found = notes.find((note) => says(note, marker.value));
	if (found !== undefined) return { kind: "found", output: outputOf(found, input) };
	const since = earliestOf(mark);
	if (parts.length >= MOST_PARTS && !parts.some((part) => timeOf(part) < since)) {
		return unclear(`it is not among the ${parts.length} parts that Intercom showed, and there are more`);
	}
	const isErased = notes.some((note) => timeOf(note) >= since && textAt(note, "body") === undefined);
	return isErased ? unclear("the text of a note that may be it was erased") : { kind: "absent" };
}

function timeOf(part: Json): number {
	return fromSeconds(valueAt(part, "created_at")) ?? Number.POSITIVE_INFINITY;
}
