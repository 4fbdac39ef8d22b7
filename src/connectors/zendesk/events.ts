// What each Zendesk event is about, and which field it says is changed. Its native name is `zen:event-type:` and a noun
// and what happened to it: https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/

import type { VocabularyRow } from "../connector";

export interface EventRow {
	event_type: string;
	entity: string;
	/** What was changed, by its name in the REST API. */
	field?: string;
}

const PREFIX = "zen:event-type:";

/** By what stands in `field` before `_changed` where the field itself is called otherwise. */
const TICKET_FIELDS = {
	agent_assignment: "assignee_id",
	brand: "brand_id",
	custom_field: "custom_fields",
	custom_status: "custom_status_id",
	description: "description",
	email_ccs: "email_ccs",
	external_id: "external_id",
	followers: "followers",
	form: "ticket_form_id",
	group_assignment: "group_id",
	organization: "organization_id",
	priority: "priority",
	problem_link: "problem_id",
	requester: "requester_id",
	status: "status",
	subject: "subject",
	submitter: "submitter_id",
	tags: "tags",
	task_due_at: "due_at",
	type: "type",
};
const COMPANY_FIELDS = { custom_field: "custom_fields", external_id: "external_id", name: "name", tags: "tags" };
const USER_FIELDS = {
	active: "active",
	alias: "alias",
	custom_field: "custom_fields",
	custom_role: "custom_role_id",
	default_group: "default_group_id",
	details: "details",
	external_id: "external_id",
	identity: "identities",
	last_login: "last_login_at",
	name: "name",
	notes: "notes",
	only_private_comments: "only_private_comments",
	photo: "photo",
	role: "role",
	tags: "tags",
};

function changed(native: string, noun: string, fields: Record<string, string>): [string, EventRow][] {
	return Object.entries(fields).map(([name, field]) => [
		`${native}.${name}_changed`,
		{ event_type: `${noun}.updated`, entity: noun, field },
	]);
}

/** By the native name without what all of them begin with. */
const EVENTS: ReadonlyMap<string, EventRow> = new Map<string, EventRow>([
	["messaging_ticket.message_added", { event_type: "conversation_message.created", entity: "ticket" }],
	["organization.created", { event_type: "company.created", entity: "company" }],
	["organization.deleted", { event_type: "company.deleted", entity: "company" }],
	...changed("organization", "company", COMPANY_FIELDS),
	[
		"ticket.attachment_linked_to_comment",
		{ event_type: "ticket_comment.updated", entity: "ticket", field: "attachments" },
	],
	[
		"ticket.attachment_redacted_from_comment",
		{ event_type: "ticket_comment.updated", entity: "ticket", field: "attachments" },
	],
	["ticket.comment_added", { event_type: "ticket_comment.created", entity: "ticket" }],
	["ticket.comment_made_private", { event_type: "ticket_comment.updated", entity: "ticket", field: "public" }],
	["ticket.comment_redacted", { event_type: "ticket_comment.updated", entity: "ticket", field: "body" }],
	["ticket.created", { event_type: "ticket.created", entity: "ticket" }],
	// What is marked as spam is deleted, and who asked for it suspended.
	["ticket.marked_as_spam", { event_type: "ticket.deleted", entity: "ticket" }],
	["ticket.merged", { event_type: "ticket.merged", entity: "ticket" }],
	["ticket.permanently_deleted", { event_type: "ticket.deleted", entity: "ticket" }],
	["ticket.soft_deleted", { event_type: "ticket.deleted", entity: "ticket" }],
	["ticket.undeleted", { event_type: "ticket.restored", entity: "ticket" }],
	...changed("ticket", "ticket", TICKET_FIELDS),
	["user.created", { event_type: "user.created", entity: "user" }],
	["user.deleted", { event_type: "user.deleted", entity: "user" }],
	["user.merged", { event_type: "user.merged", entity: "user" }],
	...changed("user", "user", USER_FIELDS),
]);

export const vocabulary: readonly VocabularyRow[] = [...EVENTS].map(([name, { event_type, entity }]) => ({
	native: PREFIX + name,
	event_type,
	entity,
}));

/** Undefined for what is no native name. */
export function rowOf(native: string): EventRow | undefined {
	const name = /^zen:event-type[:/]([a-z].*)$/i.exec(native)?.[1];
	return name === undefined ? undefined : (EVENTS.get(name) ?? derived(name));
}

const CANONICAL: ReadonlyMap<string, string> = new Map([
	["messaging_ticket", "ticket"],
	["organization", "company"],
]);
const VERBS: ReadonlyMap<string, string> = new Map([
	["added", "created"],
	["created", "created"],
	["deleted", "deleted"],
	["removed", "deleted"],
	["updated", "updated"],
]);

/** What Zendesk adds tomorrow follows the same form: `noun.field_changed`, `noun.part_added`, `noun.happened`. */
function derived(name: string): EventRow {
	const [first = "", ...rest] = name
		.toLowerCase()
		.replace(/[^a-z0-9_.]/g, "_")
		.split(".");
	const entity = CANONICAL.get(first) ?? first;
	const happened = rest.join("_");
	const field = /^(.+)_changed$/.exec(happened)?.[1];
	if (field !== undefined) return { event_type: `${entity}.updated`, entity, field };
	const [, part, end = ""] = /^(.+)_([a-z]+)$/.exec(happened) ?? [];
	const verb = VERBS.get(end);
	if (part !== undefined && verb !== undefined) return { event_type: `${entity}_${part}.${verb}`, entity };
	return { event_type: `${entity}.${happened || "created"}`, entity };
}
