// Whether a delivery comes from who it claims to come from. Schemes are data, see `connector.ts`.

import type { Result } from "../../model/result";
import type { Delivery, Verification } from "../connector";
import type { VerifyFailure } from "./failure";
import { verifyHmac } from "./hmac";
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
			return verifyHmac(delivery, scheme, secrets, now);
		case "token":
			return verifyToken(delivery, scheme, secrets);
	}
}
