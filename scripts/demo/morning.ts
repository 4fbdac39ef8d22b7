// The scripted morning: real payloads, signed by the vendors' own libraries.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { sign } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";

export const SECRETS = {
	github: "demo-github-webhook-secret",
	stripe: "whsec_demo_stripe_endpoint_secret",
	accounts: `whsec_${Buffer.from("demo-standard-webhooks-secret-32b").toString("base64")}`,
};

export interface Delivery {
	/** What happens in the story. */
	about: string;
	source: keyof typeof SECRETS;
	headers: Record<string, string>;
	body: string;
	/** Milliseconds to wait before it. */
	after: number;
}

type GitHubExamples = { name: string; examples: Record<string, unknown>[] }[];
const examples = JSON.parse(
	readFileSync(createRequire(import.meta.url).resolve("@octokit/webhooks-examples"), "utf8"),
) as GitHubExamples;

function gitHubExample(event: string, action: string): Record<string, unknown> {
	const found = examples.find(({ name }) => name === event)?.examples.find((example) => example.action === action);
	if (found === undefined) throw new Error(`there is no example of ${event}.${action}`);
	return found;
}

let serial = 0;

async function gitHub(about: string, payload: object, after: number): Promise<Delivery> {
	const body = JSON.stringify(payload);
	serial += 1;
	const headers = {
		"content-type": "application/json",
		"x-github-event": "issues",
		"x-github-delivery": `d0000000-0000-4000-8000-${String(serial).padStart(12, "0")}`,
		"x-hub-signature-256": await sign(SECRETS.github, body),
	};
	return { about, source: "github", headers, body, after };
}

/** Somebody words the title of one issue in six goes. */
async function burst(): Promise<Delivery[]> {
	const payload = gitHubExample("issues", "edited");
	const titles = [
		"Spelling eror",
		"Spelling error",
		"Spelling error in",
		"Spelling error in the",
		"Spelling error in the README",
		"Spelling error in the README file",
	];
	return Promise.all(
		titles.map((title, n) => {
			const updated_at = new Date(Date.now() + n * 400).toISOString();
			const issue = { ...(payload.issue as object), title, updated_at };
			return gitHub(
				`edit ${n + 1} of issue #1: “${title}”`,
				{ ...payload, issue, changes: { title: { from: titles[n - 1] ?? "" } } },
				400,
			);
		}),
	);
}

async function stripe(about: string, amount_due: number): Promise<Delivery> {
	serial += 1;
	const body = JSON.stringify(
		{
			id: `evt_demo_${serial}`,
			object: "event",
			created: Math.floor(Date.now() / 1_000),
			type: "invoice.payment_failed",
			data: {
				object: { id: `in_demo_${serial}`, object: "invoice", amount_due, currency: "eur", customer: "cus_fern" },
			},
			request: { id: null, idempotency_key: null },
		},
		null,
		2,
	);
	const header = await new Stripe("sk_test_demo").webhooks.generateTestHeaderStringAsync({
		payload: body,
		secret: SECRETS.stripe,
	});
	return {
		about,
		source: "stripe",
		headers: { "content-type": "application/json", "stripe-signature": header },
		body,
		after: 200,
	};
}

function signup(name: string, plan: string, country: string): Delivery {
	serial += 1;
	const at = new Date();
	const id = `msg_demo_${serial}`;
	const body = JSON.stringify({
		type: "user.created",
		timestamp: at.toISOString(),
		data: { id: `usr_${serial}`, name, plan, country },
	});
	const headers = {
		"content-type": "application/json",
		"webhook-id": id,
		"webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
		"webhook-signature": new Webhook(SECRETS.accounts).sign(id, at, body),
	};
	return { about: `${name} signs up (${plan})`, source: "accounts", headers, body, after: 150 };
}

/** Everything that comes in, in order. */
export async function morning(): Promise<Delivery[]> {
	const edits = await burst();
	const [first, second] = edits as [Delivery, Delivery, ...Delivery[]];
	const pinned = gitHubExample("issues", "pinned");
	const edited = gitHubExample("issues", "edited");
	const bot = { ...(edited.sender as object), type: "Bot", login: "tidy[bot]", id: 41_898_282 };
	return [
		...edits,
		{ ...first, about: "edit 1 again: GitHub redelivers", after: 100 },
		{ ...second, about: "edit 2 again: GitHub redelivers", after: 100 },
		{
			...first,
			about: "somebody forges an edit",
			headers: { ...first.headers, "x-github-delivery": "forged", "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
			after: 100,
		},
		await gitHub("a bot edits issue #1", { ...edited, sender: bot }, 100),
		await gitHub("issue #1 is pinned", pinned, 100),
		await stripe("a payment of 49.00 EUR fails", 4_900),
		await stripe("a payment of 3.00 EUR fails", 300),
		signup("Ada", "free", "GB"),
		signup("Grace", "free", "US"),
		signup("Linus", "team", "FI"),
		signup("Barbara", "free", "US"),
		signup("Fern Hollow Ltd", "enterprise", "GB"),
	];
}
