// Changing and deleting messages of our own. Both name the message that they are about, so doing them twice is doing
// them once.

import { z } from "zod";
import { Json } from "../../model/json";
import type { Outcome } from "../../model/outcome";
import { parseAs } from "../config";
import type { Action, OutboundResponse } from "../connector";
import { answerOf, errorOf, requestOf } from "./api";
import { MARK, metadataOf } from "./metadata";
import { PLACE_FIELDS, Place, placeIn } from "./place";

const Update = Place.extend({
	text: z.string().min(1).max(40_000).describe("The new text; with blocks, what notifications show."),
	blocks: z.array(Json).max(50).optional().describe("The new Block Kit blocks; without them, old ones are removed."),
});

export const updateMessage: Action = {
	about: "Replaces the text and the blocks of a message that the app has posted.",
	input: Update,
	output: PLACE_FIELDS,
	repeatable: true,
	writes: { entity: "message", fields: ["text"] },
	scopes: ["chat:write"],
	mark: MARK,
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const update = parseAs(Update, input, "with");
		if (!update.ok) return update;
		// What chat.update is not given anew is lost: the mark would be, too.
		const body = { ...update.value, metadata: metadataOf(mark) };
		return requestOf({ method: "chat.update", body }, connection, mark);
	},
	read: judge,
};

export const deleteMessage: Action = {
	about: "Deletes a message that the app has posted.",
	input: Place,
	output: PLACE_FIELDS,
	repeatable: true,
	writes: { entity: "message", fields: ["text"] },
	scopes: ["chat:write"],
	mark: MARK,
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const place = parseAs(Place, input, "with");
		return place.ok ? requestOf({ method: "chat.delete", body: place.value }, connection, mark) : place;
	},
	read: (response, now, input) => {
		// Whoever deleted it, it is gone.
		if (errorOf(response) === "message_not_found") return { kind: "succeeded", output: placeIn(input) };
		return judge(response, now);
	},
};

function judge(response: OutboundResponse, now: number): Outcome {
	const answer = answerOf(response, now, true);
	return answer.ok ? { kind: "succeeded", output: placeIn(answer.value) } : answer.error;
}
