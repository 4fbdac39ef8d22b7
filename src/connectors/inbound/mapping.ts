// How the events of a sender that we do not know are read: each part of the canonical event has places to look for it,
// in order, which the source's settings name. Shared by the connectors that any sender can use. A header that the
// signature leaves out can be changed by whoever captures a delivery, so the body is the better place for ids.

import { z } from "zod";
import { ACTOR_KINDS, type Actor } from "../../model/event";
import type { Json } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Delivery, Normalized, NormalizedEvent } from "../connector";
import { headerOf } from "../verify/header";
import { fitEvent } from "./normalized";
import { idAt, isObject, parseTime, plausible, valueAt } from "./read";

/** What carries a secret must not end up in an event. */
const HEADER_PLACE = /^header:(?!authorization$|cookie$)[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const VALUE_PLACE = /^value:.{1,100}$/;
const PATH_PLACE = /^[^.:]{1,100}(\.[^.:]{1,100}){0,15}$/;

const Place = z
	.string()
	.transform((text) => (text.startsWith("header:") ? text.toLowerCase() : text))
	.refine(
		(text) => HEADER_PLACE.test(text) || VALUE_PLACE.test(text) || PATH_PLACE.test(text),
		"write a path into the body like data.id, a header like header:x-event-id, or a fixed value like value:order",
	);

/** Places in order; the first that holds something counts. One place can be written without the list. */
const Places = z
	.union([Place, z.array(Place).max(10)])
	.transform((places) => (typeof places === "string" ? [places] : places));

export const mappingShape = {
	event_id: Places.refine(
		(places) => places.length > 0 && !places.some((place) => place.startsWith("value:")),
		"name a place whose value differs between events: events with one id count as one",
	)
		.default(["id"])
		.describe("Where an id stands that is equal in every redelivery of an event."),
	event_type: Places.default(["type"]).describe("Where the event's type stands, like order.updated."),
	entity_type: Places.default([]).describe("Where the kind of thing stands; else the type up to its last dot."),
	entity_id: Places.default(["data.id"]).describe("Where the id of the thing stands that the event is about."),
	occurred_at: Places.default(["occurred_at", "timestamp"]).describe(
		"Where the time stands, as RFC 3339 or as seconds or milliseconds since 1970.",
	),
	actor_kind: Places.default(["actor.kind", "actor.type", "data.actor.kind", "data.actor.type"]).describe(
		"Where it stands what kind of actor caused the event.",
	),
	actor_id: Places.default(["actor.id", "data.actor.id", "source"]).describe("Where the actor's id stands."),
	actor_kinds: z
		.record(z.string().min(1).max(100), z.enum(ACTOR_KINDS))
		.default({})
		.describe("What the sender's words for kinds of actors mean, where they are not common ones."),
	own: z.array(z.string().min(1).max(256)).max(50).default([]).describe("Actor ids of our own writes."),
};
const Mapping = z.object(mappingShape);
export type Mapping = z.infer<typeof Mapping>;

/** A delivery of one event, read by the mapping. */
export function normalizeByMapping(delivery: Delivery, json: Json, mapping: Mapping): Result<Normalized, string> {
	const event = eventByMapping(delivery, json, mapping);
	return event.ok ? ok({ kind: "events", events: [event.value] }) : event;
}

/** Reads one event by the mapping. A part that identifies it and is missing is named, with the setting to change. */
export function eventByMapping(delivery: Delivery, json: Json, mapping: Mapping): Result<NormalizedEvent, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	const look = (places: string[]) => firstText(delivery, json, places);
	const id = look(mapping.event_id);
	if (id === undefined) return err(nowhere("event id", "event_id", mapping.event_id));
	const type = look(mapping.event_type);
	if (type === undefined) return err(nowhere("event type", "event_type", mapping.event_type));
	const entityId = look(mapping.entity_id);
	if (entityId === undefined) return err(nowhere("entity id", "entity_id", mapping.entity_id));
	return fitEvent({
		delivery_key: id,
		event_type: type,
		native_type: type,
		entity: { type: look(mapping.entity_type) ?? nounOf(type), id: entityId },
		actor: actorBy(mapping, look(mapping.actor_kind), look(mapping.actor_id)),
		occurred_at: firstTime(delivery, json, mapping.occurred_at),
		changes: [],
		data: json,
	});
}

function nowhere(what: string, setting: string, places: string[]): string {
	const looked = places.length === 0 ? "no place is set" : `nothing at ${places.join(", ")}`;
	return `no ${what}: ${looked}; set ${setting} to where it stands`;
}

/** `order` of `order.updated`. */
function nounOf(type: string): string {
	const dot = type.lastIndexOf(".");
	return dot > 0 ? type.slice(0, dot) : type;
}

function firstText(delivery: Delivery, json: Json, places: string[]): string | undefined {
	for (const place of places) {
		const text = isOutsideBody(place) ? outsideBody(delivery, place) : idAt(delivery, json, place);
		if (text !== undefined) return text;
	}
	return undefined;
}

function firstTime(delivery: Delivery, json: Json, places: string[]): number | undefined {
	for (const place of places) {
		const time = timeOf(isOutsideBody(place) ? outsideBody(delivery, place) : valueAt(json, place));
		if (time !== undefined) return time;
	}
	return undefined;
}

function isOutsideBody(place: string): boolean {
	return place.includes(":");
}

function outsideBody(delivery: Delivery, place: string): string | undefined {
	const what = place.slice(place.indexOf(":") + 1);
	return place.startsWith("value:") ? what : headerOf(delivery, what);
}

/** Until the year 5138 no time in seconds reaches this, and since 1973 every time in milliseconds does. */
const LEAST_MS = 100_000_000_000;

function timeOf(value: Json | undefined): number | undefined {
	const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
	if (typeof number !== "number") return parseTime(number);
	return plausible(number < LEAST_MS ? number * 1_000 : number);
}

const COMMON_KINDS: ReadonlyMap<string, Actor["kind"]> = new Map([
	...["human", "user", "person", "member", "customer", "employee"].map((word) => [word, "human"] as const),
	...["automation", "bot", "app", "application", "service", "service_account", "integration", "machine"].map(
		(word) => [word, "automation"] as const,
	),
	...["api", "api_key", "apikey", "oauth_client", "workflow"].map((word) => [word, "automation"] as const),
	["system", "system"],
]);

function actorBy(mapping: Mapping, word: string | undefined, id: string | undefined): Actor {
	if (id !== undefined && mapping.own.includes(id)) return { kind: "self", id };
	return { kind: kindBy(mapping, word), id };
}

function kindBy({ actor_kinds }: Mapping, word: string | undefined): Actor["kind"] {
	if (word === undefined) return "unknown";
	const configured = Object.hasOwn(actor_kinds, word) ? actor_kinds[word] : undefined;
	return configured ?? COMMON_KINDS.get(word.toLowerCase()) ?? "unknown";
}
