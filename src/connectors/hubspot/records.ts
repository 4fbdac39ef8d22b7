// Reading and writing contacts, companies, deals and tickets. Writing sets properties to values, so doing it twice is
// doing it once.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { Outcome } from "../../model/outcome";
import type { OutboundResponse } from "../connector";
import { objectAt, textAt, valueAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { jsonAction, pathOf } from "../outbound/json-api";
import { longTextOrNull } from "../outbound/long-text";
import type { PermanentClass } from "../outbound/statuses";
import { hubspotApi, KINDS, MARK, Property, READ_SCOPES, RecordRef, WRITE_SCOPES } from "./api";

/** HubSpot takes texts only. An empty one clears a property. */
const Value = z
	.union([z.string().max(65_536), z.number(), z.boolean(), z.null()])
	.transform((value) => (value === null ? "" : String(value)));
const Properties = z
	.record(Property, Value)
	.refine((properties) => Object.keys(properties).length > 0, "name at least one property")
	.describe("Values by the properties' internal names; null clears one.");

/** What a record is named by must stay, or a repetition would mean another record, and create it where there is none. */
function keepsName({
	id,
	id_property,
	properties,
}: z.infer<typeof RecordRef> & { properties: Record<string, string> }) {
	return id_property === undefined || !Object.hasOwn(properties, id_property) || properties[id_property] === id;
}
const KEEPS_NAME = {
	path: ["properties"],
	message: "leave out the property that id_property names, or write id as its value: the record is named by it",
};

const Update = RecordRef.extend({ properties: Properties }).refine(keepsName, KEEPS_NAME);
const Upsert = RecordRef.extend({
	id: RecordRef.shape.id.describe("The record's value of id_property."),
	id_property: Property.describe("A property with unique values, like email."),
	properties: Properties,
}).refine(keepsName, KEEPS_NAME);
const Get = RecordRef.extend({
	properties: z.array(Property).min(1).max(100).describe("Internal names of the properties to read."),
});

const written = {
	id: "The record's id.",
	updated_at: "When it was last changed, like 2026-11-20T09:59:57.123Z.",
};

function pathTo({ object, id }: z.infer<typeof RecordRef>): string {
	return `/crm/v3/objects/${KINDS[object].path}${pathOf`/${id}`}`;
}

function byProperty({ id_property }: z.infer<typeof RecordRef>): Record<string, string> {
	return id_property === undefined ? {} : { idProperty: id_property };
}

export const updateObject = jsonAction(hubspotApi, {
	about: "Sets properties of a contact, a company, a deal or a ticket that exists.",
	input: Update,
	output: written,
	repeatable: true,
	writes: { entity: "*", fields: ["*"] },
	scopes: WRITE_SCOPES,
	mark: MARK,
	call: ({ properties, ...record }) => ({
		method: "PATCH",
		path: pathTo(record),
		...(record.id_property !== undefined && { query: byProperty(record) }),
		body: { properties },
	}),
	done: [200],
	result: (record) => summary(record),
});

export const upsertObject = jsonAction(hubspotApi, {
	about: "Sets properties of a contact, a company, a deal or a ticket, and creates it if there is none.",
	input: Upsert,
	output: { ...written, created: "Whether it is new." },
	repeatable: true,
	writes: { entity: "*", fields: ["*"] },
	scopes: WRITE_SCOPES,
	mark: MARK,
	call: ({ object, id, id_property, properties }) => ({
		method: "POST",
		path: `/crm/v3/objects/${KINDS[object].path}/batch/upsert`,
		body: { inputs: [{ id, idProperty: id_property, properties }] },
	}),
	done: [200],
	result: (answer) => {
		const record = valueAt(answer, "results.0");
		const done = summary(record);
		return done && { output: { ...done.output, created: valueAt(record, "new") === true } };
	},
	otherwise: refusalInBatch,
});

function summary(record: Json | undefined): { output: JsonObject } | undefined {
	const id = textAt(record, "id");
	return id === undefined ? undefined : { output: { id, updated_at: textAt(record, "updatedAt") ?? null } };
}

/** A batch is answered with 207 if any of it failed, and here it is one record. */
function refusalInBatch(response: OutboundResponse): Outcome | undefined {
	if (response.status !== 207) return undefined;
	const category = textAt(parseAnswer(response.body), "errors.0.category") ?? "";
	const isCode = /^[A-Z_]{1,80}$/.test(category);
	const reason = `HubSpot answered 207${isCode ? `, ${category}` : ""}`;
	// Without a reason that stays, setting it again does no harm.
	if (!isCode || TRANSIENT.has(category)) return { kind: "transient", reason };
	return { kind: "permanent", class: CLASSES.get(category) ?? "invalid", reason };
}

const TRANSIENT = new Set(["INTERNAL_ERROR", "LOCKED", "RATE_LIMITS", "SERVICE_UNAVAILABLE", "TIMEOUT"]);
const CLASSES: ReadonlyMap<string, PermanentClass> = new Map<string, PermanentClass>([
	["INVALID_AUTHENTICATION", "auth"],
	["EXPIRED_AUTHENTICATION", "auth"],
	["BANNED", "permission"],
	["MISSING_SCOPES", "permission"],
	["FORBIDDEN", "permission"],
	["OBJECT_NOT_FOUND", "not_found"],
]);

export const getObject = jsonAction(hubspotApi, {
	about: "Reads a contact, a company, a deal or a ticket as it is now.",
	input: Get,
	output: {
		...written,
		properties: "The values that were asked for, by name, each cut after 16,384 characters; null where there is none.",
		created_at: "When it was created.",
		archived: "Whether it is in the bin.",
	},
	reads: true,
	repeatable: true,
	scopes: READ_SCOPES,
	call: ({ properties, ...record }) => ({
		method: "GET",
		path: pathTo(record),
		query: { ...byProperty(record), properties: properties.join(",") },
	}),
	done: [200],
	result: (record, input) => {
		const done = summary(record);
		return done && { output: { ...done.output, ...detail(record, valueAt(input, "properties")) } };
	},
});

function detail(record: Json, names: Json | undefined): JsonObject {
	const values = objectAt(record, "properties");
	const asked = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
	return {
		properties: Object.fromEntries(asked.map((name) => [name, textOf(values, name)])),
		created_at: textAt(record, "createdAt") ?? null,
		archived: valueAt(record, "archived") === true,
	};
}

function textOf(values: JsonObject | undefined, name: string): string | null {
	return longTextOrNull(textAt(values, name));
}
