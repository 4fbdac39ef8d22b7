// What a schema found wrong with a document, as its author would want to be told: where, what, and what to write.

import { z } from "zod";
import type { Path } from "../expression/path";
import { nearest } from "../expression/suggest";

export type Issue = z.core.$ZodIssue;

/** Takes a problem and its place in the document. */
export type Report = (path: Path, message: string) => void;

export interface Checked {
	schema: z.ZodType;
	value: unknown;
	/** Where the value stands in the document. */
	base: Path;
}

/** Of the unknown keys of one object, so many are told one by one. */
const KEYS_TOLD = 10;

export function reportIssues(checked: Checked, issues: readonly Issue[], report: Report): void {
	for (const issue of issues) {
		const at = [...checked.base, ...issue.path];
		if (issue.code !== "unrecognized_keys") {
			report(at, describe(checked, issue));
			continue;
		}
		const allowed = keysOf(schemaAt(checked.schema, issue.path));
		for (const key of issue.keys.slice(0, KEYS_TOLD)) report(at, unknownKey(key, allowed));
		const more = issue.keys.length - KEYS_TOLD;
		if (more > 0) report(at, `${more} more unknown keys`);
	}
}

/** An unknown key is told at the object that holds it. */
export function unknownKey(key: string, allowed: readonly string[] | undefined): string {
	const name = shown(key);
	if (allowed === undefined) return `unknown key ${name}`;
	const near = nearest(key, allowed);
	if (near !== undefined) return `unknown key ${name}; did you mean ${near}?`;
	return allowed.length === 0
		? `unknown key ${name}; no keys are allowed here`
		: `unknown key ${name}; allowed here: ${allowed.join(", ")}`;
}

/** A name that its author made up, as far as it is worth showing. */
export function shown(name: string): string {
	if (name.trim() === "") return JSON.stringify(name.slice(0, 64));
	return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}

function describe({ schema, value }: Checked, issue: Issue): string {
	const found = valueAt(value, issue.path);
	const expected = schemaAt(schema, issue.path);
	if (found === undefined && issue.path.length > 0)
		return expected?.description === undefined ? "is missing" : `is missing: ${asClause(expected.description)}`;
	switch (issue.code) {
		case "invalid_type":
			return `must be ${isDuration(expected) ? "a duration like 90s" : nameOf(issue.expected)}, and this is ${kindOf(found)}`;
		case "too_small":
			return bound("at least", Number(issue.minimum), issue.origin);
		case "too_big":
			return bound("at most", Number(issue.maximum), issue.origin);
		case "invalid_value": {
			const values = issue.values.map(String);
			const near = typeof found === "string" ? nearest(found, values) : undefined;
			return `must be one of ${values.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
		}
		case "invalid_union":
			return `${kindOf(found)} like this is not allowed here`;
		case "invalid_format":
			return issue.format === "datetime"
				? "must be a time with its zone, like 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+01:00"
				: issue.message;
		case "invalid_key":
			return "has a name that is not allowed; use lower-case letters, digits and underscores";
		default:
			return issue.message;
	}
}

/** Descriptions are sentences. */
function asClause(sentence: string): string {
	return sentence.slice(0, 1).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}

function bound(word: "at least" | "at most", limit: number, origin: string): string {
	const unit = origin === "string" ? "character" : origin === "array" ? "element" : undefined;
	if (unit === undefined) return `must be ${word} ${limit}`;
	if (word === "at least" && limit === 1) return "must not be empty";
	return `must have ${word} ${limit} ${unit}${limit === 1 ? "" : "s"}`;
}

const NAMES = new Map([
	["string", "text"],
	["number", "a number"],
	["int", "a whole number"],
	["boolean", "true or false"],
	["array", "a list"],
	["object", "an object"],
	["record", "an object"],
	["null", "null"],
]);

function nameOf(expected: string): string {
	return NAMES.get(expected) ?? expected;
}

/** The kind of a value, as its author would say it. */
export function kindOf(value: unknown): string {
	if (value === undefined) return "nothing";
	if (value === null) return "null";
	if (Array.isArray(value)) return "a list";
	if (typeof value === "number" && !Number.isInteger(value)) return "a number with a fraction";
	return NAMES.get(typeof value) ?? typeof value;
}

/** Of the schemas of documents, only durations are texts that become something else. */
function isDuration(schema: z.ZodType | undefined): boolean {
	return schema !== undefined && unwrap(schema) instanceof z.ZodPipe;
}

function valueAt(value: unknown, path: Path): unknown {
	return path.reduce<unknown>(
		(at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
		value,
	);
}

/** The schema of what stands at a path, where that is certain. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
	let at: unknown = schema;
	for (const key of path) at = childOf(unwrap(at), key);
	return at instanceof z.ZodType ? at : undefined;
}

function childOf(schema: unknown, key: PropertyKey): unknown {
	if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, key) ? schema.shape[String(key)] : undefined;
	if (schema instanceof z.ZodArray) return schema.element;
	return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

function unwrap(schema: unknown): unknown {
	const isWrapped =
		schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable;
	return isWrapped ? unwrap(schema.unwrap()) : schema;
}

function keysOf(schema: z.ZodType | undefined): string[] | undefined {
	const inner = unwrap(schema);
	return inner instanceof z.ZodObject ? Object.keys(inner.shape) : undefined;
}
