// JSON that is almost what a connector looks for.

import fc from "fast-check";
import { EVENTS } from "../../src/connectors/github/events";
import type { Json } from "../../src/model/json";

/** Values where connectors look for something else, at the keys that they look at. */
export const { value: anyValue, object: anyBody } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, withCrossShrink: true },
		fc.constantFrom<Json>(null, true, "", "a", "x".repeat(500), 0, -1, 1.5, 1e21, 2 ** 60, 1e308, "\ud800"),
		fc.constantFrom<Json>("2026-11-20T09:59:56Z", "9999-12-31T23:59:59-23:59", "event", "v2.core.event", "Bot", []),
		tie("object"),
		fc.array(tie("value"), { maxLength: 3 }),
	),
	object: fc.dictionary(
		fc.oneof(
			fc.constantFrom("id", "type", "data", "object", "created", "updated_at", "sender", "repository", "issue"),
			fc.constantFrom("changes", "from", "to", "action", "previous_attributes", "request", "related_object", "actor"),
			fc.constantFrom("toString", "__proto__", "constructor", "hasOwnProperty", "length", "a.b", ""),
			fc.constantFrom(...EVENTS.keys()),
		),
		tie("value"),
		{ maxKeys: 6 },
	),
}));

/** Good JSON in which up to three things are something else. */
export function nearly(good: Json): fc.Arbitrary<Json> {
	const replacements = fc.array(fc.tuple(fc.nat(), anyValue), { maxLength: 3 });
	return replacements.map((list) => list.reduce<Json>((json, [at, value]) => replacedAt(json, at, value), good));
}

/** `json` with one of its members, at any depth, replaced; `at` chooses which. */
function replacedAt(json: Json, at: number, value: Json): Json {
	if (typeof json !== "object" || json === null) return value;
	const keys = Object.keys(json);
	const key = keys[at % Math.max(keys.length, 1)];
	if (key === undefined) return value;
	const deeper = Math.floor(at / keys.length);
	const old = Array.isArray(json) ? json[Number(key)] : json[key];
	const member = deeper % 3 === 0 ? value : replacedAt(old ?? null, Math.floor(deeper / 3), value);
	if (Array.isArray(json)) return json.with(Number(key), member);
	return Object.fromEntries([...Object.entries(json).filter(([name]) => name !== key), [key, member]]);
}
