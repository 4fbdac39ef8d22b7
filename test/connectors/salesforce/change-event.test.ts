// How events of change data capture become events.

import { describe, expect, test } from "vitest";
import { salesforce } from "../../../src/connectors/salesforce/salesforce";
import { isNotOlder } from "../../../src/core/timing/order";
import type { Json, JsonObject } from "../../../src/model/json";
import { eventsOf, problemIn } from "../reading";

const CASE = "5005e00000FERN12AA";
const DANA = "0055e000001DANAAAA";

const header: JsonObject = {
	entityName: "Case",
	recordIds: [CASE],
	changeType: "UPDATE",
	changeOrigin: "com/salesforce/api/soap/64.0;client=SfdcInternalAPI/",
	transactionKey: "0001f3c8-0000-aaaa-0000-000000000001",
	sequenceNumber: 1,
	commitTimestamp: 1_795_168_796_000,
	commitNumber: 1_092_021_812_345,
	commitUser: DANA,
	nulledFields: [],
	diffFields: [],
	changedFields: ["Status", "LastModifiedDate"],
};
const fields: JsonObject = { LastModifiedDate: "2026-11-20T09:59:56.000Z", Status: "Escalated" };

function body(changed: JsonObject = {}, values: JsonObject = fields): JsonObject {
	return {
		schema: "TestSchemaId0001",
		payload: { ChangeEventHeader: { ...header, ...changed }, ...values },
		event: { replayId: 22_210_451, EventApiName: "CaseChangeEvent" },
		channel: "/data/CaseChangeEvent",
	};
}

function events(json: Json, settings: JsonObject = {}) {
	return eventsOf("salesforce", JSON.stringify(json), { kind: "change_event", ...settings });
}

function event(changed: JsonObject = {}, values?: JsonObject, settings?: JsonObject) {
	const [first] = events(body(changed, values), settings);
	if (first === undefined) throw new Error("no event");
	return first;
}

describe("a change event", () => {
	test("is about its record", () => {
		expect(events(body())).toEqual([
			{
				delivery_key: `0001f3c8-0000-aaaa-0000-000000000001:1:${CASE}`,
				event_type: "ticket.updated",
				native_type: "CaseChangeEvent.UPDATE",
				entity: { type: "ticket", id: CASE },
				actor: { kind: "human", id: DANA },
				occurred_at: Date.parse("2026-11-20T09:59:56Z"),
				sequence: "109202181234500000000000000000001",
				changes: [{ field: "Status", to: "Escalated" }],
				data: body(),
			},
		]);
	});

	test.each([
		["CREATE", "ticket.created"],
		["UPDATE", "ticket.updated"],
		["DELETE", "ticket.deleted"],
		["UNDELETE", "ticket.restored"],
		["GAP_CREATE", "ticket.created"],
		["GAP_UPDATE", "ticket.updated"],
		["GAP_DELETE", "ticket.deleted"],
		["GAP_UNDELETE", "ticket.restored"],
		["SNAPSHOT", "ticket.snapshot"],
	])("of the type %s is %s", (changeType, event_type) => {
		const native_type = `CaseChangeEvent.${changeType}`;
		expect(event({ changeType })).toMatchObject({ event_type, native_type, entity: { type: "ticket", id: CASE } });
	});

	test.each([
		["Account", "company.updated", "AccountChangeEvent.UPDATE"],
		["Contact", "contact.updated", "ContactChangeEvent.UPDATE"],
		["Lead", "lead.updated", "LeadChangeEvent.UPDATE"],
		["Opportunity", "deal.updated", "OpportunityChangeEvent.UPDATE"],
		["Order", "order.updated", "OrderChangeEvent.UPDATE"],
		["User", "user.updated", "UserChangeEvent.UPDATE"],
		["Order__c", "order__c.updated", "Order__ChangeEvent.UPDATE"],
		["WorkOrder", "work_order.updated", "WorkOrderChangeEvent.UPDATE"],
	])("of %s is %s", (entityName, event_type, native_type) => {
		const type = event_type.replace(".updated", "");
		expect(event({ entityName })).toMatchObject({ event_type, native_type, entity: { type } });
	});

	test("of records that changed alike is one event for each of them, and each names only its own", () => {
		const recordIds = ["5005e00000FERN1AAA", "5005e00000FERN2AAA", "5005e00000FERN3AAA"];
		const found = events(body({ recordIds, sequenceNumber: 2 }));
		expect(found.map(({ entity }) => entity.id)).toEqual(recordIds);
		expect(found.map(({ delivery_key }) => delivery_key)).toEqual(
			recordIds.map((id) => `${header.transactionKey}:2:${id}`),
		);
		expect(found.map(({ data }) => data)).toEqual(recordIds.map((id) => body({ recordIds: [id], sequenceNumber: 2 })));
		expect(found.every(({ changes }) => changes.length === 1)).toBe(true);
	});

	test("of all records of an object at once is about its prefix", () => {
		const all = event({ entityName: "Account", recordIds: ["001*"] });
		expect(all.entity).toEqual({ type: "company", id: "001*" });
		expect(all.delivery_key).toBe(`${header.transactionKey}:1:001*`);
	});

	test("that tells of too much to be told is about all records of its object, one event for each object", () => {
		const overflow = { changeType: "GAP_OVERFLOW", recordIds: ["000000000000000AAA"], changedFields: [] };
		expect(event(overflow, {})).toMatchObject({
			delivery_key: `${header.transactionKey}:1:Case:*`,
			event_type: "ticket.overflowed",
			native_type: "CaseChangeEvent.GAP_OVERFLOW",
			entity: { type: "ticket", id: "*" },
			changes: [],
			data: body(overflow, {}),
		});
		const other = event({ ...overflow, entityName: "Account" }, {});
		expect(other.delivery_key).not.toBe(event(overflow, {}).delivery_key);
	});

	test("is known by what stays the same when it is sent again", () => {
		const again = { ...body(), event: { replayId: 1 }, schema: "TestSchemaId0002" };
		expect(events(again)[0]?.delivery_key).toBe(event().delivery_key);
		expect(event({ sequenceNumber: 2 }).delivery_key).not.toBe(event().delivery_key);
		expect(event({ transactionKey: "t2" }).delivery_key).not.toBe(event().delivery_key);
	});

	test("stands behind those of earlier commits, and of one commit behind those of lower numbers", () => {
		const order = [
			event({ commitNumber: 999, sequenceNumber: 12 }),
			event({ commitNumber: 1_000, sequenceNumber: 2 }),
			event({ commitNumber: 1_000, sequenceNumber: 10 }),
			event({ commitNumber: 1_001, sequenceNumber: 1 }),
		].map(({ sequence }) => ({ timestamp: "2026-11-20T09:59:56.000Z", sequence }));
		for (const [i, next] of order.entries()) {
			for (const [j, prev] of order.entries()) expect(isNotOlder(next, prev)).toBe(i >= j);
		}
	});

	test("has no place among others without a commit number", () => {
		for (const commitNumber of [null, -1, 1.5, "x"]) expect(event({ commitNumber }).sequence).toBeUndefined();
	});

	test("keeps every digit of numbers that no double can hold", () => {
		const text = JSON.stringify(body()).replace("1092021812345", "9223372036854775807");
		const [big] = eventsOf("salesforce", text, { kind: "change_event" });
		expect(big?.sequence).toBe("922337203685477580700000000000000000001");
	});
});

describe("who did it", () => {
	const FLOW = "0055e000001FLOWAAA";
	const api = "com/salesforce/api/rest/64.0";

	test.each([
		["a person, by Lightning", "com/salesforce/api/soap/64.0;client=SfdcInternalAPI/", "human"],
		["a person, by Lightning without the slash", `${api};client=SfdcInternalAPI`, "human"],
		["another client of the API", `${api};client=GetCloudy`, "automation"],
		["another client that is called almost like Lightning", `${api};client=SfdcInternalAPIx`, "automation"],
		["us, by our client", `${api};client=signalbox`, "self"],
		["another client that is called almost like us", `${api};client=signalbox2`, "automation"],
		["another client, whose capitals differ from ours", `${api};client=Signalbox`, "automation"],
		["us, with something behind it", `${api};client=signalbox;x=1`, "self"],
		["nobody knows, without a client", api, "unknown"],
		["nobody knows, with an empty one", `${api};client=`, "unknown"],
		["nobody knows, without an origin", "", "unknown"],
		["nobody knows, with an origin that is no text", null, "unknown"],
		["nobody knows, with a client somewhere else", "client=signalbox", "unknown"],
	])("is %s", (_, changeOrigin, kind) => {
		expect(event({ changeOrigin }).actor).toEqual({ kind, id: DANA });
	});

	test("is us by the client that the settings name", () => {
		const changeOrigin = `${api};client=flow`;
		expect(event({ changeOrigin }, fields, { own_client: "flow" }).actor.kind).toBe("self");
		expect(event({ changeOrigin }).actor.kind).toBe("automation");
	});

	test.each(["", `${api};client=GetCloudy`, `${api};client=SfdcInternalAPI/`])(
		"is the integration that the settings name, whatever the origin is: %j",
		(changeOrigin) => {
			const changed = { changeOrigin, commitUser: FLOW };
			expect(event(changed, fields, { own: [FLOW] }).actor).toEqual({ kind: "self", id: FLOW });
			expect(event(changed, fields, { integrations: [FLOW] }).actor).toEqual({ kind: "automation", id: FLOW });
		},
	);

	test("is not a person just because integrations are named", () => {
		expect(event({ changeOrigin: "" }, fields, { integrations: [FLOW] }).actor.kind).toBe("unknown");
	});

	test("has no id where none is given", () => {
		expect(event({ commitUser: null }).actor).toEqual({ kind: "human" });
	});
});

describe("the changes", () => {
	function changes(changed: JsonObject, values: JsonObject = {}) {
		return event({ changedFields: [], ...changed }, values).changes;
	}

	test("are the changed fields with what they hold now", () => {
		const changedFields = ["Status", "Name.FirstName", "BillingAddress.City", "Score__c"];
		const values = { Status: "New", Name: { FirstName: "Ada" }, BillingAddress: { City: "Oslo" }, Score__c: 1.5 };
		expect(changes({ changedFields }, values)).toEqual([
			{ field: "Status", to: "New" },
			{ field: "Name.FirstName", to: "Ada" },
			{ field: "BillingAddress.City", to: "Oslo" },
			{ field: "Score__c", to: 1.5 },
		]);
	});

	test("hold null for what was emptied, whether or not it is named as changed", () => {
		const nulled = { changedFields: ["Reason"], nulledFields: ["Reason", "Phone"] };
		expect(changes(nulled, { Reason: "x" })).toEqual([
			{ field: "Reason", to: null },
			{ field: "Phone", to: null },
		]);
	});

	test("do not take the difference of a long text for its value", () => {
		const diff = { changedFields: ["Description"], diffFields: ["Description"] };
		expect(changes(diff, { Description: "--- sha256:a\n+++ sha256:b\n@@ -1 +1 @@" })).toStrictEqual([
			{ field: "Description" },
		]);
	});

	test("leave out what every write changes", () => {
		expect(changes({ changedFields: ["LastModifiedDate", "LastModifiedById", "SystemModstamp"] })).toEqual([]);
	});

	test("are none of bitmaps, nor of anything else that names no field", () => {
		expect(changes({ changedFields: ["0x0A", "4-0x01", 7, null, "", "a b", ".x"], nulledFields: "0x0A" })).toEqual([]);
	});

	test("are none of a gap event", () => {
		expect(event({ changeType: "GAP_UPDATE", changedFields: [] }, {}).changes).toEqual([]);
	});

	test("of names like built-in ones are what the record itself holds", () => {
		expect(changes({ changedFields: ["toString", "constructor"] }, { toString: "a" })).toEqual([
			{ field: "toString", to: "a" },
			{ field: "constructor", to: undefined },
		]);
	});
});

describe("what cannot be read", () => {
	test.each([
		[[], "the body has no payload.ChangeEventHeader"],
		[{ payload: {} }, "the body has no payload.ChangeEventHeader"],
		[{ payload: { ChangeEventHeader: [] } }, "the body has no payload.ChangeEventHeader"],
		[body({ entityName: "" }), "payload.ChangeEventHeader.entityName names no object"],
		[body({ entityName: "Case.x" }), "payload.ChangeEventHeader.entityName names no object"],
		[body({ changeType: "update" }), "payload.ChangeEventHeader.changeType names no change"],
		[body({ changeType: null }), "payload.ChangeEventHeader.changeType names no change"],
		[body({ transactionKey: "" }), "payload.ChangeEventHeader has no transactionKey and sequenceNumber"],
		[body({ sequenceNumber: null }), "payload.ChangeEventHeader has no transactionKey and sequenceNumber"],
		[body({ recordIds: [] }), "the delivery holds no events"],
		[body({ recordIds: CASE }), "the delivery holds no events"],
		[body({ recordIds: [7] }), "event 1 of 1: the record's id is no text"],
		[body({ recordIds: [CASE, ""] }), "event 2 of 2: the record's id is no text"],
		[
			body({ recordIds: ["x".repeat(401), CASE] }),
			"event 1 of 2: the entity id is 401 characters long; at most 400 are possible",
		],
	])("is told with the reason: %#", (json, reason) => {
		expect(problemIn("salesforce", JSON.stringify(json), { kind: "change_event" })).toBe(reason);
	});
});

describe("the words", () => {
	const rows = salesforce.source?.vocabulary ?? [];

	test("are those that change events are given", () => {
		const natives = rows.filter(({ native }) => native.includes("ChangeEvent."));
		expect(natives).toHaveLength(63);
		for (const { native, event_type, entity } of natives) {
			const [channel = "", changeType = ""] = native.split(".");
			const found = event({ entityName: channel.replace("ChangeEvent", ""), changeType });
			expect([found.native_type, found.event_type, found.entity.type]).toEqual([native, event_type, entity]);
		}
	});
});
