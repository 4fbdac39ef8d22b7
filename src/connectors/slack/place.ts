// Where a message stands: what posting gives, and what changing and deleting are given.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { textAt } from "../inbound/read";

export const Channel = z.string().min(1).max(200);
export const Ts = z.string().min(1).max(50);

export const Place = z.strictObject({
	channel: Channel.describe("The id of the message's channel."),
	ts: Ts.describe("The ts of the message."),
});

export const PLACE_FIELDS = {
	channel: "The id of the message's channel.",
	ts: "The message's ts, which names it within its channel.",
};

/** "chat.postMessage generally allows posting one message per second per channel": the rate limit is a channel's. */
export function channelScope({ channel }: JsonObject): string | undefined {
	return typeof channel === "string" ? `channel ${channel}` : undefined;
}

export function placeIn(json: Json): JsonObject {
	return { channel: textAt(json, "channel") ?? null, ts: textAt(json, "ts") ?? null };
}
