// The request for an access token, and what its answer says: RFC 6749, sections 4.4 and 6, the client's name as in 2.3.1,
// answers as in 5.1 and 5.2. It is one form and one answer, so no library stands in between. What an endpoint writes in
// its own words is never repeated, since it may hold what it was sent.

import { MAX_RETRY_AFTER_MS } from "./retry";
import type { OAuth } from "./token-settings";

export interface TokenRequest {
	headers: Record<string, string>;
	body: string;
}

/**
 * `granted`: times are durations in milliseconds; null where the answer does not say. `refused`: asking again in the same
 * way is useless. `failed`: it may go well later. `lost`: perhaps the endpoint
 * has granted, and we do not know what. `after_ms`: it asks for a pause.
 */
export type TokenAnswer =
	| { said: "granted"; access_token: string; refresh_token: string | null; lives_ms: number | null }
	| { said: "refused"; reason: string; consent: boolean }
	| { said: "failed"; reason: string; after_ms: number }
	| { said: "lost"; reason: string; after_ms?: number };

export function tokenRequest(oauth: OAuth, refreshToken: string | null): TokenRequest {
	const form = new URLSearchParams({ grant_type: oauth.grant });
	if (oauth.grant === "refresh_token" && refreshToken !== null) form.set("refresh_token", refreshToken);
	if (oauth.scope !== undefined) form.set("scope", oauth.scope);
	const headers: Record<string, string> = {
		accept: "application/json",
		"content-type": "application/x-www-form-urlencoded",
		"user-agent": "signalbox",
	};
	if (oauth.auth === "basic") {
		headers.authorization = `Basic ${btoa(`${encode(oauth.client_id)}:${encode(oauth.client_secret ?? "")}`)}`;
	} else {
		form.set("client_id", oauth.client_id);
		if (oauth.client_secret !== undefined) form.set("client_secret", oauth.client_secret);
	}
	return { headers, body: form.toString() };
}

function encode(text: string): string {
	return new URLSearchParams({ _: text }).toString().slice(2);
}

/** A token that a header can carry. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;
/** Ten years: what lives longer need not be renewed. */
const MAX_LIFE_S = 315_360_000;

/** `answer`: status, body as JSON if it is JSON, and the wait that the endpoint asks for. */
export function readTokenAnswer(answer: { status: number; json: unknown; after_ms: number | undefined }): TokenAnswer {
	const { status, json, after_ms } = answer;
	const fields = fieldsOf(json);
	if (status === 408 || status === 425 || status === 429 || status >= 500) {
		const wait = Math.min(after_ms ?? 0, MAX_RETRY_AFTER_MS);
		const said = status === 502 || status === 504 ? "lost" : "failed";
		return { said, reason: `the token endpoint answered ${status}`, after_ms: wait };
	}
	if (status < 200 || status >= 300) return refusal(`the token endpoint answered ${status}`, fields);
	const { access_token, refresh_token, expires_in, error } = fields;
	if (typeof access_token === "string" && TOKEN.test(access_token)) {
		return {
			said: "granted",
			access_token,
			refresh_token: typeof refresh_token === "string" && refresh_token !== "" ? refresh_token : null,
			lives_ms: lifeOf(expires_in),
		};
	}
	const reason = `the token endpoint answered ${status} without an access token`;
	return typeof error === "string" ? refusal(reason, fields) : { said: "lost", reason };
}

/** RFC 6749, section 5.2, and what two large providers say besides. */
const CODES: ReadonlyMap<unknown, boolean> = new Map([
	["invalid_grant", true],
	["bad_refresh_token", true],
	["invalid_refresh_token", true],
	["invalid_request", false],
	["invalid_client", false],
	["unauthorized_client", false],
	["unsupported_grant_type", false],
	["invalid_scope", false],
]);

function refusal(reason: string, { error }: Record<string, unknown>): TokenAnswer {
	const consent = CODES.get(error);
	return { said: "refused", reason: consent === undefined ? reason : `${reason}: ${error}`, consent: consent ?? false };
}

/** Some endpoints write the seconds as a string. */
function lifeOf(seconds: unknown): number | null {
	const life = typeof seconds === "string" && /^\d{1,12}$/.test(seconds) ? Number(seconds) : seconds;
	if (typeof life !== "number" || !(life > 0 && life <= MAX_LIFE_S)) return null;
	return Math.ceil(life * 1_000);
}

function fieldsOf(json: unknown): Record<string, unknown> {
	return typeof json === "object" && json !== null ? { ...json } : {};
}
