// The admin API as its clients use it, and the things that most tests start from.

import { env, exports } from "cloudflare:workers";
import type { Scope } from "../../src/registry/token";
import { ROOT_TOKEN } from "./settings";

export { ROOT_TOKEN };

export interface Call {
	token?: string | null;
	/** A string is sent as it is, anything else as JSON. */
	body?: unknown;
	/** Sent instead of a body, without saying how long it is. */
	stream?: ReadableStream<Uint8Array>;
	headers?: Record<string, string>;
}

export interface Answer {
	status: number;
	headers: Headers;
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
	body: any;
}

/** Calls the admin API. The root token is sent unless another one, or null, is given. */
export async function call(
	method: string,
	path: string,
	{ token = ROOT_TOKEN, body, stream, headers }: Call = {},
): Promise<Answer> {
	const response = await exports.default.fetch(
		new Request(`https://signalbox.test/admin/v1${path}`, {
			method,
			headers: {
				...(token === null ? {} : { authorization: `Bearer ${token}` }),
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...headers,
			},
			body: stream ?? (body === undefined || typeof body === "string" ? body : JSON.stringify(body)),
		}),
	);
	const text = await response.text();
	const isJson = /json/.test(response.headers.get("content-type") ?? "");
	return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Throws unless the answer is a success: for what a test needs and does not test. */
export async function must(method: string, path: string, options: Call = {}): Promise<Answer> {
	const answer = await call(method, path, options);
	if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
	return answer;
}

export async function tokenFor(tenant: string, ...scopes: Scope[]): Promise<string> {
	const { body } = await must("POST", `/tenants/${tenant}/tokens`, { body: { title: "test", scopes } });
	return body.token;
}

/** A token of an approver, with the scope `approve` unless others are named. */
export async function tokenOf(tenant: string, approver: string, ...scopes: Scope[]): Promise<string> {
	const body = { title: "test", approver, scopes: scopes.length === 0 ? ["approve"] : scopes };
	return (await must("POST", `/tenants/${tenant}/tokens`, { body })).body.token;
}

export const GITHUB = { connector: "github", secrets: ["a-long-enough-secret"] };
export const SLACK = { connector: "slack", owner: "ops", credentials: { token: "xoxb-very-secret" } };

export function workflow(name: string, changes: Record<string, unknown> = {}) {
	return {
		name,
		owner: "ops",
		on: { source: "github", event: "issue.opened" },
		steps: [{ id: "tell", use: "slack.post_message", connection: "chat", with: { channel: "C1", text: "hi" } }],
		...changes,
	};
}

/** A tenant with the source `github` and the connection `chat`. */
export async function setUpTenant(tenant: string): Promise<void> {
	await must("PUT", `/tenants/${tenant}`, { body: {} });
	await must("PUT", `/tenants/${tenant}/sources/github`, { body: GITHUB });
	await must("PUT", `/tenants/${tenant}/connections/chat`, { body: SLACK });
}

export function publish(tenant: string, document: unknown, query = ""): Promise<Answer> {
	return must("POST", `/tenants/${tenant}/workflows${query}`, { body: document });
}

/** All that D1 holds, as one text: what must not be readable there is not in it. */
export async function dumpDatabase(): Promise<string> {
	const tables = [
		"tenants",
		"sources",
		"source_secrets",
		"connections",
		"workflows",
		"workflow_versions",
		"api_tokens",
		"approvers",
	];
	const all = await Promise.all(tables.map((table) => env.DB.prepare(`SELECT * FROM ${table}`).all()));
	return JSON.stringify(all.map(({ results }) => results));
}
