// Which settings of OAuth somebody knows: a hash of them. A batch says with it what it has read, and the Connection keeps
// with it what its tokens come from. The row in the database holds what the operator gave; it never changes by renewal.

import type { JsonObject } from "../model/json";
import { hashDocument } from "../registry/hash";

const known = new WeakMap<JsonObject, Promise<string>>();

/** Computed once per settings object: delivery asks for every step. */
export function settingsOf(oauth: JsonObject): Promise<string> {
	const before = known.get(oauth);
	if (before !== undefined) return before;
	const hash = hashDocument(oauth);
	known.set(oauth, hash);
	return hash;
}
