// The mark that messages of ours carry unseen: https://docs.slack.dev/messaging/message-metadata

import type { Json, JsonObject } from "../../model/json";
import type { Mark } from "../connector";
import { textAt } from "../inbound/read";

const EVENT_TYPE = "signalbox";

/** For the documentation. */
export const MARK = "Metadata that people do not see, and the app whose token is used.";

export function metadataOf(mark: Mark): JsonObject {
	return { event_type: EVENT_TYPE, event_payload: { k: mark.idempotency_key, trace: mark.trace_id } };
}

/**
 * The idempotency key that a message was posted with. `withheld`: it has one, which Slack does not show. Undefined for
 * messages that are not ours.
 */
export function keyOf(message: Json): { key: string } | "withheld" | undefined {
	if (textAt(message, "metadata.event_type") !== EVENT_TYPE) return undefined;
	const key = textAt(message, "metadata.event_payload.k");
	return key === undefined ? "withheld" : { key };
}
