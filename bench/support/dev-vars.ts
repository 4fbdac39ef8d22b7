// Keys for a service that lives as long as a measurement: fixed, and worth nothing.

import { createHash } from "node:crypto";

export const ROOT_TOKEN = "bench-root-token-of-no-value";

/** Settings that the environment may override. */
export function devVars(environment: Record<string, string | undefined>): Record<string, string> {
	return {
		VAULT_KEYS: environment.VAULT_KEYS ?? `bench:${Buffer.alloc(32, 7).toString("base64")}`,
		ROOT_TOKEN_SHA256: createHash("sha256").update(ROOT_TOKEN).digest("hex"),
		ALLOW_PRIVATE_EGRESS: "true",
	};
}
