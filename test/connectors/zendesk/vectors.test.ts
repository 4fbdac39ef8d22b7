// Zendesk's deliveries with known verdicts.

import { describe, expect, test } from "vitest";
import { deliveryOf, eventOf, sourceOf, verdictOf } from "../deliveries";
import file from "../vectors/zendesk.json" with { type: "json" };

const OWN = { own: ["402277777"] };

describe.each(file.vectors)("$name", (vector) => {
	const delivery = deliveryOf(vector.body, vector.headers);

	test("is judged as it is", async () => {
		const { side, config } = sourceOf("zendesk");
		const verdict = await verdictOf(delivery, side.verification(config), [vector.secret], vector.now);
		expect(verdict).toBe(vector.valid ? "ok" : vector.reject_reason);
	});

	if (!vector.valid) return;

	test("holds what it says", () => {
		const event = eventOf("zendesk", delivery, OWN);
		expect(event.delivery_key).toBe(vector.event_id);
		expect(event.native_type).toBe(vector.event_type);
		expect(event.entity).toEqual({ type: "ticket", id: vector.entity_id });
		expect(event.actor).toEqual({ kind: vector.echo ? "self" : "human", id: vector.actor_id });
		expect(event.occurred_at).toBe(Date.parse(vector.occurred_at));
		expect(event.data).toEqual(JSON.parse(vector.body));
	});

	test("is nobody's in particular as long as our own users are not known", () => {
		expect(eventOf("zendesk", delivery).actor).toEqual({ kind: "unknown", id: vector.actor_id });
	});
});
