// XML as JSON, for the systems that still send it. What SOAP needs and no more: no document type, so no entities but the
// predefined ones and those of characters, and nothing that would have to be fetched.

import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Json, JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { JSON_LIMITS } from "./json";

const parser = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: "@",
	removeNSPrefix: true,
	ignoreDeclaration: true,
	ignorePiTags: true,
	parseTagValue: false,
	parseAttributeValue: false,
	trimValues: true,
	htmlEntities: true,
	maxNestedTags: JSON_LIMITS.depth,
});

/**
 * Elements by their names without prefixes: repeated ones are arrays, leaves are texts, empty ones null. Attributes are
 * members whose names begin with `@`; what declares namespaces is left out.
 */
export function parseXml(text: string): Result<Json, { detail: string }> {
	if (/<!DOCTYPE/i.test(text)) return err({ detail: "The body has a document type. Send XML without one." });
	if ((text.match(/</g)?.length ?? 0) > JSON_LIMITS.nodes) return err({ detail: "The body has too many elements." });
	try {
		const flaw = XMLValidator.validate(text);
		if (flaw !== true) {
			const { line, col, msg } = flaw.err;
			return err({ detail: `The body cannot be read as XML at line ${line}, column ${col}: ${msg}` });
		}
		return ok(tidy(parser.parse(text)));
	} catch (error) {
		const reason = error instanceof Error ? error.message.slice(0, 200) : "it cannot be parsed";
		return err({ detail: `The body cannot be read as XML: ${reason}` });
	}
}

const NIL = "@nil";

function tidy(value: Json): Json {
	if (value === "") return null;
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(tidy);
	return tidyObject(value);
}

function tidyObject(value: JsonObject): Json {
	const members = Object.entries(value).filter(([name]) => name !== NIL && name !== "@xmlns");
	const [first] = members;
	if (first === undefined) return null;
	// An element whose only attribute declared a namespace is a leaf like any other.
	if (first[0] === "#text" && members.length === 1) return tidy(first[1]);
	return Object.fromEntries(members.map(([name, member]) => [name, tidy(member)]));
}
