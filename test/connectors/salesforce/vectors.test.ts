// Salesforce's deliveries with known verdicts.

import { describe, expect, test } from "vitest";
import type { Delivery } from "../../../src/connectors/connector";
import { verify } from "../../../src/connectors/verify/verify";
import { deliveryOf, sourceOf } from "../deliveries";
import { eventsOf, withPathToken } from "../reading";
import file from "../vectors/salesforce.json" with { type: "json" };

type Vector = (typeof file.vectors)[number];

const { vectors } = file;
/** The user and the client that the vectors' own writes appear under. */
const OWN = { own: ["0055e000001FLOWAAA"], own_client: "flow" };

function settingsOf({ scheme }: Vector) {
	return { kind: scheme === "token" ? "outbound_message" : "change_event" };
}

function deliveryIn({ url, headers, body, scheme }: Vector): Delivery {
	const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
	const delivery = deliveryOf(body, given);
	return scheme === "token" ? withPathToken(delivery, url.slice(url.lastIndexOf("/") + 1)) : delivery;
}

function eventIn(vector: Vector, own: object) {
	const [event, ...more] = eventsOf("salesforce", deliveryIn(vector), { ...settingsOf(vector), ...own });
	expect(more).toEqual([]);
	return event;
}

describe.each(vectors)("$name", (vector) => {
	const { side, config } = sourceOf("salesforce", settingsOf(vector));

	test("is judged as it is", async () => {
		const verdict = await verify(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
		expect(verdict.ok ? "ok" : verdict.error.reason).toBe(vector.valid ? "ok" : vector.reject_reason);
	});

	test("is not believed with another secret", async () => {
		const other = vector.scheme === "token" ? "tok_other" : "whsec_b3RoZXItdGVzdC1vbmx5LWtleQ==";
		const verdict = await verify(deliveryIn(vector), side.verification(config), [other], vector.now);
		expect(verdict.ok ? "ok" : verdict.error.reason).toBe(vector.scheme === "token" ? "bad_token" : "bad_signature");
	});

	test("is acknowledged as Salesforce wants it", () => {
		const { expected_response: expected } = vector;
		const wanted = expected && { content_type: expected["content-type"], body: expected.body };
		expect(side.acknowledgement?.(config)).toEqual(wanted);
	});

	if (!vector.valid) return;

	test("is what it says", () => {
		const event = eventIn(vector, OWN);
		expect(event).toMatchObject({
			delivery_key: vector.event_id,
			native_type: vector.event_type,
			entity: { id: vector.entity_id },
			actor: { kind: vector.echo ? "self" : vector.actor_kind },
			occurred_at: Date.parse(vector.occurred_at),
		});
		if (vector.actor_id !== undefined) expect(event?.actor.id).toBe(vector.actor_id);
	});

	test("is never taken for a person's if it is our echo, whatever the settings say", () => {
		if (vector.echo) expect(eventIn(vector, {})?.actor.kind).not.toBe("human");
	});
});

test("there are five of them", () => expect(vectors).toHaveLength(5));
