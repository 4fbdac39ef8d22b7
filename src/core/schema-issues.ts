// What a schema found wrong with a document, as its author would want to be told: where, what, and what to write.

import { z } from "zod";
import { type Path, pathText } from "./expression/path";
import { nearest } from "./expression/suggest";

export interface DocumentProblem {
	/** Like `steps[1].with.text`; empty for the document itself. */
	path: string;
	message: string;
}

export type Issue = z.core.$ZodIssue;

/** `base` is where the checked value stands in the document. */
export interface Checked {
	schema: z.ZodType;
	value: unknown;
	base: Path;
}

export function explainIssues(checked: Checked, issues: readonly Issue[]): DocumentProblem[] {
	return issues.flatMap((issue) => explain(checked, issue));
}

function explain(checked: Checked, issue: Issue): DocumentProblem[] {
	const at = pathText([...checked.base, ...issue.path]);
	if (issue.code !== "unrecognized_keys") return [{ path: at, message: describe(checked, issue) }];
	const allowed = keysOf(schemaAt(checked.schema, issue.path));
	return issue.keys.map((key) => ({ path: at, message: unknownKey(key, allowed) }));
}

/** An unknown key is told at the object that holds it. */
export function unknownKey(key: string, allowed: readonly string[] | undefined): string {
	const name = key.length > 64 ? `${key.slice(0, 64)}…` : key;
	if (allowed === undefined) return `unknown key ${name}`;
	const near = nearest(key, allowed);
	if (near !== undefined) return `unknown key ${name}; did you mean ${near}?`;
	return allowed.length === 0
		? `unknown key ${name}; no keys are allowed here`
		: `unknown key ${name}; allowed here: ${allowed.join(", ")}`;
}

function describe({ schema, value }: Checked, issue: Issue): string {
	const found = valueAt(value, issue.path);
	if (found === undefined && issue.path.length > 0) {
		const about = schemaAt(schema, issue.path)?.description;
		return about === undefined ? "is missing" : `is missing: ${about}`;
	}
	switch (issue.code) {
		case "invalid_type":
			return `must be ${TYPES.get(issue.expected) ?? issue.expected}, and this is ${kindOf(found)}${durationHint(issue)}`;
		case "too_small":
			return tooSmall(issue);
		case "too_big":
			return `must have at most ${quantity(issue.maximum, issue.origin)}`.replace("must have at most the number", "must be at most");
		case "invalid_value": {
			const values = issue.values.map(String);
			const near = typeof found === "string" ? nearest(found, values) : undefined;
			return `must be one of ${values.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
		}
		case "invalid_union":
			return `cannot be ${kindOf(found)} like this`;
		case "invalid_key":
			return "has a key that is not allowed: use lower-case letters, digits and underscores";
		default:
			return issue.message;
	}
}
