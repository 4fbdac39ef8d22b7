// Deliveries with known verdicts, as Notion's own library has signed them.

import { describe, expect, test } from "vitest";
import { verify } from "../../../src/connectors/verify/verify";
import { deliveryOf, eventOf, sourceOf } from "../deliveries";
import { vectors } from "../vectors/notion.json" with { type: "json" };

const OWN = "b07b0700-0001-4b07-8b07-000000000001";
/** Our word for what a vector calls a missing header. */
const REASONS: Record<string, string> = { missing_header: "missing_signature" };

const deliveries = vectors.map((vector) => ({
	...vector,
	delivery: deliveryOf(vector.body, vector.headers as Record<string, string>),
}));
const valid = deliveries.filter((vector) => vector.valid);

test("there are as many as there were", () => {
	expect([deliveries.length, valid.length]).toEqual([4, 2]);
});

test.each(deliveries)("$name is judged as it is", async ({ delivery, secret, now, valid, reject_reason = "" }) => {
	const { side, config } = sourceOf("notion");
	const verdict = await verify(delivery, side.verification(config), [secret], now);
	expect(verdict.ok).toBe(valid);
	if (!verdict.ok) expect(verdict.error.reason).toBe(REASONS[reject_reason] ?? reject_reason);
});

describe.each(valid)("$name", ({ delivery, ...vector }) => {
	test("is what it says", () => {
		expect(eventOf("notion", delivery, { own: [OWN] })).toMatchObject({
			delivery_key: vector.event_id,
			native_type: vector.event_type,
			event_type: "page.updated",
			entity: { type: "page", id: vector.entity_id },
			actor: { kind: vector.echo ? "self" : vector.actor_kind, id: vector.actor_id },
			occurred_at: Date.parse(vector.occurred_at ?? ""),
			changes: [{ field: "XGe%40" }, { field: "bDf%5B" }],
			data: JSON.parse(vector.body),
		});
	});

	test("is no person's unless a person wrote it, whether or not we know our own bot", () => {
		const { actor } = eventOf("notion", delivery);
		expect(actor).toEqual({ kind: vector.echo ? "automation" : "human", id: vector.actor_id });
	});
});

test("the handshake hands over the secret that the others are signed with", () => {
	const { side } = sourceOf("notion");
	const [handshake] = vectors;
	expect(JSON.parse(handshake?.body ?? "{}")[side.hands_over_secret ?? ""]).toBe(handshake?.secret);
});
