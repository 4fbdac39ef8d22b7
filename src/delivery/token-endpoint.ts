// One request to a token endpoint, over the same guard and with the same caps as every request. It may reach no other
// host than that of its own URL, which the operator wrote.

import type { OutboundRequest } from "../connectors/connector";
import { parseAnswer } from "../connectors/outbound/answer";
import { checkEgress } from "../connectors/outbound/egress";
import { retryAfterMs } from "../connectors/outbound/retry-after";
import { readTokenAnswer, type TokenAnswer, tokenRequest } from "../core/token-request";
import type { OAuth } from "../core/token-settings";
import type { Env } from "../env";
import { err, ok, type Result } from "../model/result";
import { send } from "./send";

const TIMEOUT_MS = 10_000;

/** A request that may leave; asked, it answers once. The error says why it must not. */
export function tokenExchange(
	env: Env,
	oauth: OAuth,
	refreshToken: string | null,
): Result<() => Promise<TokenAnswer>, string> {
	const { headers, body } = tokenRequest(oauth, refreshToken);
	const allowPrivate = env.ALLOW_PRIVATE_EGRESS === "true";
	const hosts = [URL.parse(oauth.token_url)?.hostname ?? ""];
	const url = checkEgress(oauth.token_url, headers, { hosts, allowPrivate });
	if (!url.ok) return err(`token_url: ${url.error}`);
	const request: OutboundRequest = {
		...{ method: "POST", url: oauth.token_url, headers, body },
		secret_headers: ["authorization"],
	};
	return ok(() => ask(url.value, request));
}

async function ask(url: URL, request: OutboundRequest): Promise<TokenAnswer> {
	const sent = await send(url, request, TIMEOUT_MS);
	if (!sent.ok) return { said: "lost", reason: `the token endpoint: ${sent.error.reason}` };
	const { status, body } = sent.value;
	return readTokenAnswer({ status, json: parseAnswer(body), after_ms: retryAfterMs(sent.value, Date.now()) });
}
