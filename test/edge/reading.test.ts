import { describe, expect, test } from "vitest";
import { findConnector } from "../../src/connectors";
import { readingOf } from "../../src/edge/reading";
import type { Source } from "../../src/model/source";
import { deliveryOf } from "../connectors/deliveries";

const side = findConnector("token")?.source;
if (side === undefined) throw new Error("token is no source");
const source: Source = { tenant: "acme", name: "shop", connector: "token", config: side.config.parse({}), secrets: [] };
const BODY = '{"id":"d-1","type":"order.paid","data":{"id":"o-1"}}';

describe("what is read of a delivery", () => {
	const reading = (trust?: "bearer") =>
		readingOf({ source, side, delivery: deliveryOf(BODY), ...(trust && { trust }) }, JSON.parse(BODY));

	test("has the trust of its source's settings, or the one that a kept delivery came with", () => {
		expect(reading()).toMatchObject({ ok: true, value: { events: [{ trust: "token" }], unread: [] } });
		expect(reading("bearer")).toMatchObject({ ok: true, value: { events: [{ trust: "bearer" }] } });
	});
});
