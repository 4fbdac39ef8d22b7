// Posting a message. It has no idempotency of its own, so wherever Slack leaves open whether it posted, the outcome is
// unknown, and the message is looked for by the key in its metadata.

import { z } from "zod";
import { Json, type JsonObject } from "../../model/json";
import type { Outcome } from "../../model/outcome";
import { parseAs } from "../config";
import type { Action, Found, Mark, OutboundResponse, Probe } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear, unclearAfter } from "../outbound/failure";
import { undoWith } from "../outbound/undo";
import { answerOf, requestOf } from "./api";
import { keyOf, MARK, metadataOf } from "./metadata";
import { Channel, PLACE_FIELDS, Place, placeIn, Ts } from "./place";

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

const probe: Probe = {
	build: (input, connection, mark) => {
		const message = parseAs(Message, input, "with");
		if (!message.ok) return message;
		const { channel, thread_ts } = message.value;
		const query = { channel, include_all_metadata: "true", limit: String(PAGE), ...startingAt(earliestOf(mark)) };
		// Answers in a thread do not stand in the channel's history.
		const call =
			thread_ts === undefined
				? { method: "conversations.history", query }
				: { method: "conversations.replies", query: { ...query, ts: thread_ts } };
		return requestOf(call, connection, mark);
	},
	read: look,
};

/** Seconds with six decimals, like a message's `ts`: https://docs.slack.dev/reference/methods/conversations.history */
function startingAt(at: number): Record<string, string> {
	// Without `inclusive`, a message of that very moment would be left out.
	return { oldest: (at / 1_000).toFixed(6), inclusive: "true" };
}

export const postMessage: Action = {
	about: "Posts a message to a channel.",
	input: Message,
	output: PLACE_FIELDS,
	repeatable: false,
	undo: "slack.delete_message",
	writes: { entity: "message", fields: ["*"] },
	scopes: ["chat:write"],
	mark: MARK,
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const message = parseAs(Message, input, "with");
		if (!message.ok) return message;
		const body = { ...message.value, metadata: metadataOf(mark) };
		return requestOf({ method: "chat.postMessage", body }, connection, mark);
	},
	scope: channelOf,
	read: (response, now, input) => limitOf(judge(response, now), response, input),
	probe,
};

/** "chat.postMessage generally allows posting one message per second per channel": its rate limit is a channel's. */
function channelOf({ channel }: JsonObject): string | undefined {
	return typeof channel === "string" ? `channel ${channel}` : undefined;
}

/** Other pauses, like that of a service that is down, are everybody's. */
function limitOf(outcome: Outcome, { status }: OutboundResponse, input: JsonObject): Outcome {
	const scope = channelOf(input);
	const isLimit = status === 429 && outcome.kind === "transient" && outcome.after_ms !== undefined;
	return isLimit && scope !== undefined ? { ...outcome, scope } : outcome;
}

function judge(response: OutboundResponse, now: number): Outcome {
	const answer = answerOf(response, now, false);
	return answer.ok ? { kind: "succeeded", ...posted(placeIn(answer.value)) } : answer.error;
}

function posted(place: JsonObject): { output: JsonObject; undo?: JsonObject } {
	return { output: place, ...undoWith(Place, place) };
}

/** Absent only if every message was looked at that stands there since it could have been posted. */
function look(response: OutboundResponse, now: number, { input, mark }: { input: JsonObject; mark: Mark }): Found {
	const answer = answerOf(response, now, true);
	if (!answer.ok) return unclearAfter(answer.error);
	const messages = valueAt(answer.value, "messages");
	if (!Array.isArray(messages)) return unclear("Slack answered without messages");
	const marked = messages.map((message) => ({ message, mark: keyOf(message) }));
	const found = marked.find((one) => typeof one.mark === "object" && one.mark.key === mark.idempotency_key);
	if (found !== undefined) {
		const ts = textAt(found.message, "ts") ?? null;
		return { kind: "found", ...posted(placeIn({ channel: input.channel ?? null, ts })) };
	}
	if (marked.some((one) => one.mark === "withheld")) return unclear("Slack withholds the metadata of messages");
	if (isWhole(answer.value)) return { kind: "absent" };
	return unclear(`it is not among the ${messages.length} messages that Slack showed, and there are more`);
}

function isWhole(answer: Json): boolean {
	return valueAt(answer, "has_more") === false && textAt(answer, "response_metadata.next_cursor") === undefined;
}
