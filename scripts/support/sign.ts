// Deliveries as their vendors sign them: by the vendors' own libraries where there are any that sign.

import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { sign as signGitHub } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import type Stripe from "stripe";

/** By connector. What shows a token instead of signing has its token in a header. */
export const VENDORS = [
	"docusign",
	"github",
	"hubspot",
	"pagerduty",
	"standard-webhooks",
	"stripe",
	"token",
	"zendesk",
] as const;
export type Vendor = (typeof VENDORS)[number];

export interface SignRequest {
	vendor: Vendor;
	secret: string;
	body: string;
	/** The delivery's id and time, where the signature covers them. Epoch milliseconds. */
	id: string;
	at: number;
	/** The address that it is sent to, where the signature covers that. */
	url: string;
}

/** The headers that prove a delivery. */
export async function sign({ vendor, secret, body, id, at, url }: SignRequest): Promise<Record<string, string>> {
	const timestamp = Math.floor(at / 1_000);
	switch (vendor) {
		case "docusign":
			return { "x-docusign-signature-1": hmac(secret, body, "base64") };
		case "github":
			return { "x-github-delivery": id, "x-hub-signature-256": await signGitHub(secret, body) };
		case "hubspot":
			return {
				"x-hubspot-request-timestamp": String(at),
				"x-hubspot-signature-v3": hmac(secret, `POST${url}${body}${at}`, "base64"),
			};
		case "pagerduty":
			return { "x-pagerduty-signature": `v1=${hmac(secret, body, "hex")}`, "x-webhook-id": id };
		case "standard-webhooks":
			return {
				"webhook-id": id,
				"webhook-timestamp": String(timestamp),
				"webhook-signature": new Webhook(secret).sign(id, new Date(at), body),
			};
		case "stripe":
			return { "stripe-signature": stripe().webhooks.generateTestHeaderString({ payload: body, secret, timestamp }) };
		case "token":
			return { "x-webhook-token": secret };
		case "zendesk": {
			const time = new Date(at).toISOString();
			return {
				"x-zendesk-webhook-signature": hmac(secret, time + body, "base64"),
				"x-zendesk-webhook-signature-timestamp": time,
				"x-zendesk-webhook-invocation-id": id,
			};
		}
	}
}

function hmac(secret: string, text: string, encoding: "hex" | "base64"): string {
	return createHmac("sha256", secret).update(text).digest(encoding);
}

/** Loaded when it is needed, and past bundlers, which would choose the build for Workers. */
function stripe(): Stripe {
	const Constructor = createRequire(import.meta.url)("stripe") as typeof Stripe;
	return new Constructor("sk_test");
}
