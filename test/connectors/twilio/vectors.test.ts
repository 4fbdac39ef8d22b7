// Twilio deliveries with known verdicts.

import { expect, test } from "vitest";
import { parseForm } from "../../../src/edge/form";
import type { Json, JsonObject } from "../../../src/model/json";
import { sourceOf } from "../deliveries";
import { deliveryIn, expectedIn, timeIn, type Vector, vectorsOf, verdictIn } from "../vector-file";
import file from "../vectors/twilio.json" with { type: "json" };

const vectors = vectorsOf(file);
const valid = vectors.filter((vector) => vector.valid);

function formIn({ body }: Vector): Json {
	const form = parseForm(body);
	if (!form.ok) throw new Error(form.error.detail);
	return form.value;
}

function eventIn(vector: Vector, settings: JsonObject = {}) {
	const { side, config } = sourceOf("twilio", settings);
	const normalized = side.normalize(deliveryIn(vector), formIn(vector), config);
	if (!normalized.ok || normalized.value.kind !== "events") throw new Error("no events");
	return normalized.value.events[0];
}

test.each(vectors)("judges $name as it is", async (vector) => {
	expect(await verdictIn("twilio", vector)).toBe(expectedIn(vector));
	expect(await verdictIn("twilio", vector, { public_url: vector.url })).toBe(expectedIn(vector));
	expect(await verdictIn("twilio", vector, { public_url: "https://hooks.example.test/in/other" })).toBe(
		"bad_signature",
	);
});

test.each(valid)("finds in $name what it says", (vector) => {
	const event = eventIn(vector, { own: ["+447700900002"] });
	expect(event?.delivery_key).toBe(vector.event_id);
	expect(event?.native_type).toBe(vector.event_type);
	expect(event?.event_type).toBe(vector.event_type);
	expect(event?.entity).toEqual({ type: "message", id: vector.entity_id });
	expect(event?.occurred_at).toBe(timeIn(vector));
	expect(event?.actor.kind).toBe(vector.echo ? "self" : vector.actor_kind);
	expect(event?.data).toEqual(formIn(vector));
});

test("takes the way of a message for nobody's doing where the settings do not name the number", () => {
	expect(valid.map((vector) => eventIn(vector)?.actor)).toEqual([
		{ kind: "human", id: "+447700900001" },
		{ kind: "automation", id: "+447700900002" },
	]);
});
