// What a Zendesk event says was changed, in the names and values of Zendesk's REST API, which our own writes have too.

import type { Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import type { Delivery } from "../connector";
import { idAt, valueAt } from "../inbound/read";

/** Written in capitals in events, and small in the REST API. */
const ENUMS = new Set(["priority", "status", "type"]);

/** `field`: of the event's row. */
export function changesOf(
	{ delivery, json }: { delivery: Delivery; json: JsonObject },
	field: string | undefined,
): Change[] {
	switch (field) {
		case undefined:
			return [];
		case "tags":
			return [{ field, ...tagsOf(json) }];
		case "public":
			return [{ field, from: true, to: false }];
		case "custom_fields":
			return [{ field: customField(delivery, json), ...valuesOf(json, field) }];
		default:
			return [{ field, ...valuesOf(json, field) }];
	}
}

function valuesOf(json: JsonObject, field: string): Pick<Change, "from" | "to"> {
	const plain = (value: Json | undefined) =>
		ENUMS.has(field) && typeof value === "string" ? value.toLowerCase() : value;
	return { from: plain(valueAt(json, "event.previous")), to: plain(valueAt(json, "event.current")) };
}

/** `custom_fields.360001`, as an update names it. */
function customField(delivery: Delivery, json: JsonObject): string {
	const id = idAt(delivery, json, "event.field.id") ?? idAt(delivery, json, "event.custom_field.id");
	return id === undefined ? "custom_fields" : `custom_fields.${id}`;
}

/** Events tell which tags came and went; `detail` has all that there are now. */
function tagsOf(json: JsonObject): Pick<Change, "from" | "to"> {
	const to = listAt(json, "detail.tags");
	const added = listAt(json, "event.tags_added");
	const removed = listAt(json, "event.tags_removed");
	if (to === undefined || added === undefined || removed === undefined) return {};
	return { from: [...to.filter((tag) => !added.includes(tag)), ...removed], to };
}

function listAt(json: JsonObject, path: string): Json[] | undefined {
	const value = valueAt(json, path);
	return Array.isArray(value) ? value : undefined;
}
