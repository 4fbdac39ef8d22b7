// Where another input differs from the document's.

import { expect, test } from "vitest";
import { changedPaths } from "../../src/admin/replays-check";
import type { Json } from "../../src/model/json";

test.each<[string, Json, Json, string[]]>([
	["the same", { a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }, []],
	["another value", { a: 1, b: 2 }, { a: 1, b: 3 }, ["b"]],
	["a value deep inside", { a: { b: [{ c: 1 }, { c: 2 }] } }, { a: { b: [{ c: 1 }, { c: 3 }] } }, ["a.b[1].c"]],
	["a value more and one less", { a: 1 }, { b: 1 }, ["a", "b"]],
	["a list of another length", { a: [1, 2] }, { a: [1] }, ["a"]],
	["another kind of value", { a: { b: 1 } }, { a: [1] }, ["a"]],
	["null for nothing", {}, { a: null }, ["a"]],
	["a key that needs quotes", {}, { "x-y z": 1 }, ['["x-y z"]']],
])("%s", (_, before, after, paths) => {
	expect(changedPaths(before, after)).toEqual(paths);
});

test("only so many are told", () => {
	const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n]));
	expect(changedPaths({}, many)).toHaveLength(100);
});
