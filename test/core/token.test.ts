// When an access token is renewed, what becomes of it after each answer, and what a token endpoint is asked.

import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
	decideToken,
	firstHeld,
	granted,
	type Held,
	inTrouble,
	onRefusal,
	refusedForGood,
	type Trouble,
} from "../../src/core/token";
import { readTokenAnswer, type TokenAnswer, tokenRequest } from "../../src/core/token-request";
import { OAuth, orOAuth } from "../../src/core/token-settings";

const NOW = 1_000_000_000;
const MINUTE = 60_000;

const oauth = OAuth.parse({
	token_url: "https://auth.partner.com/token",
	client_id: "id",
	client_secret: "s3cret",
	refresh_token: "r0",
});

const GRANT: TokenAnswer & { said: "granted" } = {
	said: "granted",
	access_token: "t1",
	refresh_token: "r1",
	lives_ms: 60 * MINUTE,
};

function held(parts: Partial<Held> = {}): Held {
	return { ...granted(firstHeld("s", oauth, 1), GRANT, NOW, 0), ...parts };
}

const trouble: Trouble = { reason: "down", times: 1, until: NOW + 5_000 };
const over: Trouble = { ...trouble, until: NOW };

describe("a token is", () => {
	test.each<[string, Partial<Held>, Trouble | null, number, object]>([
		["used while it is young", {}, null, 0, { do: "use", token: "t1", serial: 2 }],
		["used until a minute before its end", {}, null, 59 * MINUTE - 1, { do: "use" }],
		["renewed from then on", {}, null, 59 * MINUTE, { do: "renew", usable: true }],
		["renewed when it is over", {}, null, 60 * MINUTE, { do: "renew", usable: false }],
		["used for ever if it has no end", { expires_at: null, renew_at: null }, null, 1e12, { do: "use" }],
		["renewed when its target refused it", { refused: true }, null, 0, { do: "renew", usable: false }],
		["asked for if there is none", { access_token: null }, null, 0, { do: "renew", usable: false }],
		["not asked for in trouble", { access_token: null }, trouble, 0, { do: "wait", ms: 5_000 }],
		["asked for after the trouble", { access_token: null }, over, 0, { do: "renew", usable: false }],
		["used to its end in trouble", { renew_at: NOW }, trouble, 0, { do: "use", token: "t1" }],
		["not used in trouble once it was refused", { refused: true }, trouble, 0, { do: "wait" }],
		["not given any more when people must act", { dead: { reason: "why", revision: "r" } }, null, 0, { do: "refuse" }],
	])("%s", (_, parts, trouble, after, expected) => {
		expect(decideToken(held(parts), trouble, NOW + after)).toMatchObject(expected);
	});
});

test("tokens of one moment are not all renewed in one moment", () => {
	const renewAt = (random: number) => granted(held(), GRANT, NOW, random).renew_at;
	expect([renewAt(0), renewAt(0.5)]).toEqual([NOW + 59 * MINUTE, NOW + 58 * MINUTE + 45_000]);
});

test("a token that lives for a minute is not renewed at once", () => {
	expect(granted(held(), { ...GRANT, lives_ms: MINUTE }, NOW, 0.9).renew_at).toBe(NOW + MINUTE / 2);
});

test("a refresh token that is not replaced stays", () => {
	expect(granted(held(), { ...GRANT, refresh_token: null }, NOW, 0).refresh_token).toBe("r1");
	expect(granted(held(), { ...GRANT, refresh_token: "r2" }, NOW, 0).refresh_token).toBe("r2");
});

describe("a refusal by the target", () => {
	test("asks for another token, once for each token", () => {
		const first = onRefusal(held(), 2, NOW);
		expect(first).toMatchObject({ said: "again", held: { refused: true } });
		expect(onRefusal(first.held, 2, NOW)).toEqual(first);
	});

	test("of a token that was replaced meanwhile says nothing of the new one", () => {
		expect(onRefusal(held(), 1, NOW)).toEqual({ said: "again", held: held() });
	});

	test("of the token that came of a refusal is final for five minutes", () => {
		const renewed = granted(held({ refused: true }), GRANT, NOW, 0);
		expect(onRefusal(renewed, 3, NOW + 5 * MINUTE - 1).said).toBe("auth");
		expect(onRefusal(renewed, 3, NOW + 5 * MINUTE).said).toBe("again");
	});
});

test("pauses double up to five minutes, and are as long as the endpoint asks", () => {
	let now: Trouble | null = null;
	const pauses = Array.from({ length: 10 }, () => {
		now = inTrouble(now, { reason: "down" }, NOW, 0.5);
		return now.until - NOW;
	});
	expect(pauses.slice(0, 3)).toEqual([1_500, 3_000, 6_000]);
	expect(pauses.at(-1)).toBe(225_000);
	expect(inTrouble(null, { reason: "slow down", after_ms: 120_000 }, NOW, 0).until).toBe(NOW + 120_000);
});

describe("what the endpoint will never grant", () => {
	const consent = { said: "refused", reason: "it answered 400: invalid_grant", consent: true } as const;

	test("says what people have to do", () => {
		const dead = (answer: TokenAnswer & { said: "refused" }, wasAsked: boolean) =>
			refusedForGood(held(), answer, { revision: "v1", wasAsked }).dead?.reason;
		expect(dead(consent, false)).toMatch(/^it answered 400: invalid_grant; consent must be given again/);
		expect(dead(consent, true)).toMatch(/invalid_grant, after an answer was lost .*; consent must be given again/);
		expect(dead({ ...consent, consent: false }, false)).toMatch(/; correct the connection's credentials$/);
	});
});

describe("a request", () => {
	test("carries the refresh token, and the client's name as RFC 6749 wants it", () => {
		const { headers, body } = tokenRequest({ ...oauth, client_id: "a b:c", scope: "x y" }, "r&1");
		expect(body).toBe("grant_type=refresh_token&refresh_token=r%261&scope=x+y");
		expect(atob(headers.authorization?.slice(6) ?? "")).toBe("a+b%3Ac:s3cret");
	});

	test("names the client in the body if the endpoint wants that", () => {
		const { headers, body } = tokenRequest({ ...oauth, auth: "body", grant: "client_credentials" }, "r1");
		expect(body).toBe("grant_type=client_credentials&client_id=id&client_secret=s3cret");
		expect(headers.authorization).toBeUndefined();
	});
});

describe("an answer", () => {
	const read = (status: number, json: unknown = undefined, after_ms?: number) =>
		readTokenAnswer({ status, json, after_ms });

	test("grants", () => {
		const json = { access_token: "t", refresh_token: "r", expires_in: 3600 };
		const all = { said: "granted", access_token: "t", refresh_token: "r", lives_ms: 3_600_000 };
		expect(read(200, json)).toEqual(all);
		expect(read(200, { ...json, expires_in: "3600" })).toEqual(all);
		expect(read(200, { access_token: "t" })).toEqual({ ...all, refresh_token: null, lives_ms: null });
		expect(read(200, { access_token: "t", expires_in: 0 })).toMatchObject({ lives_ms: null });
	});

	test.each<[number, unknown, object]>([
		[400, { error: "invalid_grant" }, { said: "refused", consent: true }],
		[200, { error: "bad_refresh_token" }, { said: "refused", consent: true }],
		[401, { error: "invalid_client" }, { said: "refused", consent: false }],
		[404, undefined, { said: "refused", consent: false }],
		[302, undefined, { said: "refused", consent: false }],
		[429, undefined, { said: "failed", after_ms: 9_000 }],
		[503, { error: "invalid_grant" }, { said: "failed", after_ms: 9_000 }],
		[504, undefined, { said: "lost", after_ms: 9_000 }],
		[200, undefined, { said: "lost" }],
		[200, { access_token: "two\r\nlines" }, { said: "lost" }],
	])("of %d with %j", (status, json, expected) => {
		expect(read(status, json, 9_000)).toMatchObject(expected);
	});

	test("is never repeated in its own words", () => {
		const echo = { error: "r0-s3cret", error_description: "r0-s3cret" };
		expect(JSON.stringify([read(400, echo), read(200, echo)])).not.toContain("r0-s3cret");
	});
});

describe("settings", () => {
	const given = { token_url: "https://auth.partner.com/token", client_id: "id" };

	test.each([
		[{}, "refresh_token"],
		[{ grant: "client_credentials" }, "client_secret"],
		[{ refresh_token: "r", token_url: "ftp://auth.partner.com" }, "token_url"],
		[{ refresh_token: "r", token_url: "https://me:pw@auth.partner.com" }, "token_url"],
	])("%j are refused", (parts, path) => {
		expect(OAuth.safeParse({ ...given, ...parts }).error?.issues[0]?.path).toEqual([path]);
	});
});

describe("a vendor's own settings", () => {
	const credentials = orOAuth(z.strictObject({ token: z.string() }), {
		token_url: "https://auth.example.com/token",
		auth: "body",
	});
	const client = { client_id: "us", refresh_token: "r" };

	test("need not be given", () => {
		expect(credentials.parse({ oauth: client })).toEqual({
			oauth: { ...client, grant: "refresh_token", token_url: "https://auth.example.com/token", auth: "body" },
		});
	});

	test("may be given otherwise", () => {
		const own = { token_url: "https://other.example.com/token", auth: "basic" };
		expect(credentials.parse({ oauth: { ...client, ...own } }).oauth).toMatchObject(own);
	});

	test("are asked for where the vendor has none for everybody", () => {
		const asked = orOAuth(z.strictObject({ token: z.string() })).safeParse({ oauth: client });
		expect(asked.error?.issues).toMatchObject([{ path: ["oauth", "token_url"] }]);
	});
});
