// Deliveries with known verdicts, as HubSpot's own library signed them.

import { expect, test } from "vitest";
import type { Delivery } from "../../../src/connectors/connector";
import { deliveryOf, eventOf, sourceOf, verdictOf } from "../deliveries";
import { vectors } from "../vectors/hubspot.json" with { type: "json" };

type Vector = (typeof vectors)[number];
const valid = vectors.filter((vector) => vector.valid);

function deliveryIn({ body, headers, method, url }: Vector): Delivery {
	return { ...deliveryOf(body, headers), method, url };
}

test.each(["v3", "v1"])("each is judged as it is, by its signature %s", async (signature) => {
	const { side, config } = sourceOf("hubspot", { signature });
	for (const vector of vectors) {
		const verdict = await verdictOf(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
		expect([vector.name, verdict]).toEqual([vector.name, vector.valid ? "ok" : vector.reject_reason]);
	}
});

test.each(valid)("$name holds what it says", (vector) => {
	const event = eventOf("hubspot", deliveryIn(vector));
	expect(event.delivery_key).toBe(vector.event_id);
	expect(event.native_type).toBe(vector.event_type);
	expect(event.event_type).toBe("contact.updated");
	expect(event.entity).toEqual({ type: "contact", id: vector.entity_id });
	expect(event.actor).toEqual({ kind: vector.echo ? "self" : "human", id: vector.actor_id });
	expect(event.occurred_at).toBe(Date.parse(vector.occurred_at ?? ""));
	expect([event.data]).toEqual(JSON.parse(vector.body));
});

test("there are a person's event, an echo and a forgery", () => {
	expect(vectors.map(({ valid, echo }) => [valid, echo])).toEqual([
		[true, undefined],
		[true, true],
		[false, undefined],
	]);
});
