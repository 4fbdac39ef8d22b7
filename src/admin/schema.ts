// What the routes share: parameters, pages, and how answers stand in the API's description. What comes in is closed, so
// that a typing error is found; what goes out is open, so that it can grow.

import { z } from "@hono/zod-openapi";
import { JsonObject } from "../model/json";
import { Name } from "../model/name";
import type { PageRequest } from "../registry/page";
import { decodeCursor, encodeCursor } from "./cursor";
import { problems } from "./problem";

export const TenantParam = z.object({ tenant: Name.openapi({ example: "acme" }) });
export const NamedParam = TenantParam.extend({ name: Name });

/** Any JSON object; its own schema would unfold without end in the description. */
export const AnyObject = JsonObject.openapi({ type: "object", additionalProperties: true });

/** Epoch milliseconds. */
export const Time = z.int().openapi({ description: "Epoch milliseconds.", example: 1_795_219_200_000 });

export const PageParams = z.strictObject({
	limit: z.coerce.number().int().min(1).max(100).default(50).describe("How many to return."),
	cursor: z.string().max(1_000).optional().describe("Where the page starts: the cursor of the page before."),
});

export const IfMatch = z.object({
	"if-match": z.string().max(200).optional().describe("Change it only if its ETag is still this one."),
});

export const ETagHeader = { ETag: { schema: { type: "string" as const }, description: "Its revision." } };

export function pageOf<T extends z.ZodType>(item: T, name: string) {
	return z
		.object({
			items: z.array(item),
			cursor: z.string().nullable().describe("Where the next page starts; null at the end."),
		})
		.openapi(name);
}

/** A JSON answer in a route's responses. */
export function answer<T extends z.ZodType>(description: string, schema: T) {
	return { description, content: { "application/json": { schema } } };
}

/** The same for a thing that has a revision. */
export function revisedAnswer<T extends z.ZodType>(description: string, schema: T) {
	return { ...answer(description, schema), headers: ETagHeader };
}

/** A JSON body in a route's request. */
export function jsonBody<T extends z.ZodType>(schema: T) {
	return { required: true, content: { "application/json": { schema } } };
}

export const READ_PROBLEMS = problems(400, 401, 403, 404, 500, 503);
export const WRITE_PROBLEMS = problems(400, 401, 403, 404, 413, 415, 422, 500, 503);

/** The ETag of a revision. */
export function etag(revision: string): { etag: string } {
	return { etag: `"${revision}"` };
}

/** The revision that an If-Match names. A list or a weak tag names none that exists. */
export function revisionOf(ifMatch: string | undefined): string | undefined {
	return ifMatch === undefined ? undefined : (/^"([0-9a-f]+)"$/.exec(ifMatch.trim())?.[1] ?? ifMatch);
}

/** Null for a cursor that is not one of this list. */
export function pageRequest(list: string, query: { limit: number; cursor?: string }): PageRequest | null {
	if (query.cursor === undefined) return { after: "", limit: query.limit };
	const position = decodeCursor(list, query.cursor);
	return position.ok ? { after: position.value, limit: query.limit } : null;
}

export function nextCursor(list: string, position: string | null): string | null {
	return position === null ? null : encodeCursor(list, position);
}
