// Changing and reading tickets.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { countAt, isObject, textAt, valueAt } from "../inbound/read";
import { jsonAction, pathOf } from "../outbound/json-api";
import { longTextOrNull } from "../outbound/long-text";
import { Id, idIn, MARK, metadataOf, Ticket, ticketScope, zendeskApi } from "./api";
import { summaryOf, TICKET_FIELDS, ticketShape, written } from "./fields";

const Update = Ticket.extend({
	subject: z.string().min(1).max(255).optional(),
	status: z.enum(["new", "open", "pending", "hold", "solved", "closed"]).optional(),
	requester_id: Id.optional().describe("Who asks."),
	...ticketShape,
}).refine((input) => Object.keys(input).length > 1, "write at least one field to change");

export const updateTicket = jsonAction(zendeskApi, {
	about: "Sets fields of a ticket; the others stay as they are.",
	input: Update,
	output: TICKET_FIELDS,
	repeatable: true,
	writes: { entity: "ticket", fields: ["*"] },
	scopes: ["tickets:write"],
	mark: MARK,
	scope: ticketScope,
	call: ({ ticket_id, ...fields }, { mark }) => ({
		method: "PUT",
		path: pathOf`/tickets/${ticket_id}`,
		body: { ticket: { ...written(fields), metadata: metadataOf(mark) } },
	}),
	done: [200],
	result: (answer) => ({ output: summaryOf(valueAt(answer, "ticket")) }),
});

export const getTicket = jsonAction(zendeskApi, {
	about: "Reads a ticket as it is now.",
	input: Ticket,
	output: {
		...TICKET_FIELDS,
		subject: "Its subject.",
		description: "Its first comment, cut after 16,384 characters.",
		type: "Its type, like incident; null if it has none.",
		priority: "Its priority, like high; null if it has none.",
		tags: "Its tags.",
		requester_id: "The id of who asks.",
		assignee_id: "The id of the agent who it is assigned to; null if it is to none.",
		group_id: "The id of the group that it is assigned to; null if it is to none.",
		organization_id: "The id of the organization of who asks; null if there is none.",
		external_id: "Its id in another system; null if it has none.",
		custom_fields: "The values of its custom fields, by the field's id.",
		created_at: "When it was created, like 2026-11-18T08:12:44Z.",
	},
	reads: true,
	repeatable: true,
	scopes: ["tickets:read"],
	call: ({ ticket_id }) => ({ method: "GET", path: pathOf`/tickets/${ticket_id}` }),
	done: [200],
	// What is not the ticket is no final state to act on.
	result: (answer) => {
		const ticket = valueAt(answer, "ticket");
		return countAt(ticket, "id") === undefined ? undefined : { output: detailOf(ticket) };
	},
});

function detailOf(ticket: Json | undefined): JsonObject {
	const tags = valueAt(ticket, "tags");
	return {
		...summaryOf(ticket),
		subject: textAt(ticket, "subject") ?? null,
		description: longTextOrNull(textAt(ticket, "description")),
		type: textAt(ticket, "type") ?? null,
		priority: textAt(ticket, "priority") ?? null,
		tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
		requester_id: idIn(ticket, "requester_id"),
		assignee_id: idIn(ticket, "assignee_id"),
		group_id: idIn(ticket, "group_id"),
		organization_id: idIn(ticket, "organization_id"),
		external_id: textAt(ticket, "external_id") ?? null,
		custom_fields: customFields(valueAt(ticket, "custom_fields")),
		created_at: textAt(ticket, "created_at") ?? null,
	};
}

function customFields(list: Json | undefined): JsonObject {
	const fields = Array.isArray(list) ? list.filter(isObject) : [];
	return Object.fromEntries(
		fields.flatMap((field) => {
			const id = idIn(field, "id");
			return id === null ? [] : [[id, field.value ?? null]];
		}),
	);
}
