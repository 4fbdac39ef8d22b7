// The words of canonical event types and entities: the same idea has the same name whichever system it comes from. An
// event type is a noun and a verb, like `ticket.created`; an entity type is a noun. What happens inside a thing is about
// that thing, so that it can be windowed with it: the entity of `ticket_comment.created` is the ticket.

/** Each with what it stands for. A source whose event fits none keeps the system's own word in lower case. */
export const NOUNS: Readonly<Record<string, string>> = {
	company: "An organisation in a CRM.",
	component: "A part of a service whose state is published.",
	contact: "A person in a CRM or a helpdesk who is no user of it.",
	conversation: "A talk with a customer.",
	conversation_message: "A message in a conversation.",
	conversation_note: "A note on a conversation that only colleagues read.",
	customer: "Somebody who buys.",
	deal: "A sale that may come about.",
	email: "A message sent by mail.",
	incident: "Something that is broken and worked on.",
	incident_note: "A note on an incident.",
	issue: "A piece of work in a tracker.",
	issue_comment: "A comment on an issue.",
	message: "A message in a chat.",
	order: "A purchase.",
	page: "A document.",
	page_comment: "A comment on a page.",
	pull_request: "A change of code that is proposed.",
	ticket: "A request for help.",
	ticket_comment: "A comment on a ticket, public or internal.",
	user: "Somebody with an account at the system.",
};

/** Each with what it says. Changes of single fields are `updated`, and stand in the event's `changes`. */
export const VERBS: Readonly<Record<string, string>> = {
	acknowledged: "Somebody has taken it on.",
	closed: "Nobody works on it any more.",
	created: "It is new.",
	deleted: "It is gone, or in a bin.",
	merged: "It has become a part of another, or another of it.",
	reopened: "It was over and is open again.",
	resolved: "What was wrong is right again.",
	restored: "It was deleted and is back.",
	updated: "Some of its fields have changed.",
};
