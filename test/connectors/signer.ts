// Signs as a scheme's data says, with node:crypto and nothing of the verifier. The secrets are of its own making, so that a
// connector cannot help it; header names are in lower case, as every delivery has them by the time it is verified.

import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import type {
	Delivery,
	SignatureFormat,
	SignatureScheme,
	TokenScheme,
	Verification,
} from "../../src/connectors/connector";
import { withPathToken } from "./reading";

export interface Signed {
	delivery: Delivery;
	secret: string;
}

/** The delivery with all that proves it, once for each way that the scheme knows. `now`: epoch milliseconds. */
export function signedBy(scheme: Verification, delivery: Delivery, now: number): Signed[] {
	switch (scheme.kind) {
		case "any":
			return scheme.of.map((each) => signed(each, delivery, now));
		case "token":
			return scheme.places.map((place) => showing(place, delivery));
		case "jwt":
			return [withJwt(delivery, now)];
		case "hmac":
		case "digest":
		case "ecdsa-p256":
		case "ed25519":
			return [signed(scheme, delivery, now)];
	}
}

const TOKEN = "a-token-that-is-shared";

function showing(place: TokenScheme["places"][number], delivery: Delivery): Signed {
	switch (place.in) {
		case "header":
			return { secret: TOKEN, delivery: withHeaders(delivery, { [place.name]: TOKEN }) };
		case "bearer":
			return { secret: TOKEN, delivery: withHeaders(delivery, { authorization: `Bearer ${TOKEN}` }) };
		case "query":
			return { secret: TOKEN, delivery: { ...delivery, query: { ...delivery.query, [place.name]: TOKEN } } };
		case "path":
			return { secret: TOKEN, delivery: withPathToken(delivery, TOKEN) };
	}
}

function withJwt(delivery: Delivery, now: number): Signed {
	const part = (json: object) => Buffer.from(JSON.stringify(json)).toString("base64url");
	const iat = Math.floor(now / 1_000);
	const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ iat, exp: iat + 180 })}`;
	const token = `${text}.${createHmac("sha256", TOKEN).update(text).digest("base64url")}`;
	return { secret: TOKEN, delivery: withHeaders(delivery, { authorization: `Bearer ${token}` }) };
}

function signed(scheme: SignatureScheme, delivery: Delivery, now: number): Signed {
	const time = timeOf(scheme, now);
	const headers: Record<string, string> = { ...delivery.headers };
	if (scheme.timestamp?.from === "header") headers[scheme.timestamp.header.toLowerCase()] = time;
	if (scheme.id !== undefined) headers[scheme.id.header.toLowerCase()] ??= "d1";
	if (scheme.kind === "digest") headers[scheme.version.header.toLowerCase()] = scheme.version.value;
	const { secret, prove } = proofOf(scheme);
	const parts: Record<string, string> = {
		...{ body: textOf(delivery), timestamp: time, method: delivery.method, secret },
		id: scheme.id === undefined ? "" : (headers[scheme.id.header.toLowerCase()] ?? ""),
		url: scheme.url?.address ?? delivery.url,
		form: formOf(delivery),
	};
	const message = scheme.signed.replace(/\{(\w+)\}/g, (hole, name: string) => parts[name] ?? hole);
	const { name, value } = placed(scheme, prove(message), time);
	headers[name] = value;
	return { secret, delivery: { ...delivery, headers } };
}

function timeOf({ timestamp }: SignatureScheme, now: number): string {
	switch (timestamp?.unit) {
		case undefined:
			return "";
		case "s":
			return String(Math.floor(now / 1_000));
		case "ms":
			return String(now);
		case "rfc3339":
			return new Date(now).toISOString();
	}
}

interface Proof {
	secret: string;
	prove: (message: string) => string;
}

function proofOf(scheme: SignatureScheme): Proof {
	switch (scheme.kind) {
		case "hmac": {
			const prefix = scheme.key.encoding === "base64" ? (scheme.key.prefix ?? "") : "";
			const secret = `${prefix}${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;
			const key = scheme.key.encoding === "text" ? secret : Buffer.from(secret.slice(prefix.length), "base64");
			const encoding = scheme.encoding === "base64" ? "base64" : "hex";
			return { secret, prove: (message) => createHmac(nodeName(scheme.hash), key).update(message).digest(encoding) };
		}
		case "digest":
			return { secret: TOKEN, prove: (message) => createHash(nodeName(scheme.hash)).update(message).digest("hex") };
		case "ecdsa-p256": {
			const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
			const spki = publicKey.export({ type: "spki", format: "der" }).toString("base64");
			const prove = (message: string) => sign("sha256", Buffer.from(message), privateKey).toString("base64");
			return { secret: `${scheme.key_prefix ?? ""}${spki}`, prove };
		}
		case "ed25519": {
			const { publicKey, privateKey } = generateKeyPairSync("ed25519");
			const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
			const prove = (message: string) => sign(null, Buffer.from(message), privateKey).toString("base64");
			return { secret: `${scheme.key_prefix ?? ""}${raw}`, prove };
		}
	}
}

function nodeName(hash: string): string {
	return hash.replace("-", "").toLowerCase();
}

function placed({ signature, timestamp }: SignatureScheme, proof: string, time: string) {
	const name = signature.header.toLowerCase();
	const before = timestamp?.from === "signature" ? `${timestamp.field}=${time},` : "";
	return signature.format.kind === "numbered"
		? { name: `${name}1`, value: proof }
		: { name, value: `${before}${written(signature.format, proof)}` };
}

function written(format: Exclude<SignatureFormat, { kind: "numbered" }>, proof: string): string {
	switch (format.kind) {
		case "prefixed":
		case "list":
			return `${format.prefix}${proof}`;
		case "fields":
			return `${format.field}=${proof}`;
	}
}

/** Of a form whose names are all different. */
function formOf(delivery: Delivery): string {
	if (!delivery.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return "";
	const fields = new URLSearchParams(textOf(delivery));
	fields.sort();
	return [...fields].flat().join("");
}

function textOf({ body }: Delivery): string {
	return Buffer.from(body).toString("utf8");
}

function withHeaders(delivery: Delivery, headers: Record<string, string>): Delivery {
	const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
	return { ...delivery, headers: { ...delivery.headers, ...Object.fromEntries(lower) } };
}
