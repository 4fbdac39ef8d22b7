// Records as actions name them.

import { z } from "zod";
import { Json, type JsonObject } from "../../model/json";
import { pathOf } from "../outbound/json-api";

/** API names, with namespace and suffix. */
const ApiName = z.string().regex(/^[A-Za-z]\w{0,79}$/, "write an API name, like Invoice__c");

export const ObjectName = ApiName.describe("The API name of the object, like Case or Invoice__c.");
export const FieldName = ApiName;
export const Target = z.strictObject({
	object: ObjectName,
	id: z
		.string()
		.regex(/^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/, "write a record id of 15 or 18 characters")
		.describe("The record's id."),
});
export const Fields = z
	.record(FieldName, Json)
	.refine((fields) => Object.keys(fields).length > 0, "name at least one field");

export function pathTo({ object, id }: z.infer<typeof Target>): string {
	return pathOf`/sobjects/${object}/${id}`;
}

/** In the output of every action. */
export const place = { object: "The API name of the object.", id: "The record's id." };

export function placeIn({ object, id }: JsonObject): JsonObject {
	return { object: object ?? null, id: id ?? null };
}

/** Permissions on objects and fields come on top; Salesforce gives them to users, not to tokens. */
export const SCOPES = ["api"];

/** What is true of every action that writes. */
export const WRITE = {
	repeatable: true,
	writes: { entity: "*", fields: ["*"] },
	scopes: SCOPES,
	mark: "The connection's `client`, which change events name as their origin, and the integration user.",
};
