// The request that creates an incident, what is made of its answer, and how it is looked for.

import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/model/json";
import { answer, found, judged, lookFor, mark, problemOf, requestOf } from "../actions";
import { created } from "./golden";
import { connection, headers, PAGE, secret_headers, withBody } from "./requests";

const USE = "statuspage.create_incident";
const input = {
	page_id: "p1",
	name: "Checkout latency ✓",
	status: "identified",
	impact_override: "minor",
	body: "We are looking into it.",
	component_ids: ["c1"],
	components: { c1: "major_outage" },
	deliver_notifications: false,
	metadata: { jira: { issue_id: "OPS-7" } },
};

/** An incident as Statuspage shows it. */
function incident(more: JsonObject = {}): JsonObject {
	return {
		id: "i1",
		name: "Checkout latency ✓",
		status: "identified",
		impact: "minor",
		shortlink: "https://stspg.io/fern01",
		created_at: "2026-11-20T09:59:57.100Z",
		incident_updates: [
			{
				id: "u1",
				status: "identified",
				affected_components: [
					{ code: "c1", name: "Checkout", old_status: "degraded_performance", new_status: "major_outage" },
					{ code: "c9", name: "Search", old_status: "operational", new_status: "operational" },
				],
			},
		],
		metadata: { signalbox: { k: mark.idempotency_key, trace: mark.trace_id } },
		...more,
	};
}

const output = { id: "i1", status: "identified", impact: "minor", url: "https://stspg.io/fern01", update_id: "u1" };
/** Without the components, of which the answer says what they were: that may since be another incident's doing. */
const undo = { page_id: "p1", incident_id: "i1", deliver_notifications: false };

describe("creating an incident", () => {
	test("is this request", () => {
		expect(requestOf(USE, input, connection)).toEqual({
			method: "POST",
			url: `${PAGE}/incidents`,
			headers: withBody,
			secret_headers,
			body: JSON.stringify(created),
		});
	});

	test("needs but a page and a name", () => {
		const { body } = requestOf(USE, { page_id: "p1", name: "a" }, connection);
		expect(JSON.parse(body ?? "")).toEqual({
			incident: {
				name: "a",
				status: "investigating",
				deliver_notifications: true,
				metadata: { signalbox: { k: mark.idempotency_key, trace: mark.trace_id } },
			},
		});
	});

	test("carries our mark whatever metadata it is given", () => {
		const { body } = requestOf(USE, { ...input, metadata: { signalbox: { k: "other" } } }, connection);
		expect(JSON.parse(body ?? "").incident.metadata.signalbox.k).toBe(mark.idempotency_key);
	});

	test.each([
		[{ name: "" }, "name"],
		[{ name: "x".repeat(256) }, "name"],
		[{ body: "x".repeat(25_001) }, "body"],
		[{ status: "postmortem" }, "status"],
		[{ status: "scheduled" }, "status"],
		[{ impact_override: "maintenance" }, "impact_override"],
		[{ components: { c1: "down" } }, "components.c1"],
		[{ components: { "..": "operational" } }, "components..."],
		[{ metadata: { jira: "OPS-7" } }, "metadata.jira"],
		[{ page_id: ".." }, "page_id"],
		[{ deliver_notifications: "no" }, "deliver_notifications"],
	])("is refused with %j", (wrong: JsonObject, path) => {
		expect(problemOf(USE, { ...input, ...wrong }, connection.credentials)).toMatch(
			new RegExp(`^with\\.${path.replaceAll(".", "\\.")}: `),
		);
	});

	test("goes to its page, whatever that is called", () => {
		expect(requestOf(USE, { ...input, page_id: "p/1?x" }, connection).url).toBe(
			"https://api.statuspage.io/v1/pages/p%2F1%3Fx/incidents",
		);
	});

	test("is a success with where the incident stands, and with what resolves it", () => {
		expect(judged(USE, answer(201, incident()), input)).toEqual({ kind: "succeeded", output, undo });
	});

	test("is undone as loudly as it was done", () => {
		const outcome = judged(USE, answer(201, incident()), { page_id: "p1", name: "a", deliver_notifications: true });
		expect(outcome).toMatchObject({ undo: { page_id: "p1", incident_id: "i1", deliver_notifications: true } });
	});

	test.each(["", "<html>", "[]", "{}", '{"id":7}'])("is a success with 201 %s too", (body) => {
		expect(judged(USE, answer(201, body), input)).toEqual({
			kind: "succeeded",
			output: { id: null, status: null, impact: null, url: null, update_id: null },
		});
	});
});

describe("an incident that may have been created", () => {
	const other = (id: string, more: JsonObject = {}) => incident({ id, metadata: {}, ...more });
	const look = (list: Json) => found(USE, answer(200, list), input);

	test("is looked for by this request", () => {
		expect(lookFor(USE, input, connection)).toEqual({
			method: "GET",
			url: `${PAGE}/incidents?limit=100`,
			headers,
			secret_headers,
			body: null,
		});
	});

	test("is found by its key, with its first update, whatever became of it since", () => {
		const [first] = incident().incident_updates as JsonObject[];
		const resolved = incident({ status: "resolved", incident_updates: [{ id: "u2" }, first ?? {}] });
		expect(look([other("i3"), incident(), other("i2")])).toEqual({ kind: "found", output, undo });
		expect(look([resolved])).toEqual({ kind: "found", output: { ...output, status: "resolved" }, undo });
	});

	test.each([
		[[]],
		[[other("i2"), other("i3", { metadata: { jira: {} } })]],
		[[other("i2", { metadata: { signalbox: { k: "sb_run_1_tel" } } })]],
		[[other("i2", { metadata: { jira: { k: mark.idempotency_key } }, name: mark.idempotency_key })]],
	])("is absent from a list that is whole and does not hold it: %#", (list) => {
		expect(look(list)).toEqual({ kind: "absent" });
	});

	test("may be one whose metadata Statuspage does not show, unless that is older", () => {
		const { metadata: _, ...bare } = incident();
		const unclear = { kind: "unclear", reason: "Statuspage withholds the metadata of incidents" };
		expect(look([bare])).toEqual(unclear);
		for (const metadata of [null, "", "{}", 7, true, []]) expect(look([{ ...bare, metadata }])).toEqual(unclear);
		expect(look([{ ...bare, created_at: null }])).toEqual(unclear);
		expect(look([{ ...bare, created_at: "2026-11-20T09:54:00.250Z" }])).toEqual(unclear);
		expect(look([{ ...bare, created_at: "2026-11-20T09:54:00.249Z" }])).toEqual({ kind: "absent" });
		expect(look([bare, incident()])).toMatchObject({ kind: "found" });
	});

	describe("on a full page without it", () => {
		function pageBackTo(created_at: string): JsonObject[] {
			return Array.from({ length: 100 }, (_, i) => other(`i${i}`, i === 99 ? { created_at } : {}));
		}
		const unclear = {
			kind: "unclear",
			reason: "it is not among the 100 that Statuspage listed, and there may be more",
		};

		test("is absent if the page goes back to before it could have been created", () => {
			expect(look(pageBackTo("2026-11-20T09:54:00.249Z"))).toEqual({ kind: "absent" });
		});

		test("may stand on the next one, if this one goes back no further, or is not sorted", () => {
			expect(look(pageBackTo("2026-11-20T09:54:00.250Z"))).toEqual(unclear);
			expect(look(pageBackTo("2026-11-20T09:00:00.000Z").toReversed())).toEqual(unclear);
		});

		test("is absent from one that is shorter", () => {
			expect(look(pageBackTo("2026-11-20T09:59:57.100Z").slice(1))).toEqual({ kind: "absent" });
		});
	});
});
