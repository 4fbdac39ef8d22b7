// Adding and removing tags. An update of a ticket would replace all that it has.

import type { Json, JsonObject } from "../../model/json";
import { valueAt } from "../inbound/read";
import type { Call } from "../outbound/json-api";
import { jsonAction, pathOf } from "../outbound/json-api";
import { Ticket, ticketScope, zendeskApi } from "./api";
import { Tags } from "./fields";

const Tagged = Ticket.extend({ tags: Tags });

const common = {
	input: Tagged,
	output: { ticket_id: "The ticket's id.", tags: "All tags that the ticket has now." },
	repeatable: true,
	writes: { entity: "ticket", fields: ["tags"] },
	scopes: ["tickets:write"],
	mark: "The user whose token is used.",
	scope: ticketScope,
	done: [200],
	result: (answer: Json, input: JsonObject) => {
		const tags = valueAt(answer, "tags");
		return { output: { ticket_id: input.ticket_id ?? null, tags: Array.isArray(tags) ? tags : null } };
	},
};

function call(method: Call["method"], { ticket_id, tags }: { ticket_id: string; tags: string[] }): Call {
	return { method, path: pathOf`/tickets/${ticket_id}/tags`, body: { tags } };
}

export const addTags = jsonAction(zendeskApi, {
	...common,
	// Nothing undoes it by itself: the answer has all tags, and does not tell those apart that were there before.
	about: "Adds tags to those that a ticket has. To take them away again, name zendesk.remove_tags as its undoing.",
	call: (input) => call("PUT", input),
});

export const removeTags = jsonAction(zendeskApi, {
	...common,
	about: "Takes tags away from a ticket. Those that it does not have stay away.",
	call: (input) => call("DELETE", input),
});
