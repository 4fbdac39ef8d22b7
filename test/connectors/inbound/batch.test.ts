// How the events of one delivery are put together when each was judged alone.

import { expect, test } from "vitest";
import type { NormalizedEvent } from "../../../src/connectors/connector";
import { manyEvents } from "../../../src/connectors/inbound/batch";
import { fitEvent } from "../../../src/connectors/inbound/normalized";
import { err, ok } from "../../../src/model/result";

const event = (delivery_key: string): NormalizedEvent => ({
	delivery_key,
	event_type: "deal.updated",
	native_type: "object.propertyChange",
	entity: { type: "deal", id: "7" },
	actor: { kind: "human" },
	changes: [],
	data: {},
});

test("all of them count, in their order", () => {
	const expected = { kind: "events", events: [event("b"), event("a")] };
	expect(manyEvents([ok(event("b")), ok(event("a"))])).toEqual(ok(expected));
});

test("one that cannot be read does not stop the others, and is named with the reason", () => {
	const unreadable = "event 2 of 3: it has no objectId";
	const expected = { kind: "events", events: [event("a"), event("b")], unreadable };
	expect(manyEvents([ok(event("a")), err("it has no objectId"), ok(event("b"))])).toEqual(ok(expected));
});

test("none that can be read is a refusal, with no more reasons than help", () => {
	expect(manyEvents([err("a"), err("b")])).toEqual(err("event 1 of 2: a; event 2 of 2: b"));
	const many = manyEvents(Array.from({ length: 100 }, () => err("a")));
	expect(many).toEqual(err(`${[1, 2, 3, 4, 5].map((i) => `event ${i} of 100: a`).join("; ")}; and 95 more`));
});

test("no event at all is a refusal", () => {
	expect(manyEvents([])).toEqual(err("the delivery holds no events"));
});

test("an event alone is held to what the canonical event allows", () => {
	expect(fitEvent(event("a"))).toEqual(ok(event("a")));
	expect(fitEvent(event("x".repeat(401)))).toEqual(
		err("the event id is 401 characters long; at most 400 are possible"),
	);
	const actor = { kind: "human" as const, id: "1", name: "x".repeat(300) };
	expect(fitEvent({ ...event("a"), actor })).toEqual(ok({ ...event("a"), actor: { kind: "human", id: "1" } }));
});
