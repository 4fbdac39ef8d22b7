// Whether a delivery comes from who it claims to come from. Schemes are data, see `connector.ts`.

import { err, type Result } from "../../model/result";
import type { Delivery, SignatureScheme, Verification } from "../connector";
import type { VerifyFailure } from "./failure";
import { verifyJwt } from "./jwt";
import { importKeys } from "./keys";
import { verifySigned } from "./signed";
import { verifyToken } from "./token";

export type { VerifyFailure };

/**
 * Judges one delivery by its raw bytes at `now` (epoch ms). Any of the secrets will do; without a usable one the answer
 * is `no_secret`, after the same work, so that an endpoint that does not exist can be answered like one that does.
 * Never throws, whatever was sent.
 */
export async function verify(
	delivery: Delivery,
	scheme: Verification,
	secrets: string[],
	now: number,
): Promise<Result<void, VerifyFailure>> {
	switch (scheme.kind) {
		case "hmac":
		case "digest":
		case "ecdsa-p256":
		case "ed25519":
			return verifySigned(delivery, scheme, secrets, now);
		case "any":
			return verifyAny(delivery, scheme.of, secrets, now);
		case "jwt":
			return verifyJwt(delivery, scheme, secrets, now);
		case "token":
			return verifyToken(delivery, scheme, secrets);
	}
}

/** Of several failures the one is told that comes nearest to a success: of a scheme that has a key. */
async function verifyAny(
	delivery: Delivery,
	schemes: SignatureScheme[],
	secrets: string[],
	now: number,
): Promise<Result<void, VerifyFailure>> {
	let nearest: VerifyFailure = { reason: "no_secret" };
	for (const scheme of schemes) {
		const verdict = await verifySigned(delivery, scheme, secrets, now);
		if (verdict.ok) return verdict;
		if (nearest.reason === "no_secret") nearest = verdict.error;
	}
	return err(nearest);
}

/** Whether the secret can become a key: one that cannot would refuse every delivery. */
export async function canVerify(scheme: Verification, secret: string): Promise<boolean> {
	switch (scheme.kind) {
		case "token":
		case "jwt":
			return secret !== "";
		case "any":
			return (await Promise.all(scheme.of.map((each) => canVerify(each, secret)))).some(Boolean);
		case "hmac":
		case "digest":
		case "ecdsa-p256":
		case "ed25519":
			return (await importKeys(scheme, [secret])).length > 0;
	}
}
