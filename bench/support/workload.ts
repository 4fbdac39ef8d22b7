// The deliveries that are measured: one real GitHub payload, made about many issues or about one, properly signed.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { sign } from "@octokit/webhooks-methods";
import { type Api, apiOf } from "../../scripts/support/api.ts";
import { ROOT_TOKEN } from "./dev-vars.ts";

export const SECRET = "bench-webhook-secret";
export const MANY = 100;

export interface Delivery {
	headers: Record<string, string>;
	body: string;
}

const examples = createRequire(import.meta.url).resolve("@octokit/webhooks-examples");
const payload = findPayload(JSON.parse(readFileSync(examples, "utf8")));

function findPayload(all: { name: string; examples: { action?: string }[] }[]): Record<string, unknown> {
	const found = all.find(({ name }) => name === "issues")?.examples.find(({ action }) => action === "edited");
	if (found === undefined) throw new Error("the examples hold no edited issue");
	return found as Record<string, unknown>;
}

let serial = 0;

/** `issueOf` says which issue the n-th delivery is about; each delivery has an id of its own. */
export async function makeDeliveries(count: number, issueOf: (n: number) => number): Promise<Delivery[]> {
	const made: Delivery[] = [];
	for (let n = 0; n < count; n++) {
		serial += 1;
		const issue = {
			...(payload.issue as object),
			id: 1_000_000 + issueOf(n),
			number: n + 3,
			updated_at: new Date().toISOString(),
		};
		const body = JSON.stringify({ ...payload, issue });
		made.push({
			body,
			headers: {
				"content-type": "application/json",
				"x-github-event": "issues",
				"x-github-delivery": `bench-${process.pid}-${serial}`,
				"x-hub-signature-256": await sign(SECRET, body),
			},
		});
	}
	return made;
}

const OUT = "use: http.request, connection: out";
const TITLE = 'with: { path: /tell, body: { title: "${{ event.data.issue.title }}" } }';

/** One tenant for each workload, so that each meets one workflow. */
const WORKFLOWS: Record<string, string> = {
	immediate: `
on: { source: github, event: issue.updated, if: 'event.data.issue.number > 0' }
steps:
  - { id: tell, ${OUT}, ${TITLE} }`,
	debounced: `
on: { source: github, event: issue.updated, if: 'event.data.issue.number > 0' }
timing: { debounce: { quiet: 4s, max_wait: 60s } }
steps:
  - { id: tell, ${OUT}, ${TITLE} }`,
	three_steps: `
on: { source: github, event: issue.updated }
steps:
  - { id: read, use: http.get, connection: out, with: { path: /read } }
  - { id: first, ${OUT}, needs: [read], with: { path: /tell, body: { read: "\${{ steps.read.output.status }}" } } }
  - { id: second, ${OUT}, needs: [first], ${TITLE} }`,
	joined: `
key: string(event.data.issue.id)
timing:
  join:
    branches:
      one: { on: { source: github, event: issue.updated, if: 'event.data.issue.number % 3 == 0' } }
      two: { on: { source: github, event: issue.updated, if: 'event.data.issue.number % 3 == 1' } }
      three: { on: { source: github, event: issue.updated, if: 'event.data.issue.number % 3 == 2' } }
    by: 1h
    late: reopen
steps:
  - { id: tell, ${OUT}, ${TITLE} }`,
};

export async function prepareTenants(serviceUrl: string, receiverUrl: string): Promise<Api> {
	const api = apiOf(serviceUrl, ROOT_TOKEN);
	for (const [name, workflow] of Object.entries(WORKFLOWS)) {
		const tenant = name.replace("_", "-");
		await api.put(`/tenants/${tenant}`, {});
		await api.put(`/tenants/${tenant}/sources/github`, { connector: "github", secrets: [SECRET] });
		await api.put(`/tenants/${tenant}/connections/out`, {
			connector: "http",
			owner: "bench",
			config: { base_url: receiverUrl },
			credentials: {},
		});
		await api.post(`/tenants/${tenant}/workflows`, `name: tell\nowner: bench${workflow}\n`, "application/yaml");
	}
	return api;
}
