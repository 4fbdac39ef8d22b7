// Deliveries of Linear with known verdicts.

import { describe, expect, test } from "vitest";
import { deliveryOf, eventOf, sourceOf, verdictOf } from "../deliveries";
import linear from "../vectors/linear.json" with { type: "json" };

interface Vector {
	name: string;
	now: number;
	secret: string;
	headers: Record<string, string>;
	body: string;
	valid: boolean;
	reject_reason?: string;
	event_id: string;
	event_type: string;
	entity_id: string;
	occurred_at: string;
	actor_id?: string;
	echo?: boolean;
}

const vectors: Vector[] = linear.vectors;
const good = vectors.filter(({ valid }) => valid);
const own = ["f10w0000-aaaa-4aaa-8aaa-000000000001"];

test("there are as many as there were", () => {
	expect([vectors.length, good.length]).toEqual([3, 2]);
});

test.each(vectors)("judges $name as it is", async ({ body, headers, secret, now, valid, reject_reason }) => {
	const { side, config } = sourceOf("linear");
	const verdict = await verdictOf(deliveryOf(body, headers), side.verification(config), [secret], now);
	expect(verdict).toBe(valid ? "ok" : reject_reason);
});

describe.each(good)("$name", (vector) => {
	const delivery = deliveryOf(vector.body, vector.headers);

	test("is found to hold what it says", () => {
		const event = eventOf("linear", delivery, { own });
		expect(event.delivery_key).toBe(vector.event_id);
		expect(event.native_type).toBe(vector.event_type);
		expect(event.event_type).toBe("issue.updated");
		expect(event.entity).toEqual({ type: "issue", id: vector.entity_id });
		expect(event.actor.kind).toBe(vector.echo ? "self" : "human");
		expect(event.actor.id).toBe(vector.actor_id);
		expect(event.occurred_at).toBe(Date.parse(vector.occurred_at));
		expect(event.data).toEqual(JSON.parse(vector.body));
	});

	test("is no person's where it is an app's", () => {
		expect(eventOf("linear", delivery).actor.kind).toBe(vector.echo ? "automation" : "human");
	});
});

test("what has changed has its old and its new value", () => {
	const [states, labels] = good.map(({ body, headers }) => eventOf("linear", deliveryOf(body, headers)).changes);
	const stateId = "a1b2c3d4-0000-4000-8000-00000000000";
	expect(states).toEqual([{ field: "stateId", from: `${stateId}a`, to: `${stateId}b` }]);
	expect(labels).toEqual([{ field: "labelIds", from: [], to: ["1abe1000-0000-4000-8000-000000000001"] }]);
});
