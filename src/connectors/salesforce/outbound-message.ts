// Outbound messages: SOAP with up to a hundred notifications, each about one record. They come at least once and in any
// order, say nothing of what was changed, and hold of the record what was selected for them, as it is when they are sent.
// https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm

import type { Actor } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import type { Normalized, NormalizedEvent } from "../connector";
import { manyEvents } from "../inbound/batch";
import { fitEvent } from "../inbound/normalized";
import { objectAt, parseTime, textAt, valueAt } from "../inbound/read";
import { isObjectName, namesOfMessage } from "./objects";
import { holds, listedKind, type Settings } from "./settings";

/** Without it Salesforce sends the message again for a day, whatever the status. */
export const ACKNOWLEDGEMENT = {
	content_type: "text/xml",
	body: '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>',
};

export function messageEvents(json: Json, settings: Settings): Result<Normalized, string> {
	const message = objectAt(json, "Envelope.Body.notifications");
	if (message === undefined) return err("the body is no outbound message: it has no Envelope.Body.notifications");
	const { organizations } = settings;
	const organization = textAt(message, "OrganizationId");
	if (organizations.length > 0 && (organization === undefined || !holds(organizations, organization))) {
		return err("the message is not of an organization in `organizations`");
	}
	const notifications = valueAt(message, "Notification") ?? [];
	const list = Array.isArray(notifications) ? notifications : [notifications];
	return manyEvents(list.map((notification) => eventOf(notification, message, settings)));
}

function eventOf(notification: Json, message: JsonObject, settings: Settings): Result<NormalizedEvent, string> {
	const id = textAt(notification, "Id");
	if (id === undefined) return err("the notification has no Id");
	const record = objectAt(notification, "sObject");
	const recordId = textAt(record, "Id");
	if (record === undefined || recordId === undefined) return err("the notification has no sObject with an Id");
	const object = textAt(record, "@type")?.replace(/^.*:/, "");
	if (!isObjectName(object)) return err("the sObject has no xsi:type, so nobody knows what it is");
	const { noun, event_type, native_type } = namesOfMessage(object);
	return fitEvent({
		delivery_key: id,
		event_type,
		native_type,
		entity: { type: noun, id: recordId },
		actor: actorOf(textAt(record, "LastModifiedById"), settings),
		occurred_at: parseTime(valueAt(record, "LastModifiedDate")),
		changes: [],
		data: dataOf(id, record, message),
	});
}

/** Member by member, because the message may hold a SessionId, which is as good as a password. */
function dataOf(id: string, record: JsonObject, message: JsonObject): JsonObject {
	return {
		OrganizationId: textAt(message, "OrganizationId") ?? null,
		ActionId: textAt(message, "ActionId") ?? null,
		Id: id,
		sObject: record,
	};
}

function actorOf(user: string | undefined, settings: Settings): Actor {
	if (user === undefined) return { kind: "unknown" };
	const tellsApart = settings.own.length > 0 || settings.integrations.length > 0;
	return { kind: listedKind(user, settings) ?? (tellsApart ? "human" : "unknown"), id: user };
}
