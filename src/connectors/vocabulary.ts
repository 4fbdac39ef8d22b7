// The words of canonical event types and entities: the same idea has the same name whichever system it comes from. An
// event type is a noun and a verb, like `ticket.created`; an entity type is a noun. What happens inside a thing is about
// that thing, so that it can be windowed with it: the entity of `ticket_comment.created` is the ticket.

/** Each with what it stands for. A source whose event fits none keeps the system's own word in lower case. */
export const NOUNS: Readonly<Record<string, string>> = {
	app: "A program that has been let into a system.",
	app_home: "The page that an app shows to one person.",
	channel: "A room of a chat.",
	channel_member: "Somebody's place in a channel.",
	company: "An organisation in a CRM.",
	component: "A part of a service whose state is published.",
	contact: "A person in a CRM or a helpdesk who is no user of it.",
	conversation: "A talk with a customer.",
	conversation_message: "A message in a conversation.",
	customer: "Somebody who buys.",
	deal: "A sale that may come about.",
	file: "A file.",
	incident: "Something that is broken and worked on.",
	incident_note: "A note on an incident.",
	issue: "A piece of work in a tracker.",
	issue_comment: "A comment on an issue.",
	mention: "A text that calls on somebody by name.",
	message: "A message in a chat.",
	message_metadata: "What a program has attached to a message unseen.",
	order: "A purchase.",
	page: "A document.",
	page_comment: "A comment on a page.",
	pin: "What keeps a message where everybody finds it.",
	reaction: "A sign that answers a text, like an emoji.",
	ticket: "A request for help.",
	ticket_comment: "A comment on a ticket, public or internal.",
	user: "Somebody with an account at the system.",
	workspace: "What a team's things all stand in.",
};

/** Each with what it says. Changes of single fields are `updated`, and stand in the event's `changes`. */
export const VERBS: Readonly<Record<string, string>> = {
	acknowledged: "Somebody has taken it on.",
	archived: "It is put away, and can be brought back.",
	created: "It is new.",
	deleted: "It is gone, or in a bin.",
	merged: "It has become a part of another, or another of it.",
	rate_limited: "Some of what it would have been told is held back, because it was too much.",
	reopened: "It was over and is open again.",
	resolved: "What was wrong is right again.",
	restored: "It was deleted or put away, and is back.",
	revoked: "What it was allowed it is allowed no longer.",
	uninstalled: "It has been put out.",
	updated: "Some of its fields have changed.",
	viewed: "Somebody has looked at it.",
};
