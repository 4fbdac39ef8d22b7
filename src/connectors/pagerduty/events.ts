// What each PagerDuty event is about: https://developer.pagerduty.com/docs/webhooks-overview. Whatever happens to an
// incident is about that incident, also where it was a note. `data` holds what it is now, and never what it was.

import type { Change } from "../../model/event";
import type { Json } from "../../model/json";
import { derivedType, type EventRow, type EventTable } from "../inbound/event-table";
import { listAt, textAt, valueAt } from "../inbound/read";

function incidentIn(data: Json): string | undefined {
	const itself = textAt(data, "type") === "incident" ? textAt(data, "id") : undefined;
	return itself ?? textAt(data, "incident.id") ?? textAt(data, "incident_role_assignments.0.incident.id");
}

function serviceIn(data: Json): string | undefined {
	return textAt(data, "type") === "service" ? textAt(data, "id") : textAt(data, "service.id");
}

type Changes = EventRow["changes"];

const none: Changes = () => [];

function became(field: string, to: Json): Changes {
	return () => [{ field, to }];
}

/** What stands in `data` by that name, which is what it has become. */
function whatIs(field: string): Changes {
	return (data) => [{ field, to: valueAt(data, field) }];
}

/** What is listed as changed says by which names; the new values stand among all of them. */
function customFields(data: Json): Change[] {
	const changed = listAt(data, "changed_custom_fields");
	const all = listAt(data, "custom_fields");
	return changed.flatMap((field): Change[] => {
		const name = textAt(field, "name");
		const now = all.find((other) => textAt(other, "name") === name);
		return name === undefined ? [] : [{ field: `custom_fields.${name}`, to: now && valueAt(now, "value") }];
	});
}

function incident(verb: string, changes: Changes): EventRow {
	return { event_type: `incident.${verb}`, entity: "incident", id: incidentIn, changes };
}

function within(noun: string, verb: string, changes: Changes = none): EventRow {
	return { event_type: `${noun}.${verb}`, entity: "incident", id: incidentIn, changes };
}

function service(verb: string, changes: Changes = none): EventRow {
	return { event_type: `service.${verb}`, entity: "service", id: serviceIn, changes };
}

/** A test that somebody sends by hand; it names nothing, not even its subscription. */
export const PING = "pagey.ping";

export const EVENTS: EventTable = new Map([
	["incident.triggered", incident("created", none)],
	["incident.acknowledged", incident("acknowledged", became("status", "acknowledged"))],
	["incident.unacknowledged", incident("updated", became("status", "triggered"))],
	["incident.resolved", incident("resolved", became("status", "resolved"))],
	["incident.reopened", incident("reopened", became("status", "triggered"))],
	["incident.reassigned", incident("updated", whatIs("assignees"))],
	["incident.escalated", incident("updated", whatIs("assignees"))],
	["incident.delegated", incident("updated", whatIs("escalation_policy"))],
	["incident.priority_updated", incident("updated", whatIs("priority"))],
	["incident.service_updated", incident("updated", whatIs("service"))],
	["incident.incident_type.changed", incident("updated", whatIs("incident_type"))],
	["incident.conference_bridge.updated", incident("updated", () => [{ field: "conference_bridge" }])],
	["incident.custom_field_values.updated", incident("updated", customFields)],
	["incident.role.assigned", incident("updated", () => [{ field: "roles" }])],
	["incident.annotated", within("incident_note", "created")],
	["incident.status_update_published", within("incident_update", "created")],
	["incident.responder.added", within("incident_responder", "created")],
	["incident.responder.replied", within("incident_responder", "updated", whatIs("state"))],
	["incident.task.created", within("incident_task", "created")],
	["incident.task.updated", within("incident_task", "updated")],
	["incident.task.completed", within("incident_task", "completed", whatIs("status"))],
	["service.created", service("created")],
	["service.updated", service("updated")],
	["service.custom_field_values.updated", service("updated", customFields)],
	["service.deleted", service("deleted")],
	[PING, { event_type: "hook.pinged", entity: "hook", id: () => "pagey", changes: none }],
]);

/** How an event is read; undefined if neither the table nor the event says what it is about. */
export function rowOf(native: string, resource: string | undefined): EventRow | undefined {
	const known = EVENTS.get(native);
	if (known !== undefined) return known;
	const event_type = derivedType(native);
	if (event_type === undefined || resource === undefined) return undefined;
	return { event_type, entity: resource, id: IDS.get(resource) ?? ((data) => textAt(data, "id")), changes: none };
}

const IDS: ReadonlyMap<string, EventRow["id"]> = new Map([
	["incident", incidentIn],
	["service", serviceIn],
]);
