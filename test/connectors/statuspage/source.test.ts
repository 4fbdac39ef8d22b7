// How Statuspage's webhooks become events.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, sourceOf, verdictOf } from "../deliveries";
import { eventsOf, problemIn, withPathToken } from "../reading";

const meta = {
	unsubscribe: "https://status.example.test/?unsubscribe=s3cret",
	documentation: "https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/",
	generated_at: "2026-11-20T09:59:59.000Z",
};
const { unsubscribe: _, ...shown } = meta;
const page = { id: "p1", status_indicator: "minor", status_description: "Partially Degraded Service" };

const component: JsonObject = {
	meta,
	page,
	component_update: {
		created_at: "2026-11-20T09:59:50.120Z",
		new_status: "degraded_performance",
		old_status: "operational",
		id: "cu1",
		component_id: "c1",
	},
	component: { created_at: "2025-02-01T10:00:00.000Z", id: "c1", name: "Checkout", status: "degraded_performance" },
};

const first = {
	id: "u1",
	status: "investigating",
	created_at: "2026-11-20T04:59:50.212-05:00",
	body: "We look into it.",
};
const second = { id: "u2", status: "identified", created_at: "2026-11-20T10:03:00.000Z", body: "We found the cause." };

/** A webhook of an incident with these updates, the newest first. */
function incident(incident_updates: JsonObject[], more: JsonObject = {}): JsonObject {
	const status = incident_updates[0]?.status ?? null;
	const times = { created_at: "2026-11-20T09:59:50.090Z", updated_at: "2026-11-20T10:03:00.300Z", scheduled_for: null };
	return { meta, page, incident: { id: "i1", name: "Latency", status, ...times, incident_updates, ...more } };
}

function event(body: JsonObject, settings: JsonObject = {}) {
	const [found, ...more] = eventsOf("statuspage", JSON.stringify(body), settings);
	if (found === undefined || more.length > 0) throw new Error("not one event");
	return found;
}

describe("a component's update", () => {
	test("is about the component, with its status before and now", () => {
		expect(event(component)).toEqual({
			delivery_key: "cu1",
			event_type: "component.updated",
			native_type: "component_update",
			entity: { type: "component", id: "c1" },
			actor: { kind: "unknown" },
			occurred_at: Date.parse("2026-11-20T09:59:50.120Z"),
			changes: [{ field: "status", from: "operational", to: "degraded_performance" }],
			data: { ...component, meta: shown },
		});
	});

	test("is about the component that comes along, if it names none itself", () => {
		const update = { id: "cu1", new_status: "operational", old_status: "major_outage" };
		expect(event({ ...component, component_update: update }).entity).toEqual({ type: "component", id: "c1" });
	});
});

describe("an incident's update", () => {
	test("is about the incident, with its status before and now", () => {
		const body = incident([second, first]);
		expect(event(body)).toEqual({
			delivery_key: "u2",
			event_type: "incident.updated",
			native_type: "incident",
			entity: { type: "incident", id: "i1" },
			actor: { kind: "unknown" },
			occurred_at: Date.parse("2026-11-20T10:03:00.300Z"),
			changes: [{ field: "status", from: "investigating", to: "identified" }],
			data: { ...body, meta: shown },
		});
	});

	test("has the time of the update, where the incident has none", () => {
		const { occurred_at } = event(incident([second, first], { updated_at: null }));
		expect(occurred_at).toBe(Date.parse("2026-11-20T10:03:00Z"));
	});

	test.each([
		["its first update", [first], {}, "incident.created"],
		["its second", [second, first], {}, "incident.updated"],
		["its second, a moment later", [{ ...second, created_at: "2026-11-20T09:59:55Z" }, first], {}, "incident.updated"],
		["its newest alone, of an older incident", [second], {}, "incident.updated"],
		["its only one, at no known time", [{ ...first, created_at: null }], {}, "incident.updated"],
		["its resolution", [{ ...second, status: "resolved" }, first], {}, "incident.resolved"],
		["its only one, which resolves it", [{ ...first, status: "resolved" }], {}, "incident.resolved"],
		["another after its resolution", again("resolved"), {}, "incident.updated"],
		["its postmortem", [{ ...second, status: "postmortem" }, first], {}, "incident.updated"],
		["a maintenance that is new", [{ ...first, status: "scheduled" }], scheduled(), "maintenance.created"],
		["a maintenance that begins", [{ ...second, status: "in_progress" }, first], scheduled(), "maintenance.started"],
		["a maintenance that has begun before", again("in_progress"), scheduled(), "maintenance.updated"],
		["a maintenance that was over before", again("completed"), scheduled(), "maintenance.updated"],
		["a maintenance that goes on", [{ ...second, status: "verifying" }, first], scheduled(), "maintenance.updated"],
		["a maintenance that is over", [{ ...second, status: "completed" }, first], scheduled(), "maintenance.completed"],
	])("by %s: %#", (_, updates, more, event_type) => {
		const found = event(incident(updates, more));
		expect(found).toMatchObject({ event_type, native_type: "incident" });
		expect(found.entity).toEqual({ type: event_type.split(".")[0], id: "i1" });
	});

	function again(status: string) {
		return [
			{ ...second, status },
			{ ...first, status },
		];
	}

	function scheduled() {
		return { scheduled_for: "2026-11-21T03:00:00.000Z" };
	}

	test("changes no status, if it stayed the same or nobody says what it was", () => {
		expect(event(incident([{ ...second, status: "investigating" }, first])).changes).toEqual([]);
		expect(event(incident([second])).changes).toEqual([]);
		expect(event(incident([first])).changes).toEqual([]);
		expect(event(incident([second, { ...first, status: null }])).changes).toEqual([]);
	});
});

describe("who did it", () => {
	const metadata = { signalbox: { k: "sb_run_1_tell", trace: "t" } };

	test("is us, if an incident begins with our mark", () => {
		expect(event(incident([first], { metadata })).actor).toEqual({ kind: "self" });
	});

	test.each([
		["of later updates, also of our incidents", [second, first], metadata],
		["of the newest update alone, of our incident", [second], metadata],
		["of an incident without metadata", [first], {}],
		["of an incident with somebody else's", [first], { jira: { k: "sb_run_1_tell" } }],
		["of an incident whose mark is none", [first], { signalbox: "sb_run_1_tell" }],
	])("nobody knows %s", (_, updates, metadata) => {
		expect(event(incident(updates, { metadata })).actor).toEqual({ kind: "unknown" });
	});
});

describe("the link that ends the subscription", () => {
	test.each([component, incident([first])])("is left out", (body) => {
		expect(JSON.stringify(event(body))).not.toContain("s3cret");
		expect(event(body).data.meta).toEqual(shown);
	});

	test.each([null, [meta], meta.unsubscribe])("takes all of `meta` with it that is no object: %j", (meta) => {
		expect(event({ ...component, meta }).data).not.toHaveProperty("meta");
	});
});

describe("what cannot be read", () => {
	test.each([
		[[], "the body is not a JSON object"],
		[{ meta, page }, "the body has neither a component_update nor an incident"],
		[{ component_update: null, incident: [] }, "the body has neither a component_update nor an incident"],
		[{ component_update: {} }, "the component_update has no id, or none of its component"],
		[{ component_update: { id: "cu1" } }, "the component_update has no id, or none of its component"],
		[{ component_update: { component_id: "c1" } }, "the component_update has no id, or none of its component"],
		[incident([]), "the incident has no id, or no update with one"],
		[incident([{ ...first, id: null }]), "the incident has no id, or no update with one"],
		[incident([first], { id: "" }), "the incident has no id, or no update with one"],
	])("is told with the reason: %#", (body, reason) => {
		expect(problemIn("statuspage", JSON.stringify(body))).toBe(reason);
	});

	test("is a webhook of another page, if the settings name any", () => {
		const reason = "the webhook is not of a page in `pages`";
		expect(problemIn("statuspage", JSON.stringify(component), { pages: ["p2"] })).toBe(reason);
		expect(problemIn("statuspage", JSON.stringify({ ...component, page: {} }), { pages: ["p1"] })).toBe(reason);
		expect(problemIn("statuspage", JSON.stringify(component), { pages: ["p2", "p1"] })).toBeUndefined();
	});
});

test("a webhook is believed for its token in the address, its query or a header, and for nothing else", async () => {
	const { side, config } = sourceOf("statuspage");
	const verdict = (delivery: Parameters<typeof verdictOf>[0]) =>
		verdictOf(delivery, side.verification(config), ["new", "old"]);
	expect(await verdict(withPathToken(deliveryOf("{}"), "old"))).toBe("ok");
	expect(await verdict(deliveryOf("{}", {}, { token: "new" }))).toBe("ok");
	expect(await verdict(deliveryOf("{}", { "x-webhook-token": "new" }))).toBe("ok");
	expect(await verdict(withPathToken(deliveryOf("{}", {}, { token: "new" }), "other"))).toBe("bad_token");
	expect(await verdict(deliveryOf("{}"))).toBe("missing_token");
	expect(side.trust(config)).toBe("token");
});
