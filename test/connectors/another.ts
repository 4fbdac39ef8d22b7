// Other values for a setting or an input, by its schema and by the value that it has.

import { z } from "zod";
import type { Json, JsonObject } from "../../src/model/json";

/** The keys of an object's schema, also where more is asked of the object as a whole. */
export function keysOf(schema: z.ZodType): string[] {
	const { shape } = schema as { shape?: object };
	return Object.keys(shape ?? {});
}

/** Values that may be accepted in the place of `has`; which are, is for the schema to say. */
export function others(schema: z.ZodType, key: string, has: Json | undefined): Json[] {
	const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonObject;
	const properties = (json.properties ?? {}) as Record<string, JsonObject>;
	const values = [...near(has), ...byType(properties[key] ?? {}), ...COMMON];
	return values.filter((value) => JSON.stringify(value) !== JSON.stringify(has));
}

const COMMON: Json[] = [
	...[
		"another",
		"another.example.com",
		"https://another.example.com",
		"dana@example.com",
		"7",
		"ANOTHER1",
		"another: 1",
	],
	...["2026-11-20", "2026-11-20T09:00:00Z", "C0ANOTHER", "8f14e45f-ceea-467f-a8f6-0c1b2d3e4f50", "100.000200"],
	...[
		7,
		100,
		1_800_000_000_000,
		true,
		false,
		["another"],
		[7],
		["dana@example.com"],
		{ another: "1" },
		{ another: { a: 1 } },
	],
	...[[{ another: "1" }], [{ type: "divider" }]],
];

function near(has: Json | undefined): Json[] {
	if (typeof has === "string") return [`${has}2`, has.slice(0, -1), has.replace(/.$/, "7"), has.replace(/\d/, "3")];
	if (typeof has === "number") return [has + 1];
	if (typeof has === "boolean") return [!has];
	if (Array.isArray(has)) return [[...has, ...has.slice(0, 1)], has.slice(1), ["another", ...has]];
	return has === undefined || has === null ? [] : [{ ...has, another: "1" }];
}

function byType(schema: JsonObject): Json[] {
	const options = [schema.anyOf, schema.oneOf].filter(Array.isArray).flat() as JsonObject[];
	if (options.length > 0) return options.flatMap(byType);
	if (Array.isArray(schema.enum)) return schema.enum;
	if (Object.hasOwn(schema, "const")) return [schema.const ?? null];
	if (schema.type === "array") return byType((schema.items ?? {}) as JsonObject).map((item) => [item]);
	if (schema.type === "object") return [objectBy(schema)];
	if (schema.type === "integer" || schema.type === "number") return [Number(schema.minimum ?? 3), 5];
	if (schema.type === "boolean") return [true, false];
	return [];
}

function objectBy(schema: JsonObject): JsonObject {
	const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
	const required = Array.isArray(schema.required) ? schema.required : [];
	return Object.fromEntries(
		required.map((key) => [String(key), byType(properties[String(key)] ?? {})[0] ?? "another"] as const),
	);
}
