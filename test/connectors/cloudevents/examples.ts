// CloudEvents, for the contract tests.

import type { Json, JsonObject } from "../../../src/model/json";
import type { GoodDelivery } from "../examples";

const attributes = {
	specversion: "1.0",
	id: "e1",
	source: "/shop",
	type: "order.updated",
	subject: "o1",
	time: "2026-11-20T09:59:56Z",
	authtype: "user",
	authid: "p1",
};
const data = { id: "o1", at: "2026-11-20T09:59:57Z" };

/** Ways to sign of which not all settings can be set at once. */
const SIGNING: JsonObject[] = [
	{ signature_format: "fields", timestamp_field: "t", signed: "{timestamp}.{body}" },
	{ signature_format: "list", key_encoding: "base64" },
	{ timestamp_header: "x-time", id_header: "ce-id", signed: "{id}.{timestamp}.{body}" },
];

export const deliveries: GoodDelivery[] = [
	{ headers: { "content-type": "application/cloudevents+json" }, body: { ...attributes, data } },
	{
		headers: {
			"content-type": "application/json",
			...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
		},
		body: data,
		config: { mode: "binary" },
	},
	{
		headers: { "content-type": "application/cloudevents-batch+json" },
		body: [
			{ ...attributes, data },
			{ ...attributes, id: "e2", data },
		],
		config: { protection: "token" },
	},
	...SIGNING.map((config) => ({
		headers: { "content-type": "application/cloudevents+json" },
		body: { ...attributes, data },
		config,
	})),
];

export const knobs: Record<string, Json[]> = {
	actor_kinds: [{ user: "automation" }],
	entity_type: [["value:purchase"]],
	own: [["p1"]],
};
