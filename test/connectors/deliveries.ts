// Deliveries and sources for tests.

import { connectors } from "../../src/connectors";
import type { Delivery, HmacScheme, NormalizedEvent, SourceSide, Verification } from "../../src/connectors/connector";
import { verify } from "../../src/connectors/verify/verify";
import { parseJson } from "../../src/edge/json";
import type { JsonObject } from "../../src/model/json";

export const NOW = Date.parse("2026-11-20T10:00:00.000Z");
export const NOW_S = NOW / 1_000;

export function bytes(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

export function deliveryOf(
	body: string | Uint8Array,
	headers: Record<string, string> = {},
	query: Record<string, string> = {},
): Delivery {
	return {
		method: "POST",
		url: "https://hooks.example.test/in/acme/source",
		headers,
		query,
		body: typeof body === "string" ? bytes(body) : body,
		received_at: NOW,
	};
}

/** A connector's source half with settings as its schema leaves them. */
export function sourceOf(id: string, settings: JsonObject = {}): { side: SourceSide; config: JsonObject } {
	const side = connectors[id]?.source;
	if (side === undefined) throw new Error(`${id} has no source half`);
	return { side, config: side.config.parse(settings) };
}

/** `"ok"`, or the reason of the failure. */
export async function verdictOf(
	delivery: Delivery,
	scheme: Verification,
	secrets: string[],
	now: number = NOW,
): Promise<string> {
	const verdict = await verify(delivery, scheme, secrets, now);
	return verdict.ok ? "ok" : verdict.error.reason;
}

/** The one event of a delivery. */
export function eventOf(id: string, delivery: Delivery, settings: JsonObject = {}): NormalizedEvent {
	const { side, config } = sourceOf(id, settings);
	const json = parseJson(delivery.body);
	if (!json.ok) throw new Error(json.error.detail);
	const normalized = side.normalize(delivery, json.value, config);
	if (!normalized.ok) throw new Error(normalized.error);
	if (normalized.value.kind !== "events") throw new Error("an answer instead of events");
	const [event, ...more] = normalized.value.events;
	if (event === undefined || more.length > 0) throw new Error("not one event");
	return event;
}

/** Why a delivery gives no event. */
export function refusalOf(id: string, delivery: Delivery, settings: JsonObject = {}): string {
	const { side, config } = sourceOf(id, settings);
	const json = parseJson(delivery.body);
	if (!json.ok) return json.error.detail;
	const normalized = side.normalize(delivery, json.value, config);
	return normalized.ok ? "" : normalized.error;
}

/** Signs as a scheme wants it, with Node's own HMAC. */
export async function signatureOf(
	scheme: Pick<HmacScheme, "hash" | "encoding">,
	key: string | Uint8Array,
	...parts: (string | Uint8Array)[]
): Promise<string> {
	const { createHmac } = await import("node:crypto");
	const hmac = createHmac(scheme.hash.replace("-", "").toLowerCase(), key);
	for (const part of parts) hmac.update(part);
	return hmac.digest(scheme.encoding === "base64" ? "base64" : "hex");
}
