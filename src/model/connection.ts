// A tenant's outbound credentials for one connector.

import { z } from "zod";
import { JsonObject } from "./json";
import { Name } from "./name";

export const ConnectionInput = z.strictObject({
	connector: Name.describe("The connector whose actions use it."),
	owner: z.string().min(1).max(100).describe("The team that answers for it."),
	config: JsonObject.default({}).describe("Settings of the connector, readable."),
	credentials: JsonObject.optional().describe("Secrets of the connector, written only."),
});
export type ConnectionInput = z.infer<typeof ConnectionInput>;

export interface Connection {
	tenant: string;
	name: string;
	connector: string;
	config: JsonObject;
	/** Opened; only delivery asks for them. */
	credentials: JsonObject;
}
