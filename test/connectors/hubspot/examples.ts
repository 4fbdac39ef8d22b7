// HubSpot, for the contract tests.

import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

const event = {
	eventId: 1765889350,
	subscriptionId: 7662269,
	portalId: 247100001,
	appId: 5150001,
	occurredAt: 1_795_168_796_000,
	subscriptionType: "object.propertyChange",
	attemptNumber: 0,
	objectId: 546500061938,
	objectTypeId: "0-3",
	propertyName: "dealstage",
	propertyValue: "closedwon",
	changeSource: "CRM_UI",
	sourceId: "userId:98499705",
};

export const deliveries: GoodDelivery[] = [
	{
		body: [
			event,
			{ ...event, eventId: 2, subscriptionType: "contact.creation", changeSource: "INTEGRATION", sourceId: "5150001" },
			{ ...event, eventId: 4, changeSource: "INTEGRATION", sourceId: "777" },
			{ ...event, eventId: 3, subscriptionType: "deal.associationChange", fromObjectId: 7, toObjectId: 8 },
		],
	},
];

const connection = { config: {}, credentials: { token: "s3cret" } };
const record = {
	id: "512",
	properties: { email: "dana@example.com", lifecyclestage: "customer" },
	createdAt: "2026-11-19T08:00:00.000Z",
	updatedAt: "2026-11-20T09:59:57.123Z",
	archived: false,
};
const note = {
	...record,
	id: "9001",
	properties: { signalbox_key: mark.idempotency_key },
};

export const actions: Record<string, GoodAction> = {
	create_note: {
		...connection,
		input: { object: "deal", id: "991", body: "Paid." },
		done: [201, note],
		shown: note,
	},
	delete_note: { ...connection, input: { id: "9001" }, done: [204, ""] },
	get_object: {
		...connection,
		input: { object: "contact", id: "512", properties: ["email", "phone"] },
		done: [200, record],
	},
	update_object: {
		...connection,
		input: { object: "contact", id: "512", properties: { lifecyclestage: "customer" } },
		done: [200, record],
	},
	upsert_object: {
		...connection,
		input: { object: "contact", id: "dana@example.com", id_property: "email", properties: { phone: "1" } },
		done: [200, { status: "COMPLETE", results: [{ ...record, new: true }] }],
	},
};

export const knobs = { own: [["777"]] };
