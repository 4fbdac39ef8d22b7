// What each Notion event is about: https://developers.notion.com/reference/webhooks-events-delivery. Notion says what
// changed and never to what, so changes have no values but those that the event's own name gives.

import type { Change } from "../../model/event";
import type { Json } from "../../model/json";
import { derivedType, type EventRow, type EventTable } from "../inbound/event-table";
import { textAt, valueAt } from "../inbound/read";

function itself(json: Json): string | undefined {
	return textAt(json, "entity.id");
}

/** The page that a comment stands on, also where it was made on a block of that page. */
function itsPage(json: Json): string | undefined {
	const parent = textAt(json, "data.parent.type") === "page" ? textAt(json, "data.parent.id") : undefined;
	return textAt(json, "data.page_id") ?? parent;
}

function about(entity: string, verb: string, ...changes: Change[]): EventRow {
	return { event_type: `${entity}.${verb}`, entity, changes: () => changes, id: itself };
}

/** Properties by their ids, as Notion writes them in pages too. A schema's are told with their names, a page's without. */
function properties(entity: string): EventRow {
	return { ...about(entity, "updated"), changes: propertiesIn };
}

function propertiesIn(json: Json): Change[] {
	const list = valueAt(json, "data.updated_properties");
	if (!Array.isArray(list)) return [];
	const ids = list.map((_, i) => textAt(list, `${i}`) ?? textAt(list, `${i}.id`));
	return ids.filter((id) => id !== undefined).map((field) => ({ field }));
}

function comment(verb: string): EventRow {
	return { event_type: `page_comment.${verb}`, entity: "page", changes: () => [], id: itsPage };
}

export const EVENTS: EventTable = new Map([
	["page.created", about("page", "created")],
	["page.content_updated", about("page", "updated", { field: "content" })],
	["page.properties_updated", properties("page")],
	["page.moved", about("page", "updated", { field: "parent" })],
	["page.locked", about("page", "updated", { field: "is_locked", to: true })],
	["page.unlocked", about("page", "updated", { field: "is_locked", to: false })],
	["page.deleted", about("page", "deleted", { field: "in_trash", to: true })],
	["page.undeleted", about("page", "restored", { field: "in_trash", to: false })],
	["database.created", about("database", "created")],
	["database.content_updated", about("database", "updated", { field: "content" })],
	["database.schema_updated", properties("database")],
	["database.moved", about("database", "updated", { field: "parent" })],
	["database.deleted", about("database", "deleted", { field: "in_trash", to: true })],
	["database.undeleted", about("database", "restored", { field: "in_trash", to: false })],
	["data_source.created", about("data_source", "created")],
	["data_source.content_updated", about("data_source", "updated", { field: "content" })],
	["data_source.schema_updated", properties("data_source")],
	["data_source.moved", about("data_source", "updated", { field: "parent" })],
	["data_source.deleted", about("data_source", "deleted", { field: "in_trash", to: true })],
	["data_source.undeleted", about("data_source", "restored", { field: "in_trash", to: false })],
	["comment.created", comment("created")],
	["comment.updated", comment("updated")],
	["comment.deleted", comment("deleted")],
]);

/** How an event of that name is read; undefined if neither the table nor the event says what it is about. */
export function rowOf(native: string, json: Json): EventRow | undefined {
	const known = EVENTS.get(native);
	if (known !== undefined) return known;
	const event_type = derivedType(native);
	const entity = textAt(json, "entity.type");
	if (event_type === undefined || entity === undefined) return undefined;
	return { event_type, entity, id: itself, changes: () => [] };
}
