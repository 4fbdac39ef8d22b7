// Deliveries with known verdicts.

import { expect, test } from "vitest";
import type { Delivery } from "../../../src/connectors/connector";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, sourceOf, verdictOf } from "../deliveries";
import { vectors } from "../vectors/docusign.json" with { type: "json" };

type Vector = (typeof vectors)[number];
const valid = vectors.filter((vector) => vector.valid);

function deliveryIn({ body, headers, method, url }: Vector): Delivery {
	const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
	return { ...deliveryOf(body, Object.fromEntries(sent)), method, url };
}

/** Its one vector of our own doing carries a field of another name than the default. */
const own: JsonObject = { own_field: "flow_run" };

test.each(vectors)("$name is judged as it is", async (vector) => {
	const { side, config } = sourceOf("docusign");
	const verdict = await verdictOf(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
	expect(verdict).toBe(vector.valid ? "ok" : vector.reject_reason);
});

test.each(valid)("$name holds what it says", (vector) => {
	const event = eventOf("docusign", deliveryIn(vector), own);
	expect(event.delivery_key).toBe(vector.event_id);
	expect(event.native_type).toBe(vector.event_type);
	expect(event.entity).toEqual({ type: "envelope", id: vector.entity_id });
	expect(event.actor).toEqual({ kind: vector.echo ? "self" : vector.actor_kind });
	expect(event.occurred_at).toBe(Date.parse(vector.occurred_at));
	expect(event.data).toEqual(JSON.parse(vector.body));
});

test("there are a recipient's event, an echo and a forgery", () => {
	expect(vectors.map(({ valid, echo }) => [valid, echo])).toEqual([
		[true, undefined],
		[true, true],
		[false, undefined],
	]);
});

test.each(valid.filter(({ echo }) => echo))("$name is nobody's without the setting", (vector) => {
	expect(eventOf("docusign", deliveryIn(vector)).actor).toEqual({ kind: "unknown" });
});
