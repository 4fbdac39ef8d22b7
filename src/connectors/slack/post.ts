// Posting a message. It has no idempotency of its own, so wherever Slack leaves open whether it posted, the outcome is
// unknown, and the message is looked for by the key in its metadata.

import { z } from "zod";
import { Json, type JsonObject } from "../../model/json";
import type { Found, Mark } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear } from "../outbound/failure";
import { jsonAction } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { asking, posting, slackApi } from "./api";
import { keyOf, MARK, metadataOf } from "./metadata";
import { Channel, channelScope, PLACE_FIELDS, Place, placeIn, Ts } from "./place";

const Message = z.strictObject({
	channel: Channel.describe(
		"A channel's id. Its name will do too, but where it is used nobody can look what was posted.",
	),
	text: z.string().min(1).max(40_000).describe("The message; with blocks, what notifications show."),
	blocks: z.array(Json).max(50).optional().describe("Block Kit blocks."),
	thread_ts: Ts.optional().describe("The ts of the message to answer in its thread."),
});

/** How many messages are looked at; what Slack advises at most, and small enough to be read in full. */
const PAGE = 200;

export const postMessage = jsonAction(slackApi, {
	about: "Posts a message to a channel.",
	input: Message,
	output: PLACE_FIELDS,
	repeatable: false,
	undo: "slack.delete_message",
	writes: { entity: "message", fields: ["*"] },
	scopes: ["chat:write"],
	mark: MARK,
	call: (message, { mark }) => posting("chat.postMessage", { ...message, metadata: metadataOf(mark) }),
	scope: channelScope,
	result: (answer) => posted(placeIn(answer)),
	probe: {
		call: ({ channel, thread_ts }, { mark }) => {
			const query = { channel, include_all_metadata: "true", limit: String(PAGE), ...startingAt(earliestOf(mark)) };
			// Answers in a thread do not stand in the channel's history.
			if (thread_ts === undefined) return asking("conversations.history", query);
			return asking("conversations.replies", { ...query, ts: thread_ts });
		},
		find: (answer, { input, mark }) => look(answer, input, mark),
	},
});

/** Seconds with six decimals, like a message's `ts`: https://docs.slack.dev/reference/methods/conversations.history */
function startingAt(at: number): Record<string, string> {
	// Without `inclusive`, a message of that very moment would be left out.
	return { oldest: (at / 1_000).toFixed(6), inclusive: "true" };
}

function posted(place: JsonObject): { output: JsonObject; undo?: JsonObject } {
	return { output: place, ...undoWith(Place, place) };
}

/** Absent only if every message was looked at that stands there since it could have been posted. */
function look(answer: Json, { channel, thread_ts }: JsonObject, { idempotency_key }: Mark): Found {
	const messages = valueAt(answer, "messages");
	if (!Array.isArray(messages)) return unclear("Slack answered without messages");
	const marked = messages.map((message) => ({ message, mark: keyOf(message) }));
	const found = marked.find((one) => typeof one.mark === "object" && one.mark.key === idempotency_key);
	if (found !== undefined) {
		const ts = textAt(found.message, "ts") ?? null;
		return { kind: "found", ...posted(placeIn({ channel: channel ?? null, ts })) };
	}
	if (marked.some((one) => one.mark === "withheld")) return unclear("Slack withholds the metadata of messages");
	if (thread_ts !== undefined && !isParent(messages[0], thread_ts)) {
		return unclear("Slack did not show the thread from the message that began it");
	}
	if (isWhole(answer)) return { kind: "absent" };
	return unclear(`it is not among the ${messages.length} messages that Slack showed, and there are more`);
}

/** Asked for the thread of an answer in it, Slack shows that one answer as if it were all. */
function isParent(message: Json | undefined, ts: Json): boolean {
	const thread = valueAt(message, "thread_ts");
	return valueAt(message, "ts") === ts && (thread === undefined || thread === ts);
}

function isWhole(answer: Json): boolean {
	return valueAt(answer, "has_more") === false && textAt(answer, "response_metadata.next_cursor") === undefined;
}
