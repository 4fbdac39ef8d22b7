// Creating a ticket, and deleting it again. Zendesk recognises a repeated creation by its idempotency key, but for two
// hours only, and runs may last longer: so the key is the ticket's external id, too, by which it can be found.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { err } from "../../model/result";
import type { Found } from "../connector";
import { countAt, isObject, textAt, valueAt } from "../inbound/read";
import { unclear } from "../outbound/failure";
import { isGone } from "../outbound/gone";
import { jsonAction, pathOf } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { Id, metadataOf, Ticket, ticketScope, zendeskApi } from "./api";
import { Body, summaryOf, Tags, TICKET_FIELDS, ticketShape, written } from "./fields";

const Requester = z.strictObject({
	name: z.string().min(1).max(255),
	email: z.email().max(320),
});

const Create = z
	.strictObject({
		subject: z.string().min(1).max(255),
		body: Body.describe("The first comment: what is asked for."),
		public: z.boolean().default(true).describe("False if the first comment is for agents only."),
		requester_id: Id.optional().describe("Who asks; without it, the user whose token is used."),
		requester: Requester.optional().describe("Who asks, by name and address; a user is made where there is none."),
		status: z.enum(["new", "open", "pending", "hold", "solved"]).optional(),
		tags: Tags.optional(),
		brand_id: Id.optional(),
		ticket_form_id: Id.optional(),
		...ticketShape,
	})
	.refine(({ requester, requester_id }) => requester === undefined || requester_id === undefined, {
		path: ["requester"],
		message: "name who asks either by id or by address",
	});

/** https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency */
const MAX_KEY = 255;

export const createTicket = jsonAction(zendeskApi, {
	about: "Creates a ticket. Its external id is ours.",
	input: Create,
	output: TICKET_FIELDS,
	repeatable: false,
	// Solving it would tell who asked, ask them how they liked it, and be refused where required fields are empty. A
	// deleted ticket tells nobody and can be restored for a month.
	undo: "zendesk.delete_ticket",
	writes: { entity: "ticket", fields: ["*"] },
	scopes: ["tickets:write", "tickets:read"],
	mark: "The ticket's external id, the metadata of its audit, and the user whose token is used.",
	call: ({ body, public: isPublic, requester, ...fields }, { mark }) => {
		if (mark.idempotency_key.length > MAX_KEY) return err(`the idempotency key has more than ${MAX_KEY} characters`);
		const ticket = {
			...written(fields),
			...(requester !== undefined && { requester }),
			comment: { body, public: isPublic },
			external_id: mark.idempotency_key,
			metadata: metadataOf(mark),
		};
		return {
			method: "POST",
			path: "/tickets",
			body: { ticket },
			headers: { "idempotency-key": mark.idempotency_key },
		};
	},
	done: [200, 201],
	result: (answer) => created(valueAt(answer, "ticket")),
	probe: {
		/** Read from the tickets themselves, where the search would look at an index that lags behind. */
		call: (_input, { mark }) => ({ method: "GET", path: "/tickets", query: { external_id: mark.idempotency_key } }),
		find: (answer, { mark }) => findCreated(valueAt(answer, "tickets"), mark.idempotency_key),
	},
});

/** External ids need not be unique, so it is the first that has it. Absent only if there is none at all. */
function findCreated(tickets: Json | undefined, key: string): Found {
	if (!Array.isArray(tickets)) return unclear("Zendesk answered without tickets");
	const own = tickets.filter(isObject).filter((ticket) => textAt(ticket, "external_id") === key);
	const [first] = own.sort((a, b) => idOf(a) - idOf(b));
	if (first !== undefined) return { kind: "found", ...created(first) };
	return tickets.length === 0 ? { kind: "absent" } : unclear("Zendesk showed tickets of other external ids");
}

function idOf(ticket: JsonObject): number {
	return countAt(ticket, "id") ?? Number.MAX_SAFE_INTEGER;
}

function created(ticket: Json | undefined): { output: JsonObject; undo?: JsonObject } {
	const output = summaryOf(ticket);
	return { output, ...undoWith(Ticket, { ticket_id: output.ticket_id }) };
}

export const deleteTicket = jsonAction(zendeskApi, {
	about: "Deletes a ticket; for 30 days it can be restored. One that is gone already stays so.",
	input: Ticket,
	output: { ticket_id: "The ticket's id." },
	repeatable: true,
	writes: { entity: "ticket", fields: ["*"] },
	scopes: ["tickets:write"],
	mark: "The user whose token is used.",
	scope: ticketScope,
	call: ({ ticket_id }) => ({ method: "DELETE", path: pathOf`/tickets/${ticket_id}` }),
	result: (_answer, input) => ({ output: { ticket_id: input.ticket_id ?? null } }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) =>
		isGone(response) ? { kind: "succeeded", output: { ticket_id: input.ticket_id ?? null } } : undefined,
});
