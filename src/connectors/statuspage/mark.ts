// The mark that incidents of ours carry: metadata, whose "top-level values must also be objects", and which pages do not
// show. https://developer.statuspage.io/#operation/postPagesPageIdIncidents

import type { Json, JsonObject } from "../../model/json";
import type { Mark } from "../connector";
import { textAt } from "../inbound/read";

/** For the documentation. */
export const MARK = "Metadata that pages do not show.";

export function metadataOf(mark: Mark): JsonObject {
	return { signalbox: { k: mark.idempotency_key, trace: mark.trace_id } };
}

/** The idempotency key that an incident was created with; undefined for incidents that are not ours. */
export function keyOf(incident: Json | undefined): string | undefined {
	return textAt(incident, "metadata.signalbox.k");
}
