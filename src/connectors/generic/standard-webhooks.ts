// Senders that follow the Standard Webhooks specification (v1, HMAC), and Svix, whose headers have another prefix.
// Asymmetric signatures (v1a) in the same header are passed over.

import { z } from "zod";
import { configReader } from "../config";
import type { Connector, HmacScheme } from "../connector";
import { mappingShape, normalizeByMapping } from "../inbound/mapping";

const { event_id: _, ...shape } = mappingShape;

const Config = z.strictObject({
	headers: z
		.enum(["webhook", "svix"])
		.default("webhook")
		.describe("What the names of the signature's headers begin with."),
	...shape,
});
const read = configReader(Config);

export const standardWebhooks: Connector = {
	id: "standard-webhooks",
	title: "Standard Webhooks",
	source: {
		config: Config,
		trust: () => "signed",
		verification: (config) => standardSchemes[read(config).headers],
		identified_by: "The header `webhook-id` (or `svix-id`).",
		own_writes: "By the actor ids in `own`.",
		vocabulary: [],
		normalize: (delivery, json, config) => {
			const settings = read(config);
			return normalizeByMapping(delivery, json, { ...settings, event_id: [`header:${settings.headers}-id`] });
		},
	},
};

/** By what the names of the headers begin with. */
export const standardSchemes = { webhook: scheme("webhook"), svix: scheme("svix") };

/** The timestamp is that of the attempt, so retries pass the check; the id stays the same over them. */
function scheme(prefix: string): HmacScheme {
	return {
		kind: "hmac",
		hash: "SHA-256",
		encoding: "base64",
		key: { encoding: "base64", prefix: "whsec_" },
		signed: "{id}.{timestamp}.{body}",
		signature: { header: `${prefix}-signature`, format: { kind: "list", separator: " ", prefix: "v1," } },
		timestamp: { from: "header", header: `${prefix}-timestamp`, unit: "s", tolerance_s: 300 },
		id: { header: `${prefix}-id` },
	};
}
