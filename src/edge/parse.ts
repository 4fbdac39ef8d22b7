// The body of a delivery as JSON, however it is written.

import type { SourceSide } from "../connectors/connector";
import type { Json } from "../model/json";
import { err, type Result } from "../model/result";
import { parseForm } from "./form";
import { decodeUtf8, parseJson } from "./json";
import { parseXml } from "./xml";

export type BodyKind = ReturnType<NonNullable<SourceSide["body"]>>;

export function parseBody(bytes: Uint8Array, kind: BodyKind): Result<Json, { detail: string }> {
	if (kind === "json") return parseJson(bytes);
	const text = decodeUtf8(bytes);
	if (text === null) return err({ detail: "The body is not UTF-8. Send it encoded as UTF-8." });
	if (text.trim() === "") return err({ detail: "The body is empty." });
	return kind === "form" ? parseForm(text) : parseXml(text);
}

/** What a body says that it is, for senders that write either; JSON unless it says that it is a form. */
export function statedKind(headers: Record<string, string>): "json" | "form" {
	return /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "") ? "form" : "json";
}

/** True if the body is what it should be, however large, deep or oddly named what is in it. */
export function isWellFormed(bytes: Uint8Array, kind: BodyKind): boolean {
	const text = decodeUtf8(bytes);
	if (text === null) return false;
	if (kind !== "json") return kind === "form" || /^\s*</.test(text);
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
