// Deliveries of Slack with known verdicts.

import { describe, expect, test } from "vitest";
import type { Delivery } from "../../../src/connectors/connector";
import { deliveryOf, eventOf, sourceOf, verdictOf } from "../deliveries";
import slack from "../vectors/slack.json" with { type: "json" };

interface Vector {
	name: string;
	now: number;
	secret: string;
	headers: Record<string, string>;
	body: string;
	valid: boolean;
	reject_reason?: string;
	event_id: string | null;
	event_type: string;
	entity_id: string | null;
	occurred_at: string | null;
	actor_id?: string;
	echo?: boolean;
	expected_response?: { body: string; "content-type": string };
}

const vectors: Vector[] = slack.vectors;
const good = vectors.filter(({ valid }) => valid);
const events = good.filter(({ expected_response }) => expected_response === undefined);

function deliveryIn({ body, headers }: Vector): Delivery {
	return deliveryOf(body, headers);
}

test("there are as many as there were", () => {
	expect([vectors.length, good.length, events.length]).toEqual([4, 3, 2]);
});

test.each(vectors)("judges $name as it is", async (vector) => {
	const { side, config } = sourceOf("slack");
	const verdict = await verdictOf(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
	expect(verdict).toBe(vector.valid ? "ok" : vector.reject_reason);
});

test.each(good.filter(({ expected_response }) => expected_response))("answers $name as Slack wants it", (vector) => {
	const { side, config } = sourceOf("slack");
	const { body = "", "content-type": content_type = "" } = vector.expected_response ?? {};
	const answer = side.normalize(deliveryIn(vector), JSON.parse(vector.body), config);
	expect(answer).toEqual({ ok: true, value: { kind: "answer", body, content_type } });
});

describe.each(events)("$name", (vector) => {
	test("is found to hold what it says", () => {
		const event = eventOf("slack", deliveryIn(vector));
		expect(event.delivery_key).toBe(vector.event_id);
		expect(event.native_type).toBe(vector.event_type);
		expect(event.event_type).toBe("message.created");
		expect(event.entity).toEqual({ type: "message", id: vector.entity_id });
		expect(event.actor.kind).toBe(vector.echo ? "self" : "human");
		expect(event.actor.id).toBe(vector.actor_id);
		expect(event.occurred_at).toBe(Date.parse(vector.occurred_at ?? ""));
	});

	test("keeps all that it holds but the token by which Slack was once recognised", () => {
		const { token, ...rest } = JSON.parse(vector.body);
		expect(token).toBe("deprecated0verification0token");
		expect(eventOf("slack", deliveryIn(vector)).data).toEqual(rest);
	});
});

test.each(events.filter(({ echo }) => echo))("$name is no person's to an app that did not write it", (vector) => {
	const others = { ...JSON.parse(vector.body), api_app_id: "A05OTHER1", authorizations: [] };
	const delivery = deliveryOf(JSON.stringify(others));
	expect(eventOf("slack", delivery).actor.kind).toBe("automation");
	for (const own of ["B05FLOW01", "A05FLOW01", "U05FLOWBOT"]) {
		expect(eventOf("slack", delivery, { own: [own] }).actor.kind).toBe("self");
	}
});
