// Addresses and forms as senders sign them that sign those in the place of the body.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, SignatureScheme, UrlReading } from "../connector";
import type { VerifyFailure } from "./failure";
import { headerOf, queryOf } from "./header";

/** Every spelling of the address that the sender may have signed, at least one. */
export function urlSpellings(delivery: Delivery, reading: UrlReading | undefined): string[] {
	if (reading === undefined) return [""];
	const given = reading.address === undefined ? delivery.url : withBodyHash(reading.address, delivery, reading);
	const address = given.replace(/^(\w+:\/\/)[^/@?#]*@/, "$1");
	const ports = reading.any_port ? withAndWithoutPort(address) : [address];
	return [...new Set(ports.flatMap((url) => [url, decodedIn(url, reading.decoded ?? "")]))];
}

/** The sender adds the hash of the body to the address that it was given, at its end. */
function withBodyHash(address: string, delivery: Delivery, { body_hash: parameter }: UrlReading): string {
	const hash = parameter === undefined ? undefined : queryOf(delivery, parameter);
	return hash === undefined ? address : `${address}${address.includes("?") ? "&" : "?"}${parameter}=${hash}`;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: "80", https: "443" };

function withAndWithoutPort(address: string): string[] {
	const [, scheme = "", host = "", port, rest = ""] = /^(https?):\/\/([^/:?#]+)(?::(\d+))?(.*)$/s.exec(address) ?? [];
	const usual = DEFAULT_PORTS[scheme];
	if (usual === undefined || (port !== undefined && port !== usual)) return [address];
	return [`${scheme}://${host}${rest}`, `${scheme}://${host}:${usual}${rest}`];
}

/** With `%XX` replaced by the character, for these characters only. */
function decodedIn(url: string, characters: string): string {
	return url.replace(/%([0-9a-f]{2})/gi, (whole, hex: string) => {
		const character = String.fromCharCode(Number.parseInt(hex, 16));
		return characters.includes(character) ? character : whole;
	});
}

const FORM = /^application\/x-www-form-urlencoded\b/i;

function isForm(delivery: Delivery): boolean {
	return FORM.test(headerOf(delivery, "content-type") ?? "");
}

/** More than any sender has; the door takes no more either. */
const MAX_FIELDS = 1_000;

/**
 * Names and values, sorted by name; of a name's values each one once, sorted. Nothing where the body is no form, or is one
 * that nobody would take. Anybody can send a body, so it is read in one pass and no further than that.
 */
export function formText(delivery: Delivery): string {
	if (!isForm(delivery)) return "";
	const fields = new Map<string, Set<string>>();
	let count = 0;
	for (const [name, value] of new URLSearchParams(new TextDecoder().decode(delivery.body))) {
		count += 1;
		if (count > MAX_FIELDS) return "";
		fields.set(name, (fields.get(name) ?? new Set()).add(value));
	}
	const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
	return sorted.flatMap(([name, values]) => [...values].sort().map((value) => name + value)).join("");
}

/** Where only the address and a form are signed, any other body must be signed by its hash in the address. */
export async function checkBody(delivery: Delivery, scheme: SignatureScheme): Promise<Result<void, VerifyFailure>> {
	const parameter = scheme.url?.body_hash;
	if (parameter === undefined || isForm(delivery)) return ok(undefined);
	const stated = queryOf(delivery, parameter);
	if (stated === undefined) return delivery.body.length === 0 ? ok(undefined) : err({ reason: "unsigned_body" });
	const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(delivery.body));
	const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
	return stated.toLowerCase() === hex ? ok(undefined) : err({ reason: "bad_body_hash", parameter });
}
