// SendGrid deliveries with known verdicts.

import { expect, test } from "vitest";
import { deliveryOf, eventOf } from "../deliveries";
import { deliveryIn, expectedIn, timeIn, vectorsOf, verdictIn } from "../vector-file";
import file from "../vectors/sendgrid.json" with { type: "json" };

const vectors = vectorsOf(file);
const valid = vectors.filter((vector) => vector.valid);

test.each(vectors)("judges $name as it is", async (vector) => {
	expect(await verdictIn("sendgrid", vector)).toBe(expectedIn(vector));
});

test.each(valid)("finds in $name what it says", (vector) => {
	const event = eventOf("sendgrid", deliveryIn(vector), { own: ["flow_run"] });
	expect(event.delivery_key).toBe(vector.event_id);
	expect(event.native_type).toBe(vector.event_type);
	expect(event.entity).toEqual({ type: "email", id: vector.entity_id });
	expect(event.occurred_at).toBe(timeIn(vector));
	expect(event.actor.kind).toBe("self");
	expect(event.data).toEqual(JSON.parse(vector.body)[0]);
});

test.each(valid)("takes $name for an automation's without the name of our argument", (vector) => {
	expect(eventOf("sendgrid", deliveryIn(vector)).actor).toEqual({ kind: "automation" });
	expect(eventOf("sendgrid", deliveryOf(vector.body), { own: ["toString"] }).actor).toEqual({ kind: "automation" });
});
