// Deliveries with known verdicts, as the systems' own libraries signed them.

import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/connectors/connector";
import { verify } from "../../src/connectors/verify/verify";
import type { JsonObject } from "../../src/model/json";
import { deliveryOf, eventOf, sourceOf } from "./deliveries";
import hmac from "./vectors/generic-hmac.json" with { type: "json" };
import token from "./vectors/generic-token.json" with { type: "json" };
import github from "./vectors/github.json" with { type: "json" };
import standard from "./vectors/standard-webhooks.json" with { type: "json" };
import stripe from "./vectors/stripe.json" with { type: "json" };

interface Vector {
	name: string;
	url: string;
	now: number;
	secret: string;
	headers: Record<string, string>;
	body: string;
	valid: boolean;
	reject_reason?: string;
	event_id: string;
	event_type: string;
	entity_id: string | null;
	occurred_at: string | null;
	actor_kind: string;
	actor_id?: string;
	echo?: boolean;
	config?: JsonObject;
}

/** Per connector: its vectors, and the settings that make it recognise the echo among them. */
const SETS: [connector: string, vectors: Vector[], own: JsonObject][] = [
	["github", vectorsOf(github), { own: ["41041001"] }],
	["stripe", vectorsOf(stripe), { own_key_prefix: "flow_" }],
	["standard-webhooks", vectorsOf(standard), { own: ["flow"] }],
	["hmac", vectorsOf(hmac), { own: ["flow"] }],
	["token", vectorsOf(token), { own: ["flow"] }],
];

const KINDS: Record<string, string> = { human: "human", system: "system", unknown: "unknown" };

function vectorsOf(file: { vectors: object[] }): Vector[] {
	return file.vectors.map((vector) => vector as Vector);
}

function deliveryIn(vector: Vector): Delivery {
	const query = Object.fromEntries(new URL(vector.url).searchParams);
	return deliveryOf(vector.body, vector.headers, query);
}

describe.each(SETS)("%s", (connector, vectors, own) => {
	test.each(vectors)("judges $name as it is", async (vector) => {
		const { side, config } = sourceOf(connector, vector.config);
		const verdict = await verify(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
		expect(verdict.ok).toBe(vector.valid);
		if (!verdict.ok) expect(verdict.error.reason).toBe(connector === "token" ? "bad_token" : vector.reject_reason);
	});

	test.each(vectors.filter(({ valid }) => valid))("finds in $name what it says", (vector) => {
		const event = eventOf(connector, deliveryIn(vector), { ...vector.config, ...own });
		expect(event.delivery_key).toBe(vector.event_id);
		expect(event.native_type).toBe(vector.event_type);
		expect(event.actor.kind).toBe(vector.echo ? "self" : KINDS[vector.actor_kind]);
		if (vector.entity_id !== null) expect(event.entity.id).toBe(vector.entity_id);
		if (vector.actor_id !== undefined) expect(event.actor.id).toBe(vector.actor_id);
		expect(event.occurred_at).toBe(vector.occurred_at === null ? undefined : Date.parse(vector.occurred_at));
		expect(event.data).toEqual(JSON.parse(vector.body));
	});

	test.each(vectors.filter(({ valid, echo }) => valid && echo))("does not take $name for a person", (vector) => {
		const { kind } = eventOf(connector, deliveryIn(vector), vector.config).actor;
		expect(kind).toBe(["stripe", "token"].includes(connector) ? "unknown" : "automation");
	});
});
