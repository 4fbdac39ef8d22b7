// The text of API tokens: `sb_<id>_<secret>_<checksum>`. The prefix and the checksum let scanners find leaked ones
// and let us refuse typing errors without a look-up; the id is public and finds the row; of the secret only the
// SHA-256 of the whole text is kept. 160 random bits need no slow hash.

import { z } from "zod";
import { err, ok, type Result } from "../model/result";

export const SCOPES = ["read", "operate", "approve", "publish", "admin"] as const;

/**
 * A scope allows what it names and nothing more, so that a pipeline that publishes cannot read events.
 * `read`: see configuration, events and runs. `operate`: deal with runs and dead letters, pause workflows. `approve`:
 * vote as the approver whom the token belongs to. `publish`: change workflows. `admin`: change sources, connections,
 * approvers and tokens.
 */
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

const ID_BYTES = 8;
const SECRET_BYTES = 20;
const PATTERN = /^(sb_([0-9a-f]{16})_[0-9a-f]{40})_([0-9a-f]{8})$/;

export interface NewToken {
	id: string;
	/** Shown once, kept by its owner. */
	text: string;
	/** What is stored: SHA-256 of the text, in hex. */
	hash: string;
}

export async function createToken(): Promise<NewToken> {
	const id = toHex(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
	const body = `sb_${id}_${toHex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))}`;
	const text = `${body}_${checksum(body)}`;
	return { id, text, hash: await hashToken(text) };
}

/** The public id of a token that is written correctly. Whether it is a valid one, only its row can tell. */
export function tokenId(text: string): Result<string, "malformed" | "checksum"> {
	const [, body, id, sum] = PATTERN.exec(text) ?? [];
	if (body === undefined || id === undefined) return err("malformed");
	return checksum(body) === sum ? ok(id) : err("checksum");
}

export async function hashToken(text: string): Promise<string> {
	return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** Compares two hashes in a time that depends on their length only. */
export function sameHash(left: string, right: string): boolean {
	if (left.length !== right.length) return false;
	let difference = 0;
	for (let i = 0; i < left.length; i++) difference |= left.charCodeAt(i) ^ right.charCodeAt(i);
	return difference === 0;
}

function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** CRC-32 (ISO 3309) in hex. */
export function checksum(text: string): string {
	let crc = 0xffffffff;
	for (const byte of new TextEncoder().encode(text)) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}
