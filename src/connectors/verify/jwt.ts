// Web tokens: the caller is authenticated and the time is limited, but nothing in the token is about the body.

import { errors, jwtVerify } from "jose";
import { err, ok, type Result } from "../../model/result";
import type { Delivery, JwtScheme } from "../connector";
import type { VerifyFailure } from "./failure";
import { headerOf } from "./header";

/** Browsers of the specification call it `Bearer`, Atlassian's older apps `JWT`. */
const CREDENTIALS = /^(?:Bearer|JWT) +(\S+)$/i;

export async function verifyJwt(
	delivery: Delivery,
	{ tolerance_s }: JwtScheme,
	secrets: string[],
	now: number,
): Promise<Result<void, VerifyFailure>> {
	const header = headerOf(delivery, "authorization");
	const token = CREDENTIALS.exec(header ?? "")?.[1] ?? "";
	const usable = secrets.filter((secret) => secret !== "");
	let failure: VerifyFailure = { reason: "bad_token", secrets: usable.length };
	for (const secret of usable.length > 0 ? usable : ["decoy"]) {
		const verdict = await judge(token, secret, { tolerance_s, now });
		if (verdict.ok && usable.length > 0) return verdict;
		if (!verdict.ok && verdict.error.reason !== "bad_token") failure = verdict.error;
	}
	if (usable.length === 0) return err({ reason: "no_secret" });
	if (header === undefined) return err({ reason: "missing_token" });
	return err(failure);
}

async function judge(
	token: string,
	secret: string,
	{ tolerance_s, now }: { tolerance_s: number; now: number },
): Promise<Result<void, VerifyFailure>> {
	try {
		const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
			algorithms: ["HS256"],
			requiredClaims: ["exp"],
			clockTolerance: tolerance_s,
			currentDate: new Date(now),
		});
		const ahead_s = payload.iat === undefined ? 0 : payload.iat - now / 1_000;
		return ahead_s > tolerance_s ? err({ reason: "future", ahead_s, tolerance_s }) : ok(undefined);
	} catch (error) {
		if (error instanceof errors.JWTExpired) {
			const age_s = now / 1_000 - Number(error.payload.exp);
			return err({ reason: "stale", age_s, tolerance_s });
		}
		return err({ reason: "bad_token", secrets: 1 });
	}
}
