// A tenant's outbound credentials for one connector.

import { z } from "zod";
import { durationBetween } from "./duration";
import { JsonObject } from "./json";
import { Name } from "./name";

const Per = durationBetween("1s", "1d");

/** What the target of a connection bears, where that is not what its connector's vendor publishes. */
export const ConnectionLimits = z
	.strictObject({
		requests: z.int().min(1).max(1_000_000).optional().describe("At most so many requests in any stretch of `per`."),
		per: z
			.string()
			.refine((text) => Per.safeParse(text).success, "write a duration between 1s and 1d, like 1m")
			.optional()
			.describe("The stretch of time, like 1m."),
		burst: z.int().min(1).max(1_000_000).optional().describe("So many of them at once; by default a tenth of them."),
		concurrency: z.int().min(1).max(1_000).optional().describe("At most so many requests under way at once."),
	})
	.refine(({ requests, per }) => (requests === undefined) === (per === undefined), "give requests and per together")
	.refine(
		({ requests, burst }) => burst === undefined || (requests !== undefined && burst <= requests),
		"burst is a part of requests: give requests, and no larger burst",
	);
export type ConnectionLimits = z.infer<typeof ConnectionLimits>;

/** What a vendor publishes of what its system bears. */
export interface Limits {
	rate?: { requests: number; per_ms: number; burst?: number };
	concurrency?: number;
}

/** At most `requests` in any stretch of `per_ms`, at most `burst` of them at once. */
export interface Rate {
	requests: number;
	per_ms: number;
	burst: number;
}

/** What holds for a connection in the end. */
export interface Bounds {
	/** Null: as often as there is something to send. */
	rate: Rate | null;
	/** Requests under way at once, over all batches. */
	concurrency: number;
}

export const ConnectionInput = z.strictObject({
	connector: Name.describe("The connector whose actions use it."),
	owner: z.string().min(1).max(100).describe("The team that answers for it."),
	config: JsonObject.default({}).describe("Settings of the connector, readable."),
	credentials: JsonObject.optional().describe("Secrets of the connector, written only."),
	limits: ConnectionLimits.optional().describe(
		"What its target bears; by default what the connector's vendor publishes.",
	),
});
export type ConnectionInput = z.infer<typeof ConnectionInput>;

export interface Connection {
	tenant: string;
	name: string;
	connector: string;
	config: JsonObject;
	/** Opened; only delivery asks for them. */
	credentials: JsonObject;
	limits?: ConnectionLimits;
}
