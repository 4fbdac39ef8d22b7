// The requests that change and read what is on a page, and what is made of answers.

import { describe, expect, test } from "vitest";
import { statuspage } from "../../../src/connectors/statuspage/statuspage";
import { answer, judged, problemOf, requestOf } from "../actions";
import { resolved, updated } from "./golden";
import { connection, headers, PAGE, secret_headers, withBody } from "./requests";

const place = { page_id: "p1", incident_id: "i1" };
const incident = {
	id: "i1",
	name: "Checkout latency",
	status: "monitoring",
	impact: "minor",
	shortlink: "https://stspg.io/fern01",
	updated_at: "2026-11-20T09:59:57.300Z",
	scheduled_for: null,
	components: [{ id: "c1" }, { id: "c2" }, {}],
	incident_updates: [
		{ id: "u2", body: "We found the cause." },
		{ id: "u1", body: "We are looking into it." },
	],
};
const output = {
	id: "i1",
	status: "monitoring",
	impact: "minor",
	url: "https://stspg.io/fern01",
	update_id: "u2",
};

describe("update_incident", () => {
	const input = {
		...place,
		name: "Checkout down",
		status: "monitoring",
		impact_override: "critical",
		body: "We found the cause.",
		component_ids: ["c1", "c2"],
		components: { c1: "partial_outage", c2: "operational" },
	};

	test("is this request", () => {
		expect(requestOf("statuspage.update_incident", input, connection)).toEqual({
			method: "PATCH",
			url: `${PAGE}/incidents/i1`,
			headers: withBody,
			secret_headers,
			body: JSON.stringify(updated),
		});
	});

	test("does not touch the metadata, where our mark and others' stand", () => {
		expect(requestOf("statuspage.update_incident", input, connection).body).not.toContain("metadata");
		expect(problemOf("statuspage.update_incident", { ...input, metadata: {} }, connection.credentials)).toMatch(
			/^with: Unrecognized key/,
		);
	});

	test("changes something", () => {
		expect(problemOf("statuspage.update_incident", place, connection.credentials)).toBe(
			"with: say what is to be changed",
		);
		expect(
			problemOf("statuspage.update_incident", { ...place, deliver_notifications: false }, connection.credentials),
		).toBe("with: say what is to be changed");
		expect(problemOf("statuspage.update_incident", { ...place, body: "a" }, connection.credentials)).toBe("");
	});

	test("is a success with the update that it wrote", () => {
		expect(judged("statuspage.update_incident", answer(200, incident), input)).toEqual({ kind: "succeeded", output });
	});
});

describe("resolve_incident", () => {
	test("is this request", () => {
		expect(
			requestOf("statuspage.resolve_incident", { ...place, components: { c1: "operational" } }, connection),
		).toEqual({
			method: "PATCH",
			url: `${PAGE}/incidents/i1`,
			headers: withBody,
			secret_headers,
			body: JSON.stringify(resolved),
		});
	});

	test("writes no text, which a repetition would write again", () => {
		expect(problemOf("statuspage.resolve_incident", { ...place, body: "Done." }, connection.credentials)).toMatch(
			/^with: Unrecognized key/,
		);
	});

	test("is a success with the update that it wrote", () => {
		expect(judged("statuspage.resolve_incident", answer(200, { ...incident, status: "resolved" }), place)).toEqual({
			kind: "succeeded",
			output: { ...output, status: "resolved" },
		});
	});
});

describe("get_incident", () => {
	test("is this request", () => {
		expect(requestOf("statuspage.get_incident", place, connection)).toEqual({
			method: "GET",
			url: `${PAGE}/incidents/i1`,
			headers,
			secret_headers,
			body: null,
		});
	});

	test("gives the incident as it is now, and nothing else of it", () => {
		expect(judged("statuspage.get_incident", answer(200, incident), place)).toEqual({
			kind: "succeeded",
			output: {
				...output,
				name: "Checkout latency",
				body: "We found the cause.",
				components: ["c1", "c2", null],
				scheduled_for: null,
				updated_at: "2026-11-20T09:59:57.300Z",
			},
		});
	});

	test("gives what there is of an incident that says little", () => {
		expect(judged("statuspage.get_incident", answer(200, { id: "i1" }), place)).toEqual({
			kind: "succeeded",
			output: {
				...{ id: "i1", status: null, impact: null, url: null, update_id: null, name: null, body: null },
				...{ components: [], scheduled_for: null, updated_at: null },
			},
		});
	});
});

describe("get_component", () => {
	const input = { page_id: "p1", component_id: "c1" };

	test("is this request", () => {
		expect(requestOf("statuspage.get_component", input, connection)).toEqual({
			method: "GET",
			url: `${PAGE}/components/c1`,
			headers,
			secret_headers,
			body: null,
		});
	});

	test("gives the component as it is now, and nothing else of it", () => {
		const component = { id: "c1", name: "Checkout", status: "operational", position: 1 };
		expect(judged("statuspage.get_component", answer(200, component), input)).toEqual({
			kind: "succeeded",
			output: { id: "c1", name: "Checkout", status: "operational", updated_at: null },
		});
	});
});

test.each(["get_incident", "get_component"])("%s has read nothing in an answer that is none", (name) => {
	const reason = "Statuspage answered 200 and did not say what it did";
	for (const body of ["", "<html>", "[]", "{}", '{"id":7}']) {
		expect(judged(`statuspage.${name}`, answer(200, body))).toEqual({ kind: "transient", reason });
	}
});

test("the API stands at api.statuspage.io, or where the settings say", () => {
	const { connection } = statuspage;
	expect(connection?.hosts({})).toEqual(["api.statuspage.io"]);
	expect(connection?.hosts({ base_url: "https://proxy.acme.com/sp" })).toEqual(["proxy.acme.com"]);
	expect(connection?.credentials.safeParse({ api_key: "k" }).success).toBe(true);
	expect(connection?.credentials.safeParse({}).success).toBe(false);
});
