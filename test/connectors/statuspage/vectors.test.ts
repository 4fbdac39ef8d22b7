// Statuspage's deliveries with known verdicts.

import { describe, expect, test } from "vitest";
import type { Delivery } from "../../../src/connectors/connector";
import { verify } from "../../../src/connectors/verify/verify";
import { deliveryOf, sourceOf } from "../deliveries";
import { eventsOf, withPathToken } from "../reading";
import file from "../vectors/statuspage.json" with { type: "json" };

type Vector = (typeof file.vectors)[number];

const { side, config } = sourceOf("statuspage");

function deliveryIn({ url, headers, body }: Vector): Delivery {
	return withPathToken(deliveryOf(body, headers), url.slice(url.lastIndexOf("/") + 1));
}

describe.each(file.vectors)("$name", (vector) => {
	test("is judged as it is", async () => {
		const verdict = await verify(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
		expect(verdict.ok ? "ok" : verdict.error.reason).toBe(vector.valid ? "ok" : "bad_token");
	});

	test("is not believed with another secret", async () => {
		const verdict = await verify(deliveryIn(vector), side.verification(config), ["tok_other"], vector.now);
		expect(verdict).toMatchObject({ ok: false, error: { reason: "bad_token" } });
	});

	if (!vector.valid) return;

	test("is what it says, and names nobody who did it", () => {
		const [event, ...more] = eventsOf("statuspage", deliveryIn(vector));
		expect(more).toEqual([]);
		expect(event).toMatchObject({
			delivery_key: vector.event_id,
			native_type: vector.event_type,
			entity: { id: vector.entity_id },
			occurred_at: Date.parse(vector.occurred_at ?? ""),
		});
		// The echo among them can only be told by the ids that our own request was answered with.
		expect(event?.actor).toEqual({ kind: "unknown" });
	});

	test("loses the link that ends the subscription", () => {
		expect(vector.body).toContain("unsubscribe=fernsub0001");
		expect(JSON.stringify(eventsOf("statuspage", deliveryIn(vector)))).not.toContain("fernsub0001");
	});
});

test("there are three of them", () => expect(file.vectors).toHaveLength(3));
