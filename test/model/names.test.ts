// Names of objects: two pairs of tenant and key never share one.

import fc from "fast-check";
import { expect, test } from "vitest";
import { connectionName, entityName, keyOf, ledgerName, tenantOf } from "../../src/model/names";

const text = fc.string({ minLength: 1, maxLength: 63 });

test("a name gives back what it was made of", () => {
	fc.assert(
		fc.property(text, fc.string(), (tenant, key) => {
			const name = entityName(tenant, key);
			expect([tenantOf(name), keyOf(name)]).toEqual([tenant, key]);
		}),
	);
});

test("letters that move from the tenant to the key make another name", () => {
	expect(entityName("a", "b|c")).not.toBe(entityName("a|b", "c"));
	expect(entityName("acme", "e:1")).toBe("4:acme|e:1");
	expect(connectionName("acme", "slack")).toBe("4:acme|slack");
	expect(tenantOf(ledgerName("acme"))).toBe("acme");
	expect(keyOf(connectionName("acme", "slack"))).toBe("slack");
});

test.each(["", "acme", "acme|e:1", "5:acme|e:1", "3:acme|e:1", ":acme|x", "04:acme|x", "-1:|", "1e0:a|x", "NaN:|"])(
	"%j is not a name of ours",
	(name) => {
		expect(() => tenantOf(name)).toThrow(TypeError);
		expect(() => keyOf(name)).toThrow(TypeError);
	},
);
