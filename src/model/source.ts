// A tenant's inbound endpoint of one connector, and its live signing secrets as the edge sees them.

import { z } from "zod";
import { JsonObject } from "./json";
import { Name } from "./name";

export const SourceInput = z.strictObject({
	connector: Name.describe("The connector that verifies and normalizes its deliveries."),
	config: JsonObject.default({}).describe("Settings of the connector."),
	secrets: z
		.array(z.string().min(1).max(4_096))
		.min(1)
		.max(5)
		.optional()
		.describe("Signing secrets, written only; any of them is accepted."),
});
export type SourceInput = z.infer<typeof SourceInput>;

export interface Source {
	tenant: string;
	name: string;
	connector: string;
	config: JsonObject;
	/** Opened secrets, newest first; expired ones are left out. */
	secrets: string[];
}
