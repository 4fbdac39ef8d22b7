// Deliveries as the vendors send them, signed at the time that the tests have.

import type { JsonObject } from "../../../src/model/json";
import { sign } from "./outside";

/** What one HTTP delivery consists of. */
export interface Sent {
	source: string;
	headers: Record<string, string>;
	body: string;
}

export const SECRETS = {
	github: "github-webhook-secret",
	stripe: "whsec_stripe_endpoint_secret",
	accounts: `whsec_${btoa("standard-webhooks-secret-of-32-b")}`,
	shop: "a-long-shared-token",
};

/** What a test may want otherwise. */
export interface Otherwise {
	source?: string;
	secret?: string;
	/** The delivery's id. */
	id?: string;
	/** When it is signed, in epoch milliseconds. */
	at?: number;
}

let serial = 0;
function nextId(): string {
	serial += 1;
	return `d-${serial}`;
}

export interface Edit extends Otherwise {
	issue?: number;
	title?: string;
	/** When the issue was changed, in epoch milliseconds. */
	updated?: number;
	action?: string;
	sender?: JsonObject;
	changes?: JsonObject;
}

/** Somebody does something to an issue on GitHub; by default a person edits its title. */
export async function gitHub(edit: Edit = {}): Promise<Sent> {
	const { issue = 1, title = "A title", updated = Date.now(), action = "edited", id = nextId() } = edit;
	const body = JSON.stringify({
		action,
		issue: { id: 1_000 + issue, number: issue, title, updated_at: new Date(updated).toISOString() },
		changes: edit.changes ?? { title: { from: "Before" } },
		sender: edit.sender ?? { id: 7, login: "dana", type: "User" },
		repository: { id: 1, full_name: "acme/shop" },
	});
	const { source = "github", secret = SECRETS.github, at = Date.now() } = edit;
	const headers = await sign({ vendor: "github", secret, body, id, at });
	return { source, headers: { ...JSON_BODY, "x-github-event": "issues", ...headers }, body };
}

/** An event of Stripe's about an object. */
export async function stripe(
	type: string,
	object: JsonObject,
	{ previous, request, ...otherwise }: Otherwise & { previous?: JsonObject; request?: JsonObject } = {},
): Promise<Sent> {
	const { source = "stripe", secret = SECRETS.stripe, id = nextId(), at = Date.now() } = otherwise;
	const created = Math.floor(at / 1_000);
	const data = { object, previous_attributes: previous };
	const body = JSON.stringify({ id: `evt_${id}`, object: "event", type, created, data, request });
	const headers = await sign({ vendor: "stripe", secret, body, id, at });
	return { source, headers: { ...JSON_BODY, ...headers }, body };
}

/** An event after the Standard Webhooks specification. */
export async function standard(type: string, data: JsonObject, otherwise: Otherwise = {}): Promise<Sent> {
	const { source = "accounts", secret = SECRETS.accounts, id = nextId(), at = Date.now() } = otherwise;
	const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
	const headers = await sign({ vendor: "standard-webhooks", secret, body, id, at });
	return { source, headers: { ...JSON_BODY, ...headers }, body };
}

/** An event of a system that sends a shared token along. */
export function shop(type: string, data: JsonObject, otherwise: Otherwise = {}): Sent {
	const { source = "shop", secret = SECRETS.shop, id = nextId(), at = Date.now() } = otherwise;
	const body = JSON.stringify({ id, type, timestamp: new Date(at).toISOString(), data });
	return { source, headers: { ...JSON_BODY, "x-webhook-token": secret }, body };
}

const JSON_BODY = { "content-type": "application/json" };
