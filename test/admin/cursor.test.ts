// Cursors: opaque, and good for the list that gave them only.

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "../../src/admin/cursor";

test("a cursor gives back its position", () => {
	fc.assert(
		fc.property(fc.string({ minLength: 1 }), (position) => {
			expect(decodeCursor("acme/sources", encodeCursor("acme/sources", position))).toEqual({
				ok: true,
				value: position,
			});
		}),
	);
});

test("a cursor does not fit another list or another tenant", () => {
	const cursor = encodeCursor("acme/sources", "github");
	expect(decodeCursor("acme/connections", cursor)).toEqual({ ok: false, error: "malformed" });
	expect(decodeCursor("other/sources", cursor)).toEqual({ ok: false, error: "malformed" });
});

test("whatever else is sent as a cursor is malformed", () => {
	fc.assert(
		fc.property(fc.string({ maxLength: 60 }), (text) => {
			expect(decodeCursor("acme/sources", text)).toEqual({ ok: false, error: "malformed" });
		}),
	);
});
