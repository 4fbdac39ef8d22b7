// Deliveries in tests, read as the edge reads them, whatever they are written in.

import type { Delivery, Normalized, NormalizedEvent } from "../../src/connectors/connector";
import { parseBody } from "../../src/edge/parse";
import type { JsonObject } from "../../src/model/json";
import { err, type Result } from "../../src/model/result";
import { deliveryOf, sourceOf } from "./deliveries";

/** A delivery whose token stands in its address, after the source's name. */
export function withPathToken(delivery: Delivery, path_token: string): Delivery {
	return { ...delivery, path_token };
}

export function readingOf(id: string, delivery: Delivery, settings: JsonObject = {}): Result<Normalized, string> {
	const { side, config } = sourceOf(id, settings);
	const json = parseBody(delivery.body, side.body?.(config) ?? "json");
	return json.ok ? side.normalize(delivery, json.value, config) : err(json.error.detail);
}

/** All events of a delivery of which none is unreadable. */
export function eventsOf(id: string, body: string | Delivery, settings: JsonObject = {}): NormalizedEvent[] {
	const read = readingOf(id, typeof body === "string" ? deliveryOf(body) : body, settings);
	if (!read.ok) throw new Error(read.error);
	if (read.value.kind !== "events") throw new Error("an answer instead of events");
	if (read.value.unreadable !== undefined) throw new Error(read.value.unreadable);
	return read.value.events;
}

/** Why a delivery gives no event, or not all of them. */
export function problemIn(id: string, body: string, settings: JsonObject = {}): string | undefined {
	const read = readingOf(id, deliveryOf(body), settings);
	if (!read.ok) return read.error;
	return read.value.kind === "events" ? read.value.unreadable : undefined;
}
