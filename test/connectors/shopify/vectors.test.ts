// Shopify deliveries with known verdicts.

import { expect, test } from "vitest";
import { eventOf } from "../deliveries";
import { deliveryIn, expectedIn, timeIn, vectorsOf, verdictIn } from "../vector-file";
import file from "../vectors/shopify.json" with { type: "json" };

const vectors = vectorsOf(file);
const valid = vectors.filter((vector) => vector.valid);

test.each(vectors)("judges $name as it is", async (vector) => {
	expect(await verdictIn("shopify", vector)).toBe(expectedIn(vector));
});

test.each(valid)("finds in $name what it says", (vector) => {
	const event = eventOf("shopify", deliveryIn(vector), { own: ["flow_run"] });
	expect(event.delivery_key).toBe(`${vector.event_id}:${vector.event_type}:${vector.entity_id}`);
	expect(event.native_type).toBe(vector.event_type);
	expect(event.event_type).toBe("order.updated");
	expect(event.entity).toEqual({ type: "order", id: vector.entity_id });
	expect(event.occurred_at).toBe(timeIn(vector));
	expect(event.actor).toEqual({ kind: vector.echo ? "self" : "unknown" });
	expect(event.changes).toEqual([]);
	expect(event.data).toEqual(JSON.parse(vector.body));
});

test("takes nobody for a person, and only what carries our marker for ours", () => {
	const kinds = (own: string[]) => valid.map((vector) => eventOf("shopify", deliveryIn(vector), { own }).actor.kind);
	expect(kinds([])).toEqual(["unknown", "unknown"]);
	expect(kinds(["flow"])).toEqual(["unknown", "unknown"]);
	expect(kinds(["flow-managed"])).toEqual(["unknown", "self"]);
});
