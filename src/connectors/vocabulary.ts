// The words of canonical event types and entities: the same idea has the same name whichever system it comes from. An
// event type is a noun and a verb, like `ticket.created`; an entity type is a noun. What happens inside a thing is about
// that thing, so that it can be windowed with it: the entity of `ticket_comment.created` is the ticket.

/** Each with what it stands for. A source whose event fits none keeps the system's own word in lower case. */
export const NOUNS: Readonly<Record<string, string>> = {
	call: "A talk by telephone.",
	company: "An organisation in a CRM.",
	component: "A part of a service whose state is published.",
	contact: "A person in a CRM or a helpdesk who is no user of it.",
	conversation: "A talk with a customer.",
	conversation_message: "A message in a conversation.",
	customer: "Somebody who buys.",
	deal: "A sale that may come about.",
	email: "A message sent by mail.",
	envelope: "Documents that are sent out to be signed.",
	envelope_recipient: "Somebody who is to sign an envelope, or to see it.",
	incident: "Something that is broken and worked on.",
	incident_note: "A note on an incident.",
	issue: "A piece of work in a tracker.",
	issue_comment: "A comment on an issue.",
	lead: "Somebody who may come to buy.",
	line_item: "A line of a sale or a purchase.",
	meeting: "A talk at an appointed time.",
	message: "A message in a chat.",
	note: "A text about a record of a CRM.",
	order: "A purchase.",
	page: "A document.",
	page_comment: "A comment on a page.",
	product: "Something that is sold.",
	pull_request: "A change of code that is proposed.",
	task: "Something that somebody is to do.",
	template: "What new documents are made from.",
	ticket: "A request for help.",
	ticket_comment: "A comment on a ticket, public or internal.",
	user: "Somebody with an account at the system.",
};

/** Each with what it says. Changes of single fields are `updated`, and stand in the event's `changes`. */
export const VERBS: Readonly<Record<string, string>> = {
	acknowledged: "Somebody has taken it on.",
	closed: "Nobody works on it any more.",
	completed: "All of it is done.",
	created: "It is new.",
	declined: "Somebody has refused it.",
	delegated: "Somebody else is to do it.",
	deleted: "It is gone, or in a bin.",
	delivered: "It has reached whoever it was sent to.",
	merged: "It has become a part of another, or another of it.",
	reopened: "It was over and is open again.",
	resent: "It was sent once more.",
	resolved: "What was wrong is right again.",
	restored: "It was deleted and is back.",
	sent: "It is on its way.",
	updated: "Some of its fields have changed.",
	voided: "It was taken back, and is not valid any more.",
};
