// The workflows of a soak, in each of its tenants. What a request is about stands in its body, so that the receiver can
// tell effects apart: `of` is its workflow and step.

import { type Api, apiOf } from "../../scripts/support/api.ts";
import { ROOT_TOKEN } from "./dev-vars.ts";

export const SECRET = "soak-webhook-secret";
export const TENANTS = ["alpha", "beta"] as const;
export const ITEMS = ["x", "y", "z"] as const;
/** A join that one branch never comes to is over after this. */
export const JOIN_MS = 8 * 60_000;

/** `share`: of a hundred deliveries. `action`: GitHub's. */
export const KINDS = {
	forward: { action: "deleted", share: 30 },
	settle: { action: "edited", share: 25 },
	chain: { action: "locked", share: 12 },
	spread: { action: "unlocked", share: 8 },
	meet: { action: "opened", share: 7 },
	saga: { action: "reopened", share: 8 },
	notify: { action: "pinned", share: 10 },
} as const;
export type Kind = keyof typeof KINDS;

const QUICK = "timeout: 2s, retry: { attempts: 4, base: 1s, cap: 6s }";
const EVENT = 'event: "${{ event.id }}"';

function on(action: string): string {
	return `on: { source: github, event: issue.${action} }`;
}

function post(id: string, body: string, more = "", connection = "out"): string {
	return `  - { id: ${id}, use: http.request, connection: ${connection}, ${QUICK}, with: { path: /act, body: { ${body} } }${more} }`;
}

function say(id: string, more = ""): string {
	return `  - { id: ${id}, use: slack.post_message, connection: chat, ${QUICK}, with: { channel: "C\${{ string(event.data.issue.number % 20) }}", text: "${id} \${{ event.id }}" }${more} }`;
}

const DOCUMENTS: Record<Kind, string> = {
	forward: `${on("deleted")}
steps:
${post("tell", `of: forward.tell, ${EVENT}`)}`,
	settle: `${on("updated")}
timing: { debounce: { quiet: 1s, max_wait: 5s } }
steps:
${post("tell", 'of: settle.tell, events: "${{ window.event_ids }}"')}`,
	chain: `${on("locked")}
steps:
${post("first", `of: chain.first, ${EVENT}`)}
  - { id: read, use: http.get, connection: out, needs: [first], ${QUICK}, with: { path: "/read/\${{ event.id }}" } }
${post("last", `of: chain.last, ${EVENT}, read: "\${{ steps.read.output.status }}"`)}`,
	spread: `${on("unlocked")}
steps:
${post("tell", `of: spread.tell, ${EVENT}, item: "\${{ item }}"`, `, for_each: '["${ITEMS.join('", "')}"]'`)}`,
	meet: `key: string(event.data.issue.id)
timing:
  join:
    branches:
      one: { on: { source: github, event: issue.created } }
      two: { on: { source: github, event: issue.closed } }
    by: ${JOIN_MS / 60_000}m
steps:
${post("tell", 'of: meet.tell, events: ["${{ branches.one.event.id }}", "${{ branches.two.event.id }}"]')}`,
	saga: `${on("reopened")}
steps:
${post("reserve", `of: saga.reserve, ${EVENT}`, `, undo: { use: http.request, connection: book, ${QUICK}, with: { path: /act, body: { of: saga.unreserve, ${EVENT} } } }`, "book")}
${say("announce", ", needs: [reserve]")}
${post("confirm", `of: saga.confirm, ${EVENT}, refuse: "\${{ event.data.issue.number % 3 == 0 }}"`, ", needs: [announce], undo: none", "book")}
on_failure: { compensate: true }`,
	notify: `${on("pinned")}
steps:
${say("tell")}`,
};

const BEARS = { requests: 60_000, per: "1m", burst: 1_000 };

/** Each tenant has connections of its own, to places of its own at the receiver. */
export async function prepareSoak(serviceUrl: string, receiverUrl: string): Promise<Api> {
	const api = apiOf(serviceUrl, ROOT_TOKEN);
	for (const tenant of TENANTS) {
		await api.put(`/tenants/${tenant}`, {});
		await api.put(`/tenants/${tenant}/sources/github`, { connector: "github", secrets: [SECRET] });
		for (const [name, connector] of Object.entries({ out: "http", book: "http", chat: "slack" })) {
			await api.put(`/tenants/${tenant}/connections/${name}`, {
				connector,
				owner: "bench",
				config: { base_url: `${receiverUrl}/${tenant}/${name}` },
				credentials: connector === "slack" ? { token: "xoxb-soak-of-no-value" } : {},
				limits: BEARS,
			});
		}
		for (const [name, text] of Object.entries(DOCUMENTS)) {
			await api.post(`/tenants/${tenant}/workflows`, `name: ${name}\nowner: bench\n${text}\n`, "application/yaml");
		}
	}
	return api;
}
