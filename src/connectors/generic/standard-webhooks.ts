// Senders that follow the Standard Webhooks specification, and Svix, whose headers have another prefix. They sign with a
// shared secret (v1, HMAC) or with a key of which we have the public half (v1a, ed25519); what a source's secrets are
// shows in what they begin with. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

import { z } from "zod";
import { configReader } from "../config";
import type { Connector, SignatureScheme, Verification } from "../connector";
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
export const standardSchemes = { webhook: schemesOf("webhook"), svix: schemesOf("svix") };

/** Signatures of the other version in the same header are passed over. */
function schemesOf(prefix: string): Verification {
	return {
		kind: "any",
		of: [
			{
				kind: "hmac",
				hash: "SHA-256",
				encoding: "base64",
				key: { encoding: "base64", prefix: "whsec_" },
				...signedBy(prefix, "v1,"),
			},
			{ kind: "ed25519", key_prefix: "whpk_", ...signedBy(prefix, "v1a,") },
		],
	};
}

/** The timestamp is that of the attempt, so retries pass the check; the id stays the same over them. */
function signedBy(prefix: string, version: string): Pick<SignatureScheme, "signed" | "signature" | "timestamp" | "id"> {
	return {
		signed: "{id}.{timestamp}.{body}",
		signature: { header: `${prefix}-signature`, format: { kind: "list", separator: " ", prefix: version } },
		timestamp: { from: "header", header: `${prefix}-timestamp`, unit: "s", tolerance_s: 300 },
		id: { header: `${prefix}-id` },
	};
}
