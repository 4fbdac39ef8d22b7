// The CloudEvents of a delivery, in each of the three ways that HTTP can carry them: as a JSON object of their own, as a
// list of these, or as headers beside a body that is only the data.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md

import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Delivery } from "../connector";
import { isObject, textAt, valueAt, withExactNumbers } from "../inbound/read";
import { headerOf } from "../verify/header";

/** An event as a JSON object, and the delivery that it would have come in by itself. */
export interface CloudEvent {
	event: JsonObject;
	alone: Delivery;
}

const BATCH = /^application\/cloudevents-batch\+json\b/i;

/** How the sender writes events. `structured`: a body that holds them whole, one or a list. `binary`: attributes in headers. */
type Mode = "structured" | "binary";

export interface Reading {
	mode: Mode;
	/** The header that carries the signature or the token, which must not end up in an event. */
	secret_header: string;
}

/**
 * Headers are not signed, so they never decide whether attributes are read from them: a captured event could be given
 * others that way.
 */
export function eventsOf(
	delivery: Delivery,
	json: Json,
	reading: Reading,
): Result<Result<CloudEvent, string>[], string> {
	return reading.mode === "binary" ? binaryIn(delivery, json, reading) : structuredIn(delivery, json);
}

function structuredIn(delivery: Delivery, json: Json): Result<Result<CloudEvent, string>[], string> {
	if (!BATCH.test(headerOf(delivery, "content-type") ?? "")) return ok([checked(json, delivery)]);
	if (!Array.isArray(json)) return err("the body is not a list of events");
	const exact = withExactNumbers(delivery.body);
	return ok(json.map((event, i) => checked(event, aloneAs(delivery, valueAt(exact, String(i))))));
}

function binaryIn(
	delivery: Delivery,
	json: Json,
	{ secret_header }: Reading,
): Result<Result<CloudEvent, string>[], string> {
	if ([json].flat().some(isWhole)) return err("the body holds events of its own; set mode to structured");
	const attributes = attributesOf(delivery, secret_header);
	const exact = withExactNumbers(delivery.body) ?? null;
	return ok([checked({ ...attributes, data: json }, aloneAs(delivery, { ...attributes, data: exact }))]);
}

function isWhole(json: Json): boolean {
	return valueAt(json, "specversion") !== undefined;
}

function aloneAs(delivery: Delivery, event: Json | undefined): Delivery {
	return { ...delivery, body: new TextEncoder().encode(JSON.stringify(event ?? null)) };
}

const REQUIRED = ["id", "source", "type"];

function checked(event: Json, alone: Delivery): Result<CloudEvent, string> {
	if (!isObject(event)) return err("it is not a JSON object");
	if (!isWhole(event)) return err("it has no specversion; where attributes stand in headers, set mode to binary");
	const version = textAt(event, "specversion");
	if (version !== "1.0") return err("it is not of version 1.0 of CloudEvents");
	const missing = REQUIRED.filter((name) => textAt(event, name) === undefined);
	return missing.length > 0 ? err(`it has no ${missing.join(" and no ")}`) : ok({ event, alone });
}

/** By the specification attributes have names of lower-case letters and digits. These two no event has. */
const ATTRIBUTE = /^ce-(?!(?:constructor|prototype)$)([a-z0-9]{1,50})$/;

function attributesOf(delivery: Delivery, secretHeader: string): JsonObject {
	const attributes: JsonObject = {};
	for (const [header, value] of Object.entries(delivery.headers)) {
		const name = header === secretHeader ? undefined : ATTRIBUTE.exec(header)?.[1];
		if (name !== undefined) attributes[name] = decoded(value);
	}
	const contentType = headerOf(delivery, "content-type");
	return contentType === undefined ? attributes : { ...attributes, datacontenttype: contentType };
}

/** What headers cannot hold stands there as `%XX` of its UTF-8. */
function decoded(value: string): string {
	try {
		return decodeURIComponent(value);
	} catch {
		return value;
	}
}
