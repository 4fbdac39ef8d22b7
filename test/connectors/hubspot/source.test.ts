// How HubSpot's events become events.

import { describe, expect, test } from "vitest";
import type { Normalized } from "../../../src/connectors/connector";
import { parseJson } from "../../../src/edge/json";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const change: JsonObject = {
	eventId: 1765889350,
	subscriptionId: 7662269,
	portalId: 247100001,
	appId: 5150001,
	occurredAt: 1_795_168_796_000,
	subscriptionType: "object.propertyChange",
	attemptNumber: 0,
	objectId: 546500061938,
	objectTypeId: "0-1",
	propertyName: "lifecyclestage",
	propertyValue: "customer",
	changeSource: "CRM_UI",
	sourceId: "userId:98499705",
	isSensitive: false,
};

function event(fields: JsonObject, settings: JsonObject = {}) {
	return eventOf("hubspot", deliveryOf(JSON.stringify([{ ...change, ...fields }])), settings);
}

function normalized(body: string, settings: JsonObject = {}): Normalized | string {
	const { side, config } = sourceOf("hubspot", settings);
	const delivery = deliveryOf(body);
	const json = parseJson(delivery.body);
	if (!json.ok) throw new Error(json.error.detail);
	const result = side.normalize(delivery, json.value, config);
	return result.ok ? result.value : result.error;
}

test("an event keeps its type, is about its record, and tells the new value only", () => {
	expect(event({})).toEqual({
		delivery_key: "247100001:7662269:1765889350:546500061938:1795168796000",
		event_type: "contact.updated",
		native_type: "object.propertyChange",
		entity: { type: "contact", id: "546500061938" },
		actor: { kind: "human", id: "userId:98499705" },
		occurred_at: Date.parse("2026-11-20T09:59:56Z"),
		changes: [{ field: "lifecyclestage", to: "customer" }],
		data: change,
	});
});

describe("the type", () => {
	const kinds = [
		["creation", "created"],
		["propertyChange", "updated"],
		["associationChange", "updated"],
		["deletion", "deleted"],
		["merge", "merged"],
		["restore", "restored"],
	];

	test.each([
		["0-1", "contact"],
		["0-2", "company"],
		["0-3", "deal"],
		["0-5", "ticket"],
		["0-7", "product"],
		["0-8", "line_item"],
		["0-27", "task"],
		["0-46", "note"],
		["0-47", "meeting"],
		["0-48", "call"],
		["0-123", "order"],
		["0-136", "lead"],
	])("of records %s is that of a %s", (objectTypeId, noun) => {
		for (const [kind, verb] of kinds) {
			const found = event({ subscriptionType: `object.${kind}`, objectTypeId });
			expect([found.event_type, found.entity.type]).toEqual([`${noun}.${verb}`, noun]);
			expect(found.native_type).toBe(`object.${kind}`);
		}
	});

	test.each(["contact", "company", "deal", "ticket", "product", "line_item"])("of an older %s is the same", (noun) => {
		for (const [kind, verb] of kinds) {
			const found = event({ subscriptionType: `${noun}.${kind}`, objectTypeId: null });
			expect([found.event_type, found.entity.type]).toEqual([`${noun}.${verb}`, noun]);
		}
	});

	test.each([
		["contact.privacyDeletion", "contact.deleted", "contact"],
		["conversation.creation", "conversation.created", "conversation"],
		["conversation.propertyChange", "conversation.updated", "conversation"],
		["conversation.deletion", "conversation.deleted", "conversation"],
		["conversation.privacyDeletion", "conversation.deleted", "conversation"],
		["conversation.newMessage", "conversation_message.created", "conversation"],
		["event.completed", "event.completed", "event"],
		["contact.brandNewThing", "contact.brand_new_thing", "contact"],
		["feedbackSubmission.creation", "feedback_submission.created", "feedback_submission"],
		["constructor.toString", "constructor.to_string", "constructor"],
	])("of %s is %s about a %s", (subscriptionType, event_type, type) => {
		const found = event({ subscriptionType, objectTypeId: null });
		expect([found.event_type, found.entity.type, found.native_type]).toEqual([event_type, type, subscriptionType]);
	});

	test.each([
		["2-226377266", "object_2_226377266"],
		["0-999", "object_0_999"],
		["constructor", "object"],
		["", "object"],
		[null, "object"],
		[1, "object"],
	])("of records of the kind %j keeps the kind's id, if it is one: %s", (objectTypeId, noun) => {
		const found = event({ subscriptionType: "object.deletion", objectTypeId });
		expect([found.event_type, found.entity.type]).toEqual([`${noun}.deleted`, noun]);
	});

	test("of an older event stays, whatever kind it says besides", () => {
		expect(event({ subscriptionType: "deal.creation", objectTypeId: "0-1" }).event_type).toBe("deal.created");
		const said = event({ subscriptionType: "conversation.newMessage", objectTypeId: "0-11" });
		expect(said.event_type).toBe("conversation_message.created");
	});

	test("of everything in the vocabulary is as it says there", () => {
		const { vocabulary } = sourceOf("hubspot").side;
		expect(vocabulary.length).toBe(6 * (6 + 12) + 6);
		for (const { native, event_type, entity } of vocabulary) {
			const [subscriptionType = "", objectTypeId = null] = native.split(" ");
			const found = event({ subscriptionType, objectTypeId });
			expect([native, found.event_type, found.entity.type]).toEqual([native, event_type, entity]);
		}
	});
});

describe("the actor", () => {
	test.each([
		["CRM_UI", "userId:98499705", "human"],
		["CRM_UI_BULK_ACTION", "userId:47812075", "human"],
		["MOBILE_IOS", "userId:1", "human"],
		["MOBILE_ANDROID", "userId:1", "human"],
		["USER", "userId:82088707", "human"],
		["INTEGRATION", "5150001", "self"],
		["INTEGRATION", "5150002", "automation"],
		["INTEGRATION", "userId:5150001", "automation"],
		["API", "5150001", "automation"],
		["AUTOMATION_PLATFORM", "enrollmentId:1;actionExecutionIndex:0", "automation"],
		["IMPORT", "1", "automation"],
		["AI_GROUP", "1", "automation"],
		["CALCULATED", "1", "automation"],
		["CRM_UIX", "1", "automation"],
		["USERS", "1", "automation"],
		["crm_ui", "1", "automation"],
		["constructor", "1", "automation"],
	])("by %s of %s is %s", (changeSource, sourceId, kind) => {
		expect(event({ changeSource, sourceId }).actor).toEqual({ kind, id: sourceId });
	});

	test("is us where another of our apps wrote", () => {
		const fields = { changeSource: "INTEGRATION", sourceId: "777" };
		expect(event(fields).actor.kind).toBe("automation");
		expect(event(fields, { own: ["777"] }).actor).toEqual({ kind: "self", id: "777" });
		expect(event({ ...fields, changeSource: "API" }, { own: ["777"] }).actor.kind).toBe("automation");
	});

	test("is us whether ids are texts or numbers", () => {
		expect(event({ changeSource: "INTEGRATION", sourceId: 5150001, appId: "5150001" }).actor.kind).toBe("self");
	});

	test("is nobody known where HubSpot does not say", () => {
		expect(event({ changeSource: null }).actor).toEqual({ kind: "unknown", id: "userId:98499705" });
		expect(event({ changeSource: null, sourceId: null }).actor).toEqual({ kind: "unknown" });
		expect(event({ changeSource: "INTEGRATION", sourceId: null, appId: null }).actor).toEqual({ kind: "automation" });
	});
});

describe("an association", () => {
	/** As it comes without `objectId` and `subscriptionId`. */
	const association = {
		subscriptionType: "deal.associationChange",
		subscriptionId: null,
		objectId: null,
		objectTypeId: null,
		propertyName: null,
		changeSource: "USER",
		associationType: "DEAL_TO_LINE_ITEM",
		fromObjectId: 64058987777,
		toObjectId: 58061514894,
		associationRemoved: false,
	};

	test("is a change of the record where it begins", () => {
		const found = event(association);
		expect(found.delivery_key).toBe("247100001::1765889350:64058987777>58061514894:1795168796000:DEAL_TO_LINE_ITEM");
		expect(found.event_type).toBe("deal.updated");
		expect(found.entity).toEqual({ type: "deal", id: "64058987777" });
		expect(found.changes).toEqual([{ field: "associations.DEAL_TO_LINE_ITEM", to: "58061514894" }]);
		expect(found.actor.kind).toBe("human");
	});

	test("that is removed tells what was there", () => {
		expect(event({ ...association, associationRemoved: true }).changes).toEqual([
			{ field: "associations.DEAL_TO_LINE_ITEM", from: "58061514894" },
		]);
	});

	test("of the newer kind names its sides by their kinds", () => {
		const newer = {
			...association,
			subscriptionType: "object.associationChange",
			associationType: null,
			fromObjectTypeId: "0-3",
			toObjectTypeId: "2-226377266",
		};
		const found = event(newer);
		expect(found.event_type).toBe("deal.updated");
		expect(found.entity.type).toBe("deal");
		expect(found.changes).toEqual([{ field: "associations.2-226377266", to: "58061514894" }]);
		expect(event({ ...newer, toObjectTypeId: null }).changes[0]?.field).toBe("associations.other");
	});

	test("with another record at the same moment is another event", () => {
		expect(event(association).delivery_key).not.toBe(event({ ...association, toObjectId: 1 }).delivery_key);
	});
});

test("a merge is about the record that stays", () => {
	const merge = {
		subscriptionType: "contact.merge",
		objectId: null,
		primaryObjectId: 100,
		mergedObjectIds: [200, 300],
	};
	expect(event(merge)).toMatchObject({ event_type: "contact.merged", entity: { id: "100" }, changes: [] });
	expect(event({ ...merge, objectId: 7 }).entity.id).toBe("7");
});

describe("the key", () => {
	test("is that of the event however often it is tried", () => {
		expect(event({ attemptNumber: 9 }).delivery_key).toBe(event({}).delivery_key);
	});

	test.each(["portalId", "subscriptionId", "eventId", "objectId", "occurredAt"])("differs with %s", (name) => {
		expect(event({ [name]: 1 }).delivery_key).not.toBe(event({}).delivery_key);
	});

	test.each([
		["messages", "conversation.newMessage", { messageId: "m1" }, { messageId: "m2" }],
		[
			...(["associations of one pair", "deal.associationChange"] as const),
			{ toObjectId: 1, associationType: "A" },
			{ toObjectId: 1, associationType: "B" },
		],
	])("differs between %s", (_, subscriptionType, one, another) => {
		const key = (fields: JsonObject) => event({ subscriptionType, objectTypeId: null, ...fields }).delivery_key;
		expect(key(one)).not.toBe(key(another));
	});

	test("is without what tells only other events apart", () => {
		expect(event({ messageId: "m1", associationType: "A" }).delivery_key).toBe(event({}).delivery_key);
	});

	test("keeps every digit of an id that a double cannot hold", () => {
		const body = JSON.stringify([change]).replace("546500061938", "90071992547409931");
		const found = eventOf("hubspot", deliveryOf(body));
		expect(found.entity.id).toBe("90071992547409931");
		expect(found.delivery_key).toBe("247100001:7662269:1765889350:90071992547409931:1795168796000");
	});
});

describe("the changes", () => {
	test("are none but in changes of properties", () => {
		for (const kind of ["creation", "deletion", "restore"]) {
			expect(event({ subscriptionType: `object.${kind}` }).changes).toEqual([]);
		}
		expect(event({ propertyName: null }).changes).toEqual([]);
	});

	test.each(["", null, "a;b", undefined])("may be to %j", (propertyValue) => {
		const { propertyValue: _, ...rest } = change;
		const fields = propertyValue === undefined ? rest : { ...rest, propertyValue };
		const found = eventOf("hubspot", deliveryOf(JSON.stringify([fields])));
		expect(found.changes).toEqual([{ field: "lifecyclestage", to: propertyValue }]);
	});
});

test.each([-1, 1e300, "1795168796000"])("a time of %j identifies and is none to go by", (occurredAt) => {
	expect(event({ occurredAt }).occurred_at).toBeUndefined();
});

describe("a batch", () => {
	const other = { ...change, eventId: 2, objectTypeId: "0-3", changeSource: "INTEGRATION", sourceId: "5150001" };

	test("is split, and each of its events judged and kept alone", () => {
		const found = normalized(JSON.stringify([change, other]));
		expect(found).toMatchObject({
			kind: "events",
			events: [
				{ event_type: "contact.updated", actor: { kind: "human" }, data: change },
				{ event_type: "deal.updated", actor: { kind: "self" }, data: other },
			],
		});
		expect(found).not.toHaveProperty("unreadable");
	});

	test("of a hundred is a hundred events", () => {
		const batch = Array.from({ length: 100 }, (_, i) => ({ ...change, eventId: i + 1 }));
		const found = normalized(JSON.stringify(batch));
		expect(typeof found === "object" && found.kind === "events" ? found.events.length : found).toBe(100);
	});

	test("keeps what can be read of it", () => {
		expect(normalized(JSON.stringify([7, other, { ...change, objectId: null }]))).toMatchObject({
			events: [{ event_type: "deal.updated" }],
			unreadable: "event 1 of 3: it has no subscriptionType; event 3 of 3: it has no objectId",
		});
	});

	test.each([
		["{}", "the body is not a list of events"],
		["[]", "the delivery holds no events"],
		["[null]", "event 1 of 1: it has no subscriptionType"],
		[JSON.stringify([{ ...change, subscriptionType: "creation" }]), "event 1 of 1: its subscriptionType is none"],
		[JSON.stringify([{ ...change, objectId: {} }]), "event 1 of 1: it has no objectId"],
		[JSON.stringify([{ ...change, eventId: 1.5 }]), "event 1 of 1: it has no eventId or no occurredAt"],
		[JSON.stringify([{ ...change, occurredAt: null }]), "event 1 of 1: it has no eventId or no occurredAt"],
		[
			JSON.stringify([{ ...change, objectId: "x".repeat(500) }]),
			"event 1 of 1: the entity id is 500 characters long; at most 400 are possible",
		],
	])("%s is refused with the reason", (body, reason) => {
		expect(refusalOf("hubspot", deliveryOf(body))).toBe(reason);
	});
});

test("a delivery is as good as the signature that is asked for", () => {
	const trusts = ["v3", "v2", "v1"].map((signature) => {
		const { side, config } = sourceOf("hubspot", { signature });
		return side.trust(config);
	});
	expect(trusts).toEqual(["signed", "signed_untimed", "signed_untimed"]);
});

test.each<JsonObject>([{ signature: "v4" }, { own: ["app"] }, { own: [""] }, { own: [1] }])(
	"settings cannot be %j",
	(settings) => {
		expect(() => sourceOf("hubspot", settings)).toThrow();
	},
);
