// Changing and deleting messages of our own. Both name the message that they are about, so doing them twice is doing
// them once.

import { z } from "zod";
import { Json } from "../../model/json";
import { jsonAction } from "../outbound/json-api";
import { errorOf } from "./answers";
import { posting, slackApi } from "./api";
import { MARK, metadataOf } from "./metadata";
import { channelScope, PLACE_FIELDS, Place, placeIn } from "./place";

const Update = Place.extend({
	text: z.string().min(1).max(40_000).describe("The new text; with blocks, what notifications show."),
	blocks: z.array(Json).max(50).optional().describe("The new Block Kit blocks; without them, old ones are removed."),
});

export const updateMessage = jsonAction(slackApi, {
	about: "Replaces the text and the blocks of a message that the app has posted.",
	input: Update,
	output: PLACE_FIELDS,
	repeatable: true,
	writes: { entity: "message", fields: ["text", "blocks"] },
	scopes: ["chat:write"],
	mark: MARK,
	scope: channelScope,
	// What chat.update is not given anew is lost: the mark would be, too.
	call: (update, { mark }) => posting("chat.update", { ...update, metadata: metadataOf(mark) }),
	result: (answer) => ({ output: placeIn(answer) }),
});

export const deleteMessage = jsonAction(slackApi, {
	about: "Deletes a message that the app has posted. One that is gone already stays so.",
	input: Place,
	output: PLACE_FIELDS,
	repeatable: true,
	writes: { entity: "message", fields: ["*"] },
	scopes: ["chat:write"],
	mark: "Nothing but that the message was the app's own: Slack does not say who deleted it.",
	scope: channelScope,
	call: (place) => posting("chat.delete", place),
	result: (answer) => ({ output: placeIn(answer) }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) =>
		errorOf(response) === "message_not_found" ? { kind: "succeeded", output: placeIn(input) } : undefined,
});
