// Deliveries with known verdicts.

import { describe, expect, test } from "vitest";
import { verify } from "../../../src/connectors/verify/verify";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, sourceOf } from "../deliveries";
import { vectors } from "../vectors/pagerduty.json" with { type: "json" };

const deliveries = vectors.map((vector) => ({ ...vector, delivery: deliveryOf(vector.body, { ...vector.headers }) }));
const valid = deliveries.filter((vector) => vector.valid);
const echo = valid.filter((vector) => vector.echo);

test("there are as many as there were", () => {
	expect([deliveries.length, valid.length, echo.length]).toEqual([4, 3, 1]);
});

test.each(deliveries)("$name is judged as it is", async ({ delivery, secret, now, valid, reject_reason }) => {
	const { side, config } = sourceOf("pagerduty");
	const verdict = await verify(delivery, side.verification(config), [secret], now);
	expect(verdict.ok).toBe(valid);
	if (!verdict.ok) expect(verdict.error.reason).toBe(reject_reason);
});

describe.each<JsonObject>([{ own_client: "flow" }, { own_key_prefix: "flow/" }])("with %j", (own) => {
	test.each(valid)("$name is what it says", ({ delivery, ...vector }) => {
		const event = eventOf("pagerduty", delivery, own);
		expect(event).toMatchObject({
			delivery_key: vector.event_id,
			native_type: vector.event_type,
			occurred_at: Date.parse(vector.occurred_at),
			data: JSON.parse(vector.body),
		});
		expect(event.entity.id).toBe(vector.entity_id ?? "pagey");
		expect(event.actor.kind).toBe(vector.echo ? "self" : vector.actor_kind);
		expect(event.actor.id).toBe(vector.actor_id);
	});
});

test.each(echo)("$name is no person's, whether or not we know it for ours", ({ delivery, actor_id }) => {
	expect(eventOf("pagerduty", delivery).actor).toEqual({ kind: "automation", id: actor_id, name: "Checkout" });
});
