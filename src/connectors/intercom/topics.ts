// What each of Intercom's topics is about: https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models

import type { VocabularyRow } from "../connector";

export interface TopicRow {
	event_type: string;
	entity: string;
	/** Where its id stands in the item. */
	id: string;
	/** What was changed; the item has its new value. */
	field?: string;
}

function row(event_type: string, field?: string, id = "id"): TopicRow {
	const noun = event_type.slice(0, event_type.lastIndexOf("."));
	return {
		event_type,
		entity: noun.replace(/_(message|note|comment)$/, ""),
		id,
		...(field !== undefined && { field }),
	};
}

const TOPICS: ReadonlyMap<string, TopicRow> = new Map<string, TopicRow>([
	["company.created", row("company.created")],
	["company.deleted", row("company.deleted")],
	["company.updated", row("company.updated")],
	["contact.archived", row("contact.archived")],
	["contact.deleted", row("contact.deleted")],
	["contact.email.updated", row("contact.updated", "email")],
	["contact.lead.added_email", row("contact.updated", "email")],
	["contact.lead.created", row("contact.created")],
	["contact.lead.signed_up", row("contact.updated", "role")],
	["contact.lead.tag.created", row("contact.updated", "tags", "contact.id")],
	["contact.lead.tag.deleted", row("contact.updated", "tags", "contact.id")],
	["contact.lead.updated", row("contact.updated")],
	["contact.merged", row("contact.merged")],
	["contact.subscribed", row("contact.updated", "unsubscribed_from_emails")],
	["contact.unarchived", row("contact.unarchived")],
	["contact.unsubscribed", row("contact.updated", "unsubscribed_from_emails")],
	["contact.user.created", row("contact.created")],
	["contact.user.tag.created", row("contact.updated", "tags", "contact.id")],
	["contact.user.tag.deleted", row("contact.updated", "tags", "contact.id")],
	["contact.user.updated", row("contact.updated")],
	["conversation.admin.assigned", row("conversation.updated", "admin_assignee_id")],
	["conversation.admin.closed", row("conversation.closed", "state")],
	["conversation.admin.noted", row("conversation_note.created")],
	["conversation.admin.open.assigned", row("conversation.updated", "admin_assignee_id")],
	["conversation.admin.opened", row("conversation.reopened", "state")],
	["conversation.admin.replied", row("conversation_message.created")],
	["conversation.admin.single.created", row("conversation.created")],
	["conversation.admin.snoozed", row("conversation.updated", "state")],
	["conversation.admin.unsnoozed", row("conversation.updated", "state")],
	["conversation.deleted", row("conversation.deleted")],
	["conversation.operator.replied", row("conversation_message.created")],
	["conversation.priority.updated", row("conversation.updated", "priority")],
	["conversation.rating.added", row("conversation.updated", "conversation_rating")],
	["conversation.user.created", row("conversation.created")],
	["conversation.user.replied", row("conversation_message.created")],
	["ticket.admin.assigned", row("ticket.updated", "admin_assignee_id")],
	["ticket.admin.replied", row("ticket_comment.created")],
	["ticket.attribute.updated", row("ticket.updated", "ticket_attributes")],
	["ticket.closed", row("ticket.closed", "open")],
	["ticket.contact.replied", row("ticket_comment.created")],
	["ticket.created", row("ticket.created")],
	["ticket.note.created", row("ticket_comment.created")],
	["ticket.state.updated", row("ticket.updated", "ticket_state")],
	["ticket.team.assigned", row("ticket.updated", "team_assignee_id")],
]);

export const vocabulary: readonly VocabularyRow[] = [...TOPICS].map(([native, { event_type, entity }]) => ({
	native,
	event_type,
	entity,
}));

export function rowOf(topic: string): TopicRow {
	return TOPICS.get(topic) ?? derived(topic);
}

/** What Intercom adds tomorrow follows the same form: `noun.part.happened`. */
function derived(topic: string): TopicRow {
	const [entity = "", ...rest] = topic
		.toLowerCase()
		.replace(/[^a-z0-9_.]/g, "_")
		.split(".");
	const verb = rest.pop() || "created";
	return { event_type: `${[entity, ...rest].join("_")}.${verb}`, entity, id: "id" };
}
