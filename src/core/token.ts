// The access token of a connection by OAuth: when it is renewed, and what becomes of it after each answer. Plain data in
// and out. What stands in `Held` is stored, sealed, before anybody is given the token in it.

import type { TokenAnswer } from "./token-request";
import type { OAuth } from "./token-settings";

/** What is kept of one connection. Times are epoch milliseconds. */
export interface Held {
	/** Which settings it comes from. */
	settings: string;
	/** Counts access tokens, so that a refusal can name the one that it is about. */
	serial: number;
	access_token: string | null;
	/** Null if it does not expire, as far as the endpoint says. */
	expires_at: number | null;
	/** From when on it is renewed. */
	renew_at: number | null;
	refresh_token: string | null;
	obtained_at: number | null;
	/** Its target refused it. */
	refused: boolean;
	/** It was obtained because its target refused the one before. */
	after_refusal: boolean;
	/** A request for a new one left, and no answer to it is known. */
	asked: boolean;
	/** Nothing goes until somebody changes something; `revision`: of the connection at that time. */
	dead: { reason: string; revision: string } | null;
}

/** Why no token can be had at present. */
export interface Trouble {
	reason: string;
	/** How often in a row. */
	times: number;
	until: number;
}

const EARLY_MS = 60_000;
const EARLY_JITTER_MS = 30_000;
/** A token that its target refuses is renewed; one that was renewed for that so lately is the target's last word. */
const FRESH_MS = 300_000;
const FIRST_PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 300_000;

/** What the operator gave, before any token was asked for. */
export function firstHeld(settings: string, oauth: OAuth, serial: number): Held {
	const { access_token = null, expires_at = null, refresh_token = null } = oauth;
	return {
		...{ settings, serial, access_token, refresh_token, expires_at },
		renew_at: expires_at === null ? null : expires_at - EARLY_MS,
		...{ obtained_at: null, refused: false, after_refusal: false, asked: false, dead: null },
	};
}

export type TokenDecision =
	| { do: "use"; token: string; serial: number }
	/** `usable`: the present one can still be used if no new one is to be had in time. */
	| { do: "renew"; usable: boolean }
	| { do: "wait"; ms: number }
	| { do: "refuse"; reason: string };

export function decideToken(held: Held, trouble: Trouble | null, now: number): TokenDecision {
	if (held.dead !== null) return { do: "refuse", reason: held.dead.reason };
	const usable = isUsable(held, now);
	const isDue = !usable || (held.renew_at !== null && held.renew_at <= now);
	const isTroubled = trouble !== null && trouble.until > now;
	if (isDue && !isTroubled) return { do: "renew", usable };
	if (usable && held.access_token !== null) return { do: "use", token: held.access_token, serial: held.serial };
	return { do: "wait", ms: Math.max(0, (trouble?.until ?? now) - now) };
}

/** It is there, is not over, and its target has not refused it. */
export function isUsable({ access_token, expires_at, refused }: Held, now: number): boolean {
	return access_token !== null && !refused && (expires_at === null || expires_at > now);
}

/** `random` is in [0, 1). A token that lives shortly is renewed in the second half of its life. */
export function granted(held: Held, answer: TokenAnswer & { said: "granted" }, now: number, random: number): Held {
	const { access_token, refresh_token, lives_ms } = answer;
	const early = EARLY_MS + Math.floor(random * EARLY_JITTER_MS);
	return {
		...held,
		serial: held.serial + 1,
		access_token,
		refresh_token: refresh_token ?? held.refresh_token,
		expires_at: lives_ms === null ? null : now + lives_ms,
		renew_at: lives_ms === null ? null : now + lives_ms - Math.min(early, Math.floor(lives_ms / 2)),
		obtained_at: now,
		after_refusal: held.refused,
		...{ refused: false, asked: false, dead: null },
	};
}

/** The endpoint will not grant: people have to act. `wasAsked`: the answer to an earlier request is not known. */
export function refusedForGood(
	held: Held,
	answer: TokenAnswer & { said: "refused" },
	{ revision, wasAsked }: { revision: string; wasAsked: boolean },
): Held {
	const lost = wasAsked ? ", after an answer was lost that perhaps held the next refresh token" : "";
	const remedy = answer.consent
		? "consent must be given again: get a new refresh token, and put it into the connection's credentials"
		: "correct the connection's credentials";
	return { ...held, asked: false, dead: { reason: `${answer.reason}${lost}; ${remedy}`, revision } };
}

/** `random` is in [0, 1). The pause doubles, and is at least what the endpoint asks for. */
export function inTrouble(
	before: Trouble | null,
	{ reason, after_ms = 0 }: { reason: string; after_ms?: number },
	now: number,
	random: number,
): Trouble {
	const times = (before?.times ?? 0) + 1;
	const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(times - 1, 10));
	return { reason, times, until: now + Math.max(after_ms, Math.floor(pause * (0.5 + random / 2))) };
}

/**
 * A target refused the token with this number. `again`: it is renewed, or was meanwhile; the attempt is worth repeating.
 * `auth`: this one was renewed for a refusal a moment ago, and another would be refused too.
 */
export function onRefusal(held: Held, serial: number, now: number): { held: Held; said: "again" | "auth" } {
	if (held.serial !== serial || held.refused) return { held, said: "again" };
	const age = now - (held.obtained_at ?? 0);
	if (held.after_refusal && age < FRESH_MS) return { held, said: "auth" };
	return { held: { ...held, refused: true }, said: "again" };
}
