// How outbound messages become events.

import { describe, expect, test } from "vitest";
import { salesforce } from "../../../src/connectors/salesforce/salesforce";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, sourceOf, verdictOf } from "../deliveries";
import { eventsOf, problemIn, readingOf, withPathToken } from "../reading";

const ORGANIZATION = "00D5e000001FERNEAO";
const DANA = "0055e000001DANAAAA";
const FLOW = "0055e000001FLOWAAA";
const SESSION = "00D5e000001FERN!AQ0AQ_s3cret";

/** A notification of a record, with fields as XML. */
function notification(fields: string, { id = "04l5e00000HUMAN1AA", type = ' xsi:type="sf:Opportunity"' } = {}): string {
	return `<Notification><Id>${id}</Id><sObject${type} xmlns:sf="urn:sobject.enterprise.soap.sforce.com">${fields}</sObject></Notification>`;
}

function message(notifications: string, head = `<OrganizationId>${ORGANIZATION}</OrganizationId>`): string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">${head}
   <ActionId>04k5e000000FERNAAA</ActionId>
   <SessionId>${SESSION}</SessionId>
   <EnterpriseUrl>https://fern.my.salesforce.com/services/Soap/c/64.0/00D5e000001FERN</EnterpriseUrl>
   <PartnerUrl>https://fern.my.salesforce.com/services/Soap/u/64.0/00D5e000001FERN</PartnerUrl>
   ${notifications}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
}

const WON = "<sf:Id>0065e00000FERN1AAA</sf:Id><sf:StageName>Closed Won</sf:StageName><sf:Amount>0012</sf:Amount>";

function events(notifications: string, settings: JsonObject = {}) {
	return eventsOf("salesforce", message(notifications), settings);
}

describe("a notification", () => {
	test("is an event about its record, with what was selected of it", () => {
		const fields = `${WON}<sf:LastModifiedById>${DANA}</sf:LastModifiedById><sf:LastModifiedDate>2026-11-20T09:59:55.000Z</sf:LastModifiedDate><sf:NextStep xsi:nil="true"/>`;
		expect(events(notification(fields))).toEqual([
			{
				delivery_key: "04l5e00000HUMAN1AA",
				event_type: "deal.updated",
				native_type: "outbound_message.Opportunity",
				entity: { type: "deal", id: "0065e00000FERN1AAA" },
				actor: { kind: "unknown", id: DANA },
				occurred_at: Date.parse("2026-11-20T09:59:55Z"),
				changes: [],
				data: {
					OrganizationId: ORGANIZATION,
					ActionId: "04k5e000000FERNAAA",
					Id: "04l5e00000HUMAN1AA",
					sObject: {
						"@type": "sf:Opportunity",
						Id: "0065e00000FERN1AAA",
						StageName: "Closed Won",
						Amount: "0012",
						LastModifiedById: DANA,
						LastModifiedDate: "2026-11-20T09:59:55.000Z",
						NextStep: null,
					},
				},
			},
		]);
	});

	test("has no time and no actor unless these were selected", () => {
		const [event] = events(notification(WON), { own: [FLOW] });
		expect(event?.occurred_at).toBeUndefined();
		expect(event?.actor).toEqual({ kind: "unknown" });
	});

	test.each([
		["sf:Account", "company", "company.updated"],
		["sf:Case", "ticket", "ticket.updated"],
		["sf:Contact", "contact", "contact.updated"],
		["sf:Lead", "lead", "lead.updated"],
		["sf:Order", "order", "order.updated"],
		["sf:User", "user", "user.updated"],
		["sf:OpportunityLineItem", "opportunity_line_item", "opportunity_line_item.updated"],
		["sf:Product2", "product2", "product2.updated"],
		["sf:Order__c", "order__c", "order__c.updated"],
		["sf:fern__OpenIssue__c", "fern__openissue__c", "fern__openissue__c.updated"],
		["Case", "ticket", "ticket.updated"],
	])("of %s is about a %s", (type, entity, event_type) => {
		const [event] = events(notification(WON, { type: ` xsi:type="${type}"` }));
		expect(event).toMatchObject({ event_type, native_type: `outbound_message.${type.replace("sf:", "")}` });
		expect(event?.entity.type).toBe(entity);
	});

	test("never holds the session id, wherever the event is looked at", () => {
		expect(message(notification(WON))).toContain(SESSION);
		expect(JSON.stringify(readingOf("salesforce", deliveryOf(message(notification(WON)))))).not.toContain("s3cret");
	});
});

describe("a message", () => {
	test("gives an event for each of a hundred notifications", () => {
		const ids = Array.from({ length: 100 }, (_, i) => `04l5e0000${String(i).padStart(6, "0")}AAA`);
		const found = events(ids.map((id) => notification(WON, { id })).join(""));
		expect(found.map(({ delivery_key }) => delivery_key)).toEqual(ids);
		expect(found.map(({ data }) => data.Id)).toEqual(ids);
	});

	test("gives those that can be read, and says which cannot and why", () => {
		const bad = [
			notification("<sf:Name>x</sf:Name>", { id: "2" }),
			notification(WON, { id: "3", type: "" }),
			notification(WON, { id: "4", type: ' xsi:type="sf:a b"' }),
			"<Notification><Id/></Notification>",
			`<Notification><sObject xsi:type="sf:Case">${WON}</sObject></Notification>`,
		];
		const reasons = [
			"the notification has no sObject with an Id",
			"the sObject has no xsi:type, so nobody knows what it is",
			"the sObject has no xsi:type, so nobody knows what it is",
			"the notification has no Id",
			"the notification has no Id",
		];
		for (const [i, each] of bad.entries()) {
			const read = readingOf("salesforce", deliveryOf(message(notification(WON) + each)));
			expect(read).toMatchObject({ value: { unreadable: `event 2 of 2: ${reasons[i]}` } });
			expect(read.ok && read.value.kind === "events" && read.value.events).toHaveLength(1);
			expect(problemIn("salesforce", message(each))).toBe(`event 1 of 1: ${reasons[i]}`);
		}
	});

	test.each([
		["<a/>", "the body is no outbound message: it has no Envelope.Body.notifications"],
		[message(""), "the delivery holds no events"],
		['{"Envelope":{}}', "The body cannot be read as XML"],
	])("that is none is refused with the reason: %#", (body, reason) => {
		expect(problemIn("salesforce", body)).toContain(reason);
	});

	test("of another organization is refused whole, if the settings name any", () => {
		const reason = "the message is not of an organization in `organizations`";
		const body = message(notification(WON));
		expect(problemIn("salesforce", body, { organizations: ["00D5e000001OTHERAA"] })).toBe(reason);
		expect(problemIn("salesforce", message(notification(WON), ""), { organizations: [ORGANIZATION] })).toBe(reason);
		expect(problemIn("salesforce", body, { organizations: [ORGANIZATION, "00D5e000001OTHERAA"] })).toBeUndefined();
		expect(problemIn("salesforce", body)).toBeUndefined();
	});

	test("is of the same organization by its id of 15 characters", () => {
		const settings = { organizations: [ORGANIZATION.slice(0, 15)] };
		expect(problemIn("salesforce", message(notification(WON)), settings)).toBeUndefined();
	});

	test("is acknowledged in XML, and change events are not", () => {
		const { side, config } = sourceOf("salesforce");
		expect(side.body?.(config)).toBe("xml");
		expect(side.acknowledgement?.(config)?.content_type).toBe("text/xml");
		const other = sourceOf("salesforce", { kind: "change_event" });
		expect(side.body?.(other.config)).toBe("json");
		expect(side.acknowledgement?.(other.config)).toBeUndefined();
	});
});

describe("who did it", () => {
	function actor(user: string, settings: JsonObject) {
		const [event] = events(notification(`${WON}<sf:LastModifiedById>${user}</sf:LastModifiedById>`), settings);
		return event?.actor;
	}

	test.each([
		["nobody knows, if no integration is named", DANA, {}, "unknown"],
		["is a person, if integrations are named and it is none of them", DANA, { integrations: [FLOW] }, "human"],
		["is a person, if our own user is named and it is another", DANA, { own: [FLOW] }, "human"],
		["is an integration that is named", FLOW, { integrations: [FLOW] }, "automation"],
		["is us by our own user", FLOW, { own: [FLOW], integrations: [FLOW] }, "self"],
		["is us by our own user's id of 15 characters", FLOW, { own: [FLOW.slice(0, 15)] }, "self"],
		["is not us by an id that differs in its capitals", FLOW.replace("FLOW", "flow"), { own: [FLOW] }, "human"],
	])("%s", (_, user, settings, kind) => {
		expect(actor(user, settings)).toEqual({ kind, id: user });
	});
});

describe("the token", () => {
	const { side, config } = sourceOf("salesforce");
	const body = message(notification(WON));
	const verdict = (delivery: Parameters<typeof verdictOf>[0]) =>
		verdictOf(delivery, side.verification(config), ["new", "old"]);

	test("may stand in the address, its query or a header, and the address comes first", async () => {
		expect(await verdict(withPathToken(deliveryOf(body), "old"))).toBe("ok");
		expect(await verdict(deliveryOf(body, {}, { token: "new" }))).toBe("ok");
		expect(await verdict(deliveryOf(body, { "x-webhook-token": "old" }))).toBe("ok");
		expect(await verdict(withPathToken(deliveryOf(body, {}, { token: "new" }), "other"))).toBe("bad_token");
		expect(await verdict(deliveryOf(body))).toBe("missing_token");
	});

	test("is all that an outbound message is believed for", () => {
		expect(side.trust(config)).toBe("token");
		expect(side.trust(sourceOf("salesforce", { kind: "change_event" }).config)).toBe("signed");
	});
});

test.each([
	[{ own: ["dana@example.com"] }, "own"],
	[{ own: ["00D5e000001FERNEAO"] }, "own"],
	[{ integrations: ["0055e000001FLOWAA"] }, "integrations"],
	[{ organizations: ["0055e000001FLOWAAA"] }, "organizations"],
	[{ kind: "platform_event" }, "kind"],
	[{ own_client: "" }, "own_client"],
])("settings with a mistake are refused where it is: %j", (settings, path) => {
	const issues = salesforce.source?.config.safeParse(settings).error?.issues ?? [];
	expect(issues.map((issue) => issue.path[0])).toEqual([path]);
});
