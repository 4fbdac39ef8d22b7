// GitHub recognises no repeated request, so what we write ends with a comment that its pages do not show, and that
// tells our writes apart. It is looked for in lists: the search index lags behind.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Found, Mark, OutboundResponse } from "../connector";
import { countAt, isObject } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear } from "../outbound/failure";
import { goesBackBefore } from "../outbound/newest-first";

/** GitHub takes 65,536 characters; the rest is for the marker. */
export const Body = z.string().max(65_000);

/** For the documentation. */
export const MARK = "A comment at its end that pages do not show, and the bot user of the app whose token is used.";

/** Nothing that could end the comment. */
const KEY = /^[\w.:-]{1,255}$/;

export function marked(body: string, mark: Mark): Result<string, string> {
	if (!KEY.test(mark.idempotency_key)) return err("the idempotency key cannot stand in a comment");
	return ok(body === "" ? markerOf(mark) : `${body}\n\n${markerOf(mark)}`);
}

function markerOf(mark: Mark): string {
	return `<!-- signalbox:${mark.idempotency_key} -->`;
}

/** The most that GitHub lists at once. */
export const PAGE = 100;

/**
 * Looks for what carries the mark in a list of issues or comments. Absent only if the list holds all that was written
 * since it could have been: the list is whole, or it begins with the newest and goes back to before.
 */
export function findMarked(
	list: Json,
	response: OutboundResponse,
	{ mark, newestFirst }: { mark: Mark; newestFirst: boolean },
): Result<JsonObject, Found> {
	if (!Array.isArray(list)) return err(unclear("GitHub answered without a list that can be read"));
	const found = list.filter(isObject).filter((item) => carries(item, markerOf(mark)));
	const [first] = found.sort((a, b) => idOf(a) - idOf(b));
	// Of several the others quote it: whoever turns a comment into an issue copies what it hides, too.
	if (first !== undefined) return ok(first);
	const sawAll = isWhole(list, response) || (newestFirst && goesBackBefore(earliestOf(mark), list));
	if (sawAll) return err({ kind: "absent" });
	return err(unclear(`it is not among the ${list.length} that GitHub listed, and there may be more`));
}

/**
 * The `link` header names the next page, if there is one, however short this one is:
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
function isWhole(list: Json[], { headers }: OutboundResponse): boolean {
	return list.length < PAGE && !/\brel="?next\b/i.test(headers.link ?? "");
}

function carries({ body }: JsonObject, marker: string): boolean {
	return typeof body === "string" && body.includes(marker);
}

function idOf(item: Json): number {
	return countAt(item, "id") ?? Number.MAX_SAFE_INTEGER;
}
