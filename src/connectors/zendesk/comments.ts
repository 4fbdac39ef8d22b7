// Commenting on a ticket. A comment is a part of an update, which Zendesk recognises by no key; so the update carries
// metadata, by which the comment can be found. Its audit has that too, but tells it only to who may read everything.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { Found } from "../connector";
import { isObject, parseTime, valueAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear } from "../outbound/failure";
import { isGone } from "../outbound/gone";
import { jsonAction, pathOf } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { Id, idIn, keyIn, MARK, metadataOf, Ticket, ticketScope, zendeskApi } from "./api";
import { Body } from "./fields";

const Add = Ticket.extend({
	body: Body.describe("Text; Markdown where the account has it on."),
	public: z.boolean().default(false).describe("True if who asked may read it, and is told of it by mail."),
});
const Comment = Ticket.extend({ comment_id: Id.describe("The comment's id.") });

const output = { ticket_id: "The ticket's id.", comment_id: "The comment's id." };

/** The most that Zendesk lists at once. */
const PAGE = 100;

export const addComment = jsonAction(zendeskApi, {
	about: "Comments on a ticket, for agents only unless it is to be public. Undone, a public one is hidden, not unsent.",
	input: Add,
	output,
	repeatable: false,
	undo: "zendesk.hide_comment",
	writes: { entity: "ticket", fields: ["comments"] },
	scopes: ["tickets:write", "tickets:read"],
	mark: MARK,
	scope: ticketScope,
	call: ({ ticket_id, body, public: isPublic }, { mark }) => ({
		method: "PUT",
		path: pathOf`/tickets/${ticket_id}`,
		body: { ticket: { comment: { body, public: isPublic }, metadata: metadataOf(mark) } },
	}),
	done: [200],
	result: (answer, input) => added(commentOf(answer), input),
	probe: {
		/** https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#list-comments */
		call: ({ ticket_id }) => ({
			method: "GET",
			path: pathOf`/tickets/${ticket_id}/comments`,
			query: { sort: "-created_at", "page[size]": String(PAGE) },
		}),
		find: (answer, { input, mark }) => {
			const comments = valueAt(answer, "comments");
			if (!Array.isArray(comments)) return unclear("Zendesk answered without comments");
			const own = comments.findLast((comment) => keyIn(comment) === mark.idempotency_key);
			if (own !== undefined) return { kind: "found", ...added(own, input) };
			return missing(comments, valueAt(answer, "meta.has_more") === false, earliestOf(mark));
		},
	},
});

/** The update's answer has its audit, and a comment in it under the id that it has everywhere. */
function commentOf(answer: Json): Json | undefined {
	const events = valueAt(answer, "audit.events");
	return Array.isArray(events) ? events.find((event) => isObject(event) && event.type === "Comment") : undefined;
}

function added(comment: Json | undefined, input: JsonObject): { output: JsonObject; undo?: JsonObject } {
	const output = { ticket_id: input.ticket_id ?? null, comment_id: idIn(comment, "id") };
	return { output, ...(input.public === true && undoWith(Comment, output)) };
}

/**
 * Absent only if every comment was shown, with its metadata, that can have been written since then: the list is whole,
 * or it begins with the newest and goes back to before.
 */
function missing(comments: Json[], isWhole: boolean, since: number): Found {
	const times = comments.map((comment) => parseTime(valueAt(comment, "created_at")) ?? Number.POSITIVE_INFINITY);
	const isSorted = times.every((time, i) => i === 0 || time <= (times[i - 1] ?? 0));
	const goesBack = isSorted && (times.at(-1) ?? since) < since;
	if (!isWhole && !goesBack) {
		return unclear(`it is not among the ${comments.length} comments that Zendesk showed, and there may be more`);
	}
	const withheld = comments.some((comment, i) => (times[i] ?? since) >= since && !showsMetadata(comment));
	return withheld ? unclear("Zendesk withholds the metadata of comments") : { kind: "absent" };
}

function showsMetadata(comment: Json): boolean {
	return isObject(valueAt(comment, "metadata.custom"));
}

export const hideComment = jsonAction(zendeskApi, {
	about: "Makes a public comment one for agents only. One that is so already, or gone, stays so.",
	input: Comment,
	output,
	repeatable: true,
	writes: { entity: "ticket", fields: ["public"] },
	scopes: ["tickets:write"],
	mark: "The user whose token is used.",
	scope: ticketScope,
	call: ({ ticket_id, comment_id }) => ({
		method: "PUT",
		path: pathOf`/tickets/${ticket_id}/comments/${comment_id}/make_private`,
	}),
	result: (_answer, input) => ({ output: hidden(input) }),
	// Whoever deleted it, nobody reads it any more.
	otherwise: (response, _now, input) => (isGone(response) ? { kind: "succeeded", output: hidden(input) } : undefined),
});

function hidden({ ticket_id = null, comment_id = null }: JsonObject): JsonObject {
	return { ticket_id, comment_id };
}
