// Shared tokens: nothing is signed, the caller only shows that it knows a secret. Digests are compared instead of the
// tokens, so that every comparison takes the same time whatever the lengths and however much of them agrees.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, TokenScheme } from "../connector";
import { equalBytes } from "./encoding";
import type { VerifyFailure } from "./failure";
import { headerOf, queryOf } from "./header";

export async function verifyToken(
	delivery: Delivery,
	scheme: TokenScheme,
	secrets: string[],
): Promise<Result<void, VerifyFailure>> {
	const token = readToken(delivery, scheme);
	const usable = secrets.filter((secret) => secret !== "");
	const shown = await digest(token ?? "");
	let known = false;
	for (const secret of usable.length > 0 ? usable : [""]) {
		// Not `known ||= …`: that would skip the comparison once one has matched.
		const same = equalBytes(shown, await digest(secret));
		known = known || same;
	}
	if (usable.length === 0) return err({ reason: "no_secret" });
	if (token === undefined) return err({ reason: "missing_token" });
	return known ? ok(undefined) : err({ reason: "bad_token", secrets: usable.length });
}

/** What stands in the first of the places that holds anything. */
function readToken(delivery: Delivery, scheme: TokenScheme): string | undefined {
	for (const place of scheme.places) {
		const token = tokenAt(delivery, place);
		if (token !== undefined) return token;
	}
	return undefined;
}

function tokenAt(delivery: Delivery, place: TokenScheme["places"][number]): string | undefined {
	switch (place.in) {
		case "header":
			return headerOf(delivery, place.name);
		case "bearer":
			return /^Bearer +(\S+)$/i.exec(headerOf(delivery, "authorization") ?? "")?.[1];
		case "query":
			return queryOf(delivery, place.name);
		case "path":
			return delivery.path_token;
	}
}

async function digest(text: string): Promise<Uint8Array> {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
