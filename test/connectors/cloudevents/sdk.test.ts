// What the CloudEvents library sends is read as what it reads itself.

import { CloudEvent, HTTP } from "cloudevents";
import { expect, test } from "vitest";
import { bytes, deliveryOf, eventOf, signatureOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "correct horse battery staple";
const scheme = { hash: "SHA-256", encoding: "hex" } as const;

const sent = new CloudEvent({
	id: "e1",
	source: "https://shop.example/orders",
	type: "order.updated",
	subject: "o1",
	time: "2026-11-20T09:59:56.000Z",
	datacontenttype: "application/json",
	partitionkey: "p1",
	data: { id: "d1", note: "Ñandú" },
});

async function received(message: { headers: Record<string, unknown>; body: unknown }) {
	const headers = Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
	const body = String(message.body);
	const signature = await signatureOf(scheme, SECRET, body);
	return deliveryOf(body, { ...Object.fromEntries(headers), "x-signature": signature });
}

test.each([
	["structured", HTTP.structured(sent)],
	["binary", HTTP.binary(sent)],
])("a %s event of the library is verified and read", async (mode, message) => {
	const delivery = await received(message);
	const { side, config } = sourceOf("cloudevents", { mode });
	expect(await verdictOf(delivery, side.verification(config), [SECRET])).toBe("ok");
	const tampered = { ...delivery, body: bytes(new TextDecoder().decode(delivery.body).replace("d1", "d2")) };
	expect(await verdictOf(tampered, side.verification(config), [SECRET])).toBe("bad_signature");
	const event = eventOf("cloudevents", delivery, { mode });
	expect(event).toMatchObject({
		delivery_key: "https://shop.example/orders e1",
		event_type: "order.updated",
		entity: { type: "order", id: "o1" },
		occurred_at: Date.parse("2026-11-20T09:59:56Z"),
	});
	expect(JSON.parse(String(new CloudEvent(event.data)))).toEqual(JSON.parse(String(HTTP.toEvent(message))));
});

test("a batch is what the library reads of it", () => {
	const body = JSON.stringify([sent, sent.cloneWith({ id: "e2" })]);
	const headers = { "content-type": "application/cloudevents-batch+json" };
	const read = HTTP.toEvent({ headers, body });
	const { side, config } = sourceOf("cloudevents");
	const normalized = side.normalize(deliveryOf(body, headers), JSON.parse(body), config);
	if (!normalized.ok || normalized.value.kind !== "events") throw new Error("no events");
	const events = normalized.value.events.map(({ data }) => new CloudEvent(data).toJSON());
	expect(events).toEqual([read].flat().map((event) => new CloudEvent(event).toJSON()));
});
