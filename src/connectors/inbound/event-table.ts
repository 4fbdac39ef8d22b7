// Tables of native events: what each of them is called, what it is about, and what it says has changed.

import type { Change } from "../../model/event";
import type { Json } from "../../model/json";
import type { VocabularyRow } from "../connector";
import { snakeCase } from "./snake-case";

export interface EventRow {
	event_type: string;
	entity: string;
	/** The entity's id, by what the event says of itself; undefined if it does not say. */
	id: (json: Json) => string | undefined;
	changes: (json: Json) => Change[];
}

export type EventTable = ReadonlyMap<string, EventRow>;

export function vocabularyOf(table: EventTable): VocabularyRow[] {
	return [...table].map(([native, { event_type, entity }]) => ({ native, event_type, entity }));
}

/**
 * The event type of a native event that no table holds, so that what a vendor adds tomorrow has a name:
 * `incident_workflow.started` of `incident.workflow.started`. Undefined if there is no word in it.
 */
export function derivedType(native: string): string | undefined {
	const words = native
		.split(/[.:]/)
		.map(snakeCase)
		.filter((word) => word !== "");
	const verb = words.length > 1 ? words.pop() : "created";
	return words.length === 0 ? undefined : `${words.join("_")}.${verb}`;
}
