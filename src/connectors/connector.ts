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
	headers: Record<string, string>;
	query: Record<string, string>;
	body: Uint8Array;
	received_at: number;
}

/** An HMAC over a template. `{body}` stands for the raw bytes, `{timestamp}` and `{id}` for header values. */
export interface HmacScheme {
	kind: "hmac";
	hash: "SHA-1" | "SHA-256" | "SHA-512";
	/** `hex` is lower case only, as systems that write it so never send anything else. */
	encoding: "hex" | "hex-any-case" | "base64";
	/** How a secret becomes a key: its UTF-8 bytes, or base64 after an optional prefix. */
	key: { encoding: "text" } | { encoding: "base64"; prefix?: string };
	signed: string;
	/** Where the candidate signatures stand: each match of the format is tried against every live secret. */
	signature: { header: string; format: SignatureFormat };
	/** Times further than the tolerance from now are refused, in the past as in the future. */
	timestamp?:
		| { from: "header"; header: string; unit: "s" | "ms"; tolerance_s: number }
		| { from: "signature"; field: string; unit: "s" | "ms"; tolerance_s: number };
	id?: { header: string };
}

/**
 * `prefixed`: the header is the prefix and one signature. `list`: signatures separated by `separator`, each with
 * the prefix, others ignored. `fields`: `k=v` pairs separated by commas, of which `field` holds signatures.
 */
export type SignatureFormat =
	| { kind: "prefixed"; prefix: string }
	| { kind: "list"; separator: string; prefix: string }
	| { kind: "fields"; field: string };

/** A shared token in one of these places, tried in order. */
export interface TokenScheme {
	kind: "token";
	places: ({ in: "header"; name: string } | { in: "bearer" } | { in: "query"; name: string })[];
}

export type Verification = HmacScheme | TokenScheme;

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

/** What `normalize` makes of a verified delivery: events, or an answer of its own, like that to a handshake. */
export type Normalized =
	| { kind: "events"; events: NormalizedEvent[] }
	| { kind: "answer"; body: string; content_type: string };

export interface SourceSide {
	config: z.ZodType<JsonObject>;
	trust: (config: JsonObject) => (typeof TRUST_LEVELS)[number];
	verification: (config: JsonObject) => Verification;
	/** Total: whatever the body holds, the result is events, an answer, or a reason. `json` is the parsed body. */
	normalize: (delivery: Delivery, json: Json, config: JsonObject) => Result<Normalized, string>;
}

export interface OutboundRequest {
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	url: string;
	headers: Record<string, string>;
	/** Header names whose values are secret, in lower case. */
	secret_headers: string[];
	body: string | null;
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
}

export interface Action {
	/** One sentence for the documentation. */
	about: string;
	input: z.ZodType<JsonObject>;
	/** The fields of the output that later steps can read, each with one sentence for the documentation. */
	output: Record<string, string>;
	/** True if it changes nothing: there is nothing to undo and nothing that could happen twice. */
	reads?: true;
	/** True if the target recognises a repeated request by its idempotency key, or a repetition changes nothing. */
	repeatable: boolean;
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

/** `found`: it took effect, with this outcome. `absent`: it certainly did not. `unclear`: ask again later. */
export type Found =
	| { kind: "found"; output: Json; undo?: JsonObject }
	| { kind: "absent" }
	| { kind: "unclear"; reason: string; after_ms?: number };

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
