// The hash chain over facts: hash = SHA-256(previous hash, newline, sequence number, newline, canonical fact). Whoever changes, drops or swaps an
// entry changes every hash after it.

import { createHash } from "node:crypto";
import type { Fact } from "../model/fact";
import { canonicalText } from "../model/json";
import type { Entry } from "../model/ledger";

/** What stands before the first entry. */
export const GENESIS = "0".repeat(64);

export function hashOf(previous: string, seq: number, fact: Fact): string {
	return createHash("sha256")
		.update(`${previous}\n${seq}\n${canonicalText(fact)}`)
		.digest("hex");
}

export function entryOf(previous: string, seq: number, fact: Fact): Entry {
	return { ...fact, seq, hash: hashOf(previous, seq, fact) };
}

/** True if the entry stands after `previous` as it was written. */
export function follows(previous: string, { seq, hash, ...fact }: Entry): boolean {
	return hashOf(previous, seq, fact) === hash;
}
