// Statuspage: what it tells the subscribers of a page, and the incidents that are written there.

import { z } from "zod";
import { configReader } from "../config";
import type { Connector, TokenScheme } from "../connector";
import { statuspageConnection } from "./api";
import { createIncident } from "./create";
import { resolveIncident, updateIncident } from "./edit";
import { getComponent, getIncident } from "./read";
import { normalize, VOCABULARY } from "./source";

const Config = z.strictObject({
	pages: z
		.array(z.string().min(1).max(64))
		.max(50)
		.default([])
		.describe("The ids of the pages whose webhooks are accepted; all, if there are none."),
});
const read = configReader(Config);

/** Nothing is signed: the token stands in the address that was subscribed. */
const TOKEN: TokenScheme = {
	kind: "token",
	places: [{ in: "path" }, { in: "query", name: "token" }, { in: "header", name: "x-webhook-token" }],
};

export const statuspage: Connector = {
	id: "statuspage",
	title: "Statuspage",
	source: {
		config: Config,
		trust: () => "token",
		verification: () => TOKEN,
		identified_by: "The id of the component's update, or of the incident's newest update.",
		own_writes:
			"An incident that we created, by our mark in its metadata, if Statuspage gives that back. Other updates name nobody.",
		// Whoever follows it ends the subscription.
		secrets_in_body: [/"unsubscribe"\s*:\s*"([^"]+)"/g],
		vocabulary: VOCABULARY,
		normalize: (_delivery, json, config) => normalize(json, read(config).pages),
	},
	connection: statuspageConnection,
	actions: {
		create_incident: createIncident,
		get_component: getComponent,
		get_incident: getIncident,
		resolve_incident: resolveIncident,
		update_incident: updateIncident,
	},
};
