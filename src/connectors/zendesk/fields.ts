// The fields of a ticket that can be written, and what is told of a ticket.

import { z } from "zod";
import { Json, type JsonObject } from "../../model/json";
import { textAt } from "../inbound/read";
import { Id, idIn } from "./api";

export const Tag = z
	.string()
	.min(1)
	.max(255)
	.regex(/^[^\s,]+$/, "write a tag without blanks and commas");
export const Tags = z.array(Tag).min(1).max(100);

/** A comment takes 64 kilobytes. */
export const Body = z.string().min(1).max(60_000);

export const ticketShape = {
	type: z.enum(["problem", "incident", "question", "task"]).optional(),
	priority: z.enum(["urgent", "high", "normal", "low"]).optional(),
	assignee_id: Id.optional().describe("The agent who it is assigned to."),
	group_id: Id.optional().describe("The group that it is assigned to."),
	organization_id: Id.optional().describe("The organization of who asks."),
	due_at: z.iso.datetime({ offset: true }).optional().describe("When a task is due."),
	custom_fields: z
		.record(z.string().regex(/^[1-9]\d{0,15}$/, "write a field's id"), Json)
		.optional()
		.describe("Values of custom fields, by the field's id."),
};

/** As the API takes them: ids as numbers, and custom fields as a list. */
export function written({ custom_fields, ...fields }: JsonObject): JsonObject {
	const plain = Object.entries(fields).map(([name, value]) => [name, name.endsWith("_id") ? Number(value) : value]);
	if (custom_fields === undefined) return Object.fromEntries(plain);
	const custom = Object.entries(custom_fields ?? {}).map(([id, value]) => ({ id: Number(id), value }));
	return { ...Object.fromEntries(plain), custom_fields: custom };
}

export const TICKET_FIELDS = {
	ticket_id: "The ticket's id.",
	url: "Where agents see the ticket.",
	status: "Its status, like open.",
	updated_at: "When it was last changed, like 2026-11-20T09:59:57Z.",
};

export function summaryOf(ticket: Json | undefined): JsonObject {
	const id = idIn(ticket, "id");
	const [, origin] = /^(https?:\/\/[^/?#]+)\/api\/v2\//.exec(textAt(ticket, "url") ?? "") ?? [];
	return {
		ticket_id: id,
		url: id === null || origin === undefined ? null : `${origin}/agent/tickets/${id}`,
		status: textAt(ticket, "status") ?? null,
		updated_at: textAt(ticket, "updated_at") ?? null,
	};
}
