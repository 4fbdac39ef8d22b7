// Linear lets us choose the ids of what we create. Each comes of the idempotency key, so what an earlier attempt has
// created is found by it, and is never created twice: Linear refuses an id that is taken.

import type { Json, JsonObject } from "../../model/json";
import type { Found, Mark } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { unclear } from "../outbound/failure";
import type { Done } from "../outbound/json-api";
import { uuidOf } from "../outbound/uuid";
import { rootOf } from "./answers";

export function newId(kind: "issue" | "comment", { idempotency_key }: Mark): string {
	return uuidOf(`linear ${kind} ${idempotency_key}`);
}

/** The variables of a list of at most this one. */
export function onlyThat(id: string): JsonObject {
	return { filter: { id: { eq: id } } };
}

/** In a list of at most this one. */
export function findThat(id: string, answer: Json, done: (node: Json) => Done): Found {
	const nodes = valueAt(rootOf(answer), "nodes");
	if (!Array.isArray(nodes)) return unclear("Linear answered without a list");
	const found = nodes.find((node) => textAt(node, "id") === id);
	if (found === undefined) return nodes.length === 0 ? { kind: "absent" } : unclear("Linear answered with others");
	return { kind: "found", ...done(found) };
}
