// One attempt: look first if an earlier one may have taken effect, then the request goes out, once, and what comes back
// is read. Every way that this can end is an outcome.

import type { Found, OutboundResponse, Refused } from "../connectors/connector";
import type { Env } from "../env";
import type { JsonObject } from "../model/json";
import type { Exchange, Outcome } from "../model/outcome";
import { sendEmail } from "./email";
import { exchangeOf } from "./exchange";
import type { Leaving, Prepared } from "./prepare";
import { send } from "./send";

export interface Attempt {
	outcome: Outcome;
	exchange: Exchange;
	/** Set if nothing was sent because it could not be seen whether an earlier attempt took effect. */
	looked?: { refused?: Refused; status?: number };
}

export async function carryOut(env: Pick<Env, "EMAIL">, prepared: Prepared, now: () => number): Promise<Attempt> {
	const { probe } = prepared;
	const act = (found: JsonObject | undefined) => actOnce(env, prepared, { found, now });
	if (probe === undefined) return act(undefined);
	const { found, exchange } = await look(probe, now);
	switch (found.kind) {
		case "unclear": {
			const reason = `whether an earlier attempt took effect cannot be seen: ${found.reason}`;
			const { after_ms } = found;
			const outcome: Outcome =
				after_ms === undefined
					? { kind: "unknown", reason, timed_out: false }
					: { kind: "transient", reason, after_ms };
			const status = exchange.response?.status;
			const looked = { ...(found.refused && { refused: found.refused }), ...(status !== undefined && { status }) };
			return { outcome, exchange: { probe: exchange }, looked };
		}
		case "found": {
			if (prepared.kind === "undo") return withProbe(await act(found.undo), exchange);
			const { output, undo } = found;
			return { outcome: keep(prepared, { kind: "succeeded", output, undo }), exchange: { probe: exchange } };
		}
		case "absent":
			if (prepared.kind === "do") return withProbe(await act(undefined), exchange);
			return { outcome: { kind: "succeeded", output: null }, exchange: { probe: exchange } };
	}
}

function withProbe({ outcome, exchange }: Attempt, probe: Exchange): Attempt {
	return { outcome, exchange: { ...exchange, probe } };
}

async function look(
	probe: NonNullable<Prepared["probe"]>,
	now: () => number,
): Promise<{ found: Found; exchange: Exchange }> {
	const { request } = probe;
	const sent = await send(probe.url, request, probe.timeout_ms);
	if (!sent.ok) {
		const { reason } = sent.error;
		return { found: { kind: "unclear", reason }, exchange: exchangeOf(request, undefined, reason) };
	}
	const found = guarded(
		() => probe.read(sent.value, now()),
		(reason): Found => ({ kind: "unclear", reason }),
	);
	return { found, exchange: exchangeOf(request, sent.value, undefined) };
}

async function actOnce(
	env: Pick<Env, "EMAIL">,
	prepared: Prepared,
	{ found, now }: { found: JsonObject | undefined; now: () => number },
): Promise<Attempt> {
	const leaving = prepared.action(found);
	if (!leaving.ok) return { outcome: leaving.error, exchange: {} };
	const { request, url, timeout_ms } = leaving.value;
	const sent =
		request.binding === "EMAIL" ? await sendEmail(env, request, timeout_ms) : await send(url, request, timeout_ms);
	if (!sent.ok) {
		const { reason, timed_out } = sent.error;
		return { outcome: { kind: "unknown", reason, timed_out }, exchange: exchangeOf(request, undefined, reason) };
	}
	const outcome = keep(prepared, read(leaving.value, sent.value, now()));
	return { outcome, exchange: exchangeOf(request, sent.value, undefined) };
}

function keep(prepared: Prepared, outcome: Outcome): Outcome {
	if (outcome.kind !== "succeeded") return outcome;
	const kept = prepared.keep(outcome.output);
	return kept.ok ? { ...outcome, output: kept.value } : kept.error;
}

function read(leaving: Leaving, response: OutboundResponse, now: number): Outcome {
	if (response.status >= 300 && response.status < 400) {
		return {
			kind: "permanent",
			class: "policy",
			reason: `the target answered ${response.status}, and redirects are not followed`,
		};
	}
	return guarded(
		() => leaving.read(response, now),
		(reason): Outcome => ({ kind: "unknown", reason, timed_out: false }),
	);
}

function guarded<T>(ask: () => T, otherwise: (reason: string) => T): T {
	try {
		return ask();
	} catch (error) {
		return otherwise(`this release fails on the answer: ${String(error).slice(0, 500)}`);
	}
}
