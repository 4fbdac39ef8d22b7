// Zendesk: tickets and their comments, and whatever its webhooks tell.

import type { Connector } from "../connector";
import { zendeskConnection } from "./api";
import { addComment, hideComment } from "./comments";
import { createTicket, deleteTicket } from "./create";
import { zendeskSource } from "./source";
import { addTags, removeTags } from "./tags";
import { getTicket, updateTicket } from "./tickets";

export const zendesk: Connector = {
	id: "zendesk",
	title: "Zendesk",
	source: zendeskSource,
	connection: zendeskConnection,
	actions: {
		add_comment: addComment,
		add_tags: addTags,
		create_ticket: createTicket,
		delete_ticket: deleteTicket,
		get_ticket: getTicket,
		hide_comment: hideComment,
		remove_tags: removeTags,
		update_ticket: updateTicket,
	},
};
