// What a connector is: a description of one system. Verification is data, everything else is a pure function.

import type { z } from "zod";
import type { Limits } from "../model/connection";
import type { Actor, Change, TRUST_LEVELS } from "../model/event";
import type { Json, JsonObject } from "../model/json";
import type { Outcome } from "../model/outcome";
import type { Result } from "../model/result";

/** One HTTP delivery as it came in: header names in lower case, the body's raw bytes. */
export interface Delivery {
	method: string;
	/** The public address that it was sent to, with its query. */
	url: string;
	/** What stood in the address after the source's name. */
	path_token?: string;
	headers: Record<string, string>;
	query: Record<string, string>;
	body: Uint8Array;
	received_at: number;
}

/**
 * What is signed, and where signature, time and id stand. In the template `{body}` stands for the raw bytes,
 * `{timestamp}` and `{id}` for the values below, `{method}` and `{url}` for the request's, `{form}` for the names and
 * values of a form, sorted by name and without anything between them (nothing where the body is no form).
 */
interface Signed {
	signed: string;
	/** Where the candidate signatures stand: each match of the format is tried against every live secret. */
	signature: { header: string; format: SignatureFormat };
	/** Times further than the tolerance from now are refused, in the past as in the future. */
	timestamp?: TimestampPlace & { tolerance_s: number };
	id?: { header: string };
	url?: UrlReading;
}

/** `body`: a path into the signed JSON. */
export type TimestampPlace =
	| { from: "header"; header: string; unit: TimeUnit }
	| { from: "signature"; field: string; unit: TimeUnit }
	| { from: "body"; path: string; unit: TimeUnit };
export type TimeUnit = "s" | "ms" | "rfc3339";

/** How the address is read where it is signed. Every spelling that these allow is tried. */
export interface UrlReading {
	/** The address as it was given to the sender; without one, that of the delivery. */
	address?: string;
	/** Characters that also stand for themselves where the address has their `%XX`. */
	decoded?: string;
	/** True if the sender may name the default port, or leave it out. */
	any_port?: true;
	/** The query parameter that holds the SHA-256 of a body that is no form, in hex, which must then be right. */
	body_hash?: string;
}

export type HashName = "SHA-1" | "SHA-256" | "SHA-512";

export interface HmacScheme extends Signed {
	kind: "hmac";
	hash: HashName;
	/** `hex` is lower case only, as systems that write it so never send anything else. */
	encoding: "hex" | "hex-any-case" | "base64";
	/** How a secret becomes a key: its UTF-8 bytes, or base64 after an optional prefix. */
	key: { encoding: "text" } | { encoding: "base64"; prefix?: string };
}

/** A plain hash with the secret in the template, as `{secret}`: older than HMAC, and in use. */
export interface DigestScheme extends Signed {
	kind: "digest";
	hash: HashName;
	encoding: "hex";
	/** A header that says which recipe was used; anything else than this is not verified by it. */
	version: { header: string; value: string };
}

/** The secret is a public key. `ecdsa-p256`: SPKI in base64, DER signatures. `ed25519`: 32 bytes in base64. */
export interface PublicKeyScheme extends Signed {
	kind: "ecdsa-p256" | "ed25519";
	/** What stands before the key; a secret without it is none of this scheme. */
	key_prefix?: string;
}

/** A web token (RFC 7519) in `authorization`, signed with the secret by HS256. The body is not covered. */
export interface JwtScheme {
	kind: "jwt";
	tolerance_s: number;
}

/**
 * `prefixed`: the header is the prefix and one signature. `list`: signatures separated by `separator`, each with
 * the prefix, others ignored. `fields`: `k=v` pairs separated by commas, of which `field` holds signatures.
 * `numbered`: one signature in each of the headers whose names are that of the header and a number from 1 to 100.
 */
export type SignatureFormat =
	| { kind: "prefixed"; prefix: string }
	| { kind: "list"; separator: string; prefix: string }
	| { kind: "fields"; field: string }
	| { kind: "numbered" };

/** A shared token in one of these places, tried in order. `path`: after the source's name in the address. */
export interface TokenScheme {
	kind: "token";
	places: ({ in: "header"; name: string } | { in: "bearer" } | { in: "query"; name: string } | { in: "path" })[];
}

export type SignatureScheme = HmacScheme | DigestScheme | PublicKeyScheme;

/** `any`: one of them is enough; a secret may be a key for only one. */
export type Verification = SignatureScheme | JwtScheme | TokenScheme | { kind: "any"; of: SignatureScheme[] };

/** What a connector finds in a verified delivery; the edge adds tenant, ids and times of its own. */
export interface NormalizedEvent {
	/** Unique per event of this source and equal in every redelivery of it. */
	delivery_key: string;
	event_type: string;
	native_type: string;
	entity: { type: string; id: string };
	actor: Actor;
	/** Epoch milliseconds at the source; absent where the system does not say. */
	occurred_at?: number;
	sequence?: string;
	changes: Change[];
	data: JsonObject;
}

/**
 * What `normalize` makes of a verified delivery: events, or an answer of its own, like that to a handshake. A delivery of
 * many events may hold some that cannot be read: `unreadable` says why, and the others count all the same.
 */
export type Normalized =
	| { kind: "events"; events: NormalizedEvent[]; unreadable?: string }
	| { kind: "answer"; body: string; content_type: string };

/**
 * What one native event becomes. `native`: as in `native_type`, where `*` stands for any part of it; where that does not
 * tell what the event is about, a blank follows and what does.
 */
export interface VocabularyRow {
	native: string;
	event_type: string;
	entity: string;
}

export interface SourceSide {
	config: z.ZodType<JsonObject>;
	trust: (config: JsonObject) => (typeof TRUST_LEVELS)[number];
	verification: (config: JsonObject) => Verification;
	/** One sentence for the documentation: what tells a redelivery from another event. */
	identified_by: string;
	/** One sentence for the documentation: how events that our own writes cause are recognised, or that they are not. */
	own_writes: string;
	/** Native events by their canonical names. Empty where the sender decides. */
	vocabulary: readonly VocabularyRow[];
	/** How the body is written; JSON if absent. Forms and XML become JSON: see `edge/parse.ts`. */
	body?: (config: JsonObject) => "json" | "form" | "xml";
	/** What the system wants to read once its delivery is stored; our own JSON if absent. The status is 200. */
	acknowledgement?: (config: JsonObject) => { content_type: string; body: string } | undefined;
	/** The path in the body of an unsigned delivery where the system hands over the signing secret, once. */
	hands_over_secret?: string;
	/** Secrets that everybody knows, like one that a vendor documents for tries: no source may be given them. */
	refused_secrets?: readonly string[];
	/** Secrets that stand in bodies: the group of each match is blotted out of a delivery that is kept because it cannot be read. */
	secrets_in_body?: readonly RegExp[];
	/** True if the system asks by HEAD whether there is anything at the address. */
	checked_by_head?: true;
	/** Total: whatever the body holds, the result is events, an answer, or a reason. `json` is the parsed body. */
	normalize: (delivery: Delivery, json: Json, config: JsonObject) => Result<Normalized, string>;
}

export interface OutboundRequest {
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	url: string;
	headers: Record<string, string>;
	/** Header names whose values are secret, in lower case. */
	secret_headers: string[];
	/** Secrets that stand in the body, as some systems want it. */
	secret_values?: string[];
	body: string | null;
	/** Set where it is no HTTP request: the Worker's own binding that carries it out, given `body`. */
	binding?: "EMAIL";
}

export interface OutboundResponse {
	status: number;
	headers: Record<string, string>;
	/** At most the response cap of delivery, as text. */
	body: string;
}

/** What every request carries so that its consequences can be recognised. */
export interface Mark {
	idempotency_key: string;
	trace_id: string;
	run: string;
	step: string;
	/** Epoch milliseconds: nothing of this run was sent before. */
	since: number;
	/** Epoch milliseconds: the last attempt that may have taken effect had ended by then. For lists that lag behind. */
	tried_at?: number;
}

export interface Action {
	/** One sentence for the documentation. */
	about: string;
	input: z.ZodType<JsonObject>;
	/** The fields of the output that later steps can read, each with one sentence for the documentation. */
	output: Record<string, string>;
	/** True if it changes nothing: there is nothing to undo and nothing that could happen twice. */
	reads?: true;
	/** What it changes: the entity type and the fields of the events that the source half makes of it. Absent for reads. */
	writes?: Writes;
	/** The least that the credentials must be allowed, in the vendor's words. Empty where the vendor knows no parts. */
	scopes: readonly string[];
	/** One sentence for the documentation: what in the target tells that it was us. Absent for reads. */
	mark?: string;
	/** True if the target recognises a repeated request by its idempotency key, or a repetition changes nothing. */
	repeatable: boolean;
	/** For the documentation, of what is repeatable: until when, or under which condition, a repetition is recognised. */
	once?: string;
	/** The action of the same connector that takes it back. What it is to be given stands in the outcome's `undo`. */
	undo?: string;
	timeout_ms: number;
	/** The part of the target that a request concerns, where the vendor pauses parts; as `scope` in the outcome. */
	scope?: (input: JsonObject) => string | undefined;
	build: Build;
	/** Judges a response that arrived in full. `input` is what `build` was given. */
	read: (response: OutboundResponse, now: number, input: JsonObject) => Outcome;
	/** How to find out whether an earlier request took effect, where the target does not recognise a repeated one. */
	probe?: Probe;
}

/** `fields`: names as in the `changes` of events; `*` where the input names them, or all of it is new. */
export interface Writes {
	entity: string;
	fields: readonly string[];
}

type Build = (
	input: JsonObject,
	connection: { config: JsonObject; credentials: JsonObject },
	mark: Mark,
) => Result<OutboundRequest, string>;

/** A request that only reads, and looks for what the mark's idempotency key has left. */
export interface Probe {
	build: Build;
	read: (response: OutboundResponse, now: number, sought: { input: JsonObject; mark: Mark }) => Found;
}

/**
 * `found`: it took effect, with this outcome. `absent`: it certainly did not. `unclear`: ask again later, after `after_ms`
 * if that is known; `refused` if the look itself was.
 */
export type Found =
	| { kind: "found"; output: Json; undo?: JsonObject }
	| { kind: "absent" }
	| { kind: "unclear"; reason: string; after_ms?: number; refused?: Refused };

/** `limited`: the target asks for a pause, of the part that `scope` names if it does. `unauthorized`: by the credentials. */
export type Refused = { why: "unauthorized" } | { why: "limited"; scope?: string };

export interface ConnectionSide {
	config: z.ZodType<JsonObject>;
	credentials: z.ZodType<JsonObject>;
	/** Credentials to build with once there is an access token, of those that hold `oauth`, where they may. */
	bearer?: (token: string, credentials: JsonObject) => JsonObject;
	/** What the vendor publishes of what its system bears, for one set of credentials. */
	limits?: Limits;
	/** Hosts that requests of this connection may go to. */
	hosts: (config: JsonObject) => string[];
}

export interface Connector {
	id: string;
	title: string;
	source?: SourceSide;
	connection?: ConnectionSide;
	actions?: Record<string, Action>;
}
