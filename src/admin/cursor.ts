// Cursors as clients see them: opaque, and good for the list that gave them only. The checksum tells a cursor that was
// cut or made up from one of ours, so that nothing behind this file meets a cursor that it did not write.

import { err, ok, type Result } from "../model/result";
import { decodeBase64Url, encodeBase64Url } from "../registry/base64";
import { checksum } from "../registry/token";

/** `list` names the list: a cursor does not fit another one. */
export function encodeCursor(list: string, position: string): string {
	const bytes = new TextEncoder().encode(position);
	return `${encodeBase64Url(bytes)}.${checksum(`${list} ${position}`)}`;
}

export function decodeCursor(list: string, cursor: string): Result<string, "malformed"> {
	const [text = "", sum, ...rest] = cursor.split(".");
	const bytes = decodeBase64Url(text);
	if (bytes === null || rest.length > 0) return err("malformed");
	const position = new TextDecoder().decode(bytes);
	return checksum(`${list} ${position}`) === sum ? ok(position) : err("malformed");
}
