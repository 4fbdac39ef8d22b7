// Intercom's deliveries with known verdicts.

import { describe, expect, test } from "vitest";
import { deliveryOf, eventOf, sourceOf, verdictOf } from "../deliveries";
import file from "../vectors/intercom.json" with { type: "json" };

const OWN = { own: ["814999"] };

describe.each(file.vectors)("$name", (vector) => {
	const delivery = deliveryOf(vector.body, vector.headers);

	test("is judged as it is", async () => {
		const { side, config } = sourceOf("intercom");
		const verdict = await verdictOf(delivery, side.verification(config), [vector.secret], vector.now);
		expect(verdict).toBe(vector.valid ? "ok" : vector.reject_reason);
	});

	if (!vector.valid) return;

	test("holds what it says", () => {
		const event = eventOf("intercom", delivery, OWN);
		expect(event.delivery_key).toBe(vector.event_id);
		expect(event.native_type).toBe(vector.event_type);
		expect(event.entity).toEqual({ type: "conversation", id: vector.entity_id });
		expect(event.actor.kind).toBe(vector.echo ? "self" : "human");
		expect(event.occurred_at).toBe(Date.parse(vector.occurred_at));
		expect(event.data).toEqual(JSON.parse(vector.body));
	});

	test("is never our own echo as long as our own admins are not known, nor then a person's", () => {
		expect(eventOf("intercom", delivery).actor.kind).toBe(vector.echo ? "automation" : "human");
	});
});
