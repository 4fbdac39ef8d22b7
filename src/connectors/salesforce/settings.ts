// The settings of a Salesforce source, and what they say of who acts.

import { z } from "zod";
import type { Actor } from "../../model/event";
import { configReader } from "../config";

const UserId = z
	.string()
	.regex(/^005[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$/, "write the id of a user, like 0055e000001FLOWAAA");
const OrganizationId = z
	.string()
	.regex(/^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$/, "write the id of an organization, like 00D5e000001FERNEAO");

export const Settings = z.strictObject({
	kind: z
		.enum(["outbound_message", "change_event"])
		.default("outbound_message")
		.describe(
			"What comes in: outbound messages, or events of change data capture from a relay that signs them by Standard Webhooks.",
		),
	organizations: z
		.array(OrganizationId)
		.max(50)
		.default([])
		.describe("The organizations whose outbound messages are accepted; all, if there are none."),
	own: z.array(UserId).max(50).default([]).describe("User ids that only our own writes appear under."),
	integrations: z
		.array(UserId)
		.max(200)
		.default([])
		.describe(
			"User ids of all other integrations. Outbound messages do not tell them from people: who is in neither list counts as a person, and nobody does while both are empty.",
		),
	own_client: z
		.string()
		.min(1)
		.max(64)
		.default("signalbox")
		.describe("The `client` of the connection that writes there; change events name it."),
});
export type Settings = z.infer<typeof Settings>;
export const readSettings = configReader(Settings);

/** What the lists say of a user; undefined if it is in none. */
export function listedKind(user: string | undefined, { own, integrations }: Settings): Actor["kind"] | undefined {
	if (user === undefined) return undefined;
	if (holds(own, user)) return "self";
	return holds(integrations, user) ? "automation" : undefined;
}

export function holds(ids: string[], id: string): boolean {
	return ids.some((each) => withoutCheck(each) === withoutCheck(id));
}

/** An id of 18 characters is one of 15, and three more by which its capitals can be told where they were lost. */
function withoutCheck(id: string): string {
	return id.length === 18 ? id.slice(0, 15) : id;
}
