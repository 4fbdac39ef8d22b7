// How SendGrid's batches become events.

import { describe, expect, test } from "vitest";
import { argumentsOf } from "../../../src/connectors/sendgrid/mark";
import { sendgrid } from "../../../src/connectors/sendgrid/sendgrid";
import type { Json, JsonObject } from "../../../src/model/json";
import { mark } from "../actions";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const delivered = {
	email: "dana@fern.example",
	timestamp: 1_795_168_780,
	event: "delivered",
	sg_event_id: "e1",
	sg_message_id: "m1.filter0001.1",
	response: "250 OK",
};

function batch(body: Json, settings: JsonObject = {}) {
	const { side, config } = sourceOf("sendgrid", settings);
	const normalized = side.normalize(deliveryOf(JSON.stringify(body)), body, config);
	if (!normalized.ok || normalized.value.kind !== "events") throw new Error("no events");
	return normalized.value;
}

function event(fields: JsonObject, settings: JsonObject = {}) {
	return eventOf("sendgrid", deliveryOf(JSON.stringify([{ ...delivered, ...fields }])), settings);
}

describe("an event", () => {
	test("is about its mail", () => {
		expect(event({})).toEqual({
			delivery_key: "e1",
			event_type: "email.delivered",
			native_type: "delivered",
			entity: { type: "email", id: "m1.filter0001.1" },
			actor: { kind: "automation" },
			occurred_at: Date.parse("2026-11-20T09:59:40Z"),
			changes: [],
			data: delivered,
		});
	});

	test.each([
		["processed", "email.queued"],
		["dropped", "email.dropped"],
		["deferred", "email.deferred"],
		["bounce", "email.bounced"],
		["open", "email.opened"],
		["click", "email.clicked"],
		["spamreport", "email.marked_as_spam"],
		["unsubscribe", "email.unsubscribed"],
		["group_unsubscribe", "email.unsubscribed"],
		["group_resubscribe", "email.resubscribed"],
		["Some New-Event", "email.some_new_event"],
	])("%s is %s", (native, event_type) => {
		expect(event({ event: native })).toMatchObject({ event_type, native_type: native });
	});

	test("that concerns no mail concerns the account", () => {
		const changed = { event: "account_status_change", sg_message_id: null, "smtp-id": null };
		expect(event(changed)).toMatchObject({
			event_type: "email.account_status_change",
			entity: { type: "account", id: "own_account" },
		});
		expect(event({ ...changed, "smtp-id": "<1@ismtpd>" }).entity).toEqual({ type: "email", id: "<1@ismtpd>" });
	});

	test.each(["processed", "dropped", "delivered", "deferred", "bounce"])("%s of a mail of ours is ours", (native) => {
		const ours = { ...argumentsOf(mark), event: native };
		expect(event(ours).actor.kind).toBe("self");
		expect(event(ours, { own: [] }).actor.kind).toBe("automation");
		expect(event({ event: native, crm_run: "1" }, { own: ["crm_run"] }).actor.kind).toBe("self");
	});

	test.each(["open", "click", "spamreport", "unsubscribe", "group_unsubscribe", "group_resubscribe"])(
		"%s is its reader's, whose mail it ever is",
		(native) => {
			expect(event({ ...argumentsOf(mark), event: native }).actor).toEqual({ kind: "unknown" });
		},
	);

	test("open by a mail program is no person's", () => {
		expect(event({ event: "open", sg_machine_open: true }).actor).toEqual({ kind: "automation" });
		expect(event({ event: "open", sg_machine_open: false }).actor).toEqual({ kind: "unknown" });
	});
});

describe("a batch", () => {
	test("is as many events, each with its own data", () => {
		const other = { ...delivered, sg_event_id: "e2", event: "open" };
		const { events, unreadable } = batch([delivered, other]);
		expect(events.map(({ delivery_key, data }) => [delivery_key, data])).toEqual([
			["e1", delivered],
			["e2", other],
		]);
		expect(unreadable).toBeUndefined();
	});

	test("gives those that can be read, and says which cannot and why", () => {
		const { events, unreadable } = batch([
			null,
			delivered,
			{ event: "open" },
			{ ...delivered, sg_event_id: "x".repeat(401) },
		]);
		expect(events.map(({ delivery_key }) => delivery_key)).toEqual(["e1"]);
		expect(unreadable).toMatch(
			/1 of 4: it is not a JSON object; .*3 of 4: it has no sg_event_id and event; .*4 of 4: the event id is 401 /,
		);
	});

	test.each([
		["{}", "the body is not a list of events"],
		["[]", "the delivery holds no events"],
		["[1]", "event 1 of 1: it is not a JSON object"],
	])("%s is refused with the reason", (body, reason) => {
		expect(refusalOf("sendgrid", deliveryOf(body))).toBe(reason);
	});
});

test("the words of the documentation are those that events have", () => {
	for (const { native, event_type, entity } of sendgrid.source?.vocabulary ?? []) {
		expect(event({ event: native })).toMatchObject({ native_type: native, event_type, entity: { type: entity } });
	}
});
