// Deliveries of Jira with known verdicts.

import { describe, expect, test } from "vitest";
import { verify } from "../../../src/connectors/verify/verify";
import { deliveryOf, eventOf, sourceOf } from "../deliveries";
import jira from "../vectors/jira.json" with { type: "json" };

const valid = jira.vectors.filter((vector) => vector.valid);

function deliveryIn({ body, headers }: (typeof jira.vectors)[number]) {
	return deliveryOf(body, headers);
}

describe("a delivery of the vectors", () => {
	test.each(jira.vectors)("is judged as it is: $name", async (vector) => {
		const { side, config } = sourceOf("jira");
		const verdict = await verify(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
		expect(verdict.ok).toBe(vector.valid);
		expect(verdict.ok ? undefined : verdict.error.reason).toBe(vector.reject_reason);
	});

	test.each(valid)("holds what it says: $name", (vector) => {
		const event = eventOf("jira", deliveryIn(vector), { own: ["557058:f10w-app-0001"] });
		expect(event.delivery_key).toBe(vector.event_id);
		expect(event.native_type).toBe(vector.event_type);
		expect(event.event_type).toBe("issue.updated");
		expect(event.entity).toEqual({ type: "issue", id: vector.entity_id });
		expect(event.actor.kind).toBe(vector.echo ? "self" : vector.actor_kind);
		expect(event.actor.id).toBe(vector.actor_id);
		expect(event.occurred_at).toBe(Date.parse(vector.occurred_at));
		expect(event.data).toEqual(JSON.parse(vector.body));
	});

	test.each(valid.filter(({ echo }) => echo))("is no person's without settings: $name", (vector) => {
		expect(eventOf("jira", deliveryIn(vector)).actor.kind).toBe("automation");
	});

	test("tells what was changed, by fields and as people read it", () => {
		expect(valid.map((vector) => eventOf("jira", deliveryIn(vector)).changes)).toEqual([
			[{ field: "status", from: "To Do", to: "In Progress" }],
			[{ field: "labels", from: "", to: "flow-managed" }],
		]);
	});
});
