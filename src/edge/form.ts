// The body of a form as JSON: a member per name, of texts. Names that come more than once have all of their values.

import type { Json, JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";

const MAX_FIELDS = 1_000;
const UNSAFE_NAMES = new Set(["__proto__", "constructor", "prototype"]);

export function parseForm(text: string): Result<Json, { detail: string }> {
	const fields = new URLSearchParams(text);
	if (fields.size > MAX_FIELDS)
		return err({ detail: `The form has ${fields.size} fields; at most ${MAX_FIELDS} are.` });
	const form: JsonObject = {};
	for (const name of new Set(fields.keys())) {
		if (UNSAFE_NAMES.has(name)) return err({ detail: `The form has a field named ${name}, which is not accepted.` });
		const values = fields.getAll(name);
		form[name] = values.length === 1 ? (values[0] ?? "") : values;
	}
	return ok(form);
}
