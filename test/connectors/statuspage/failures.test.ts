// What Statuspage's refusals mean, for every action and every look.

import { describe, expect, test } from "vitest";
import { actionNames } from "../../../src/connectors";
import { actionOf, answer, found, judged } from "../actions";

const actions = actionNames().filter((name) => name.startsWith("statuspage."));
const once = actions.filter((name) => !actionOf(name).repeatable);
const again = actions.filter((name) => actionOf(name).repeatable);

test("two actions must not be repeated, the others may be", () => {
	expect(once).toEqual(["statuspage.create_incident", "statuspage.update_incident"]);
	expect(again).toEqual(["statuspage.get_component", "statuspage.get_incident", "statuspage.resolve_incident"]);
});

describe.each(actions)("%s", (use) => {
	test.each([
		[400, "invalid"],
		[401, "auth"],
		[403, "permission"],
		[404, "not_found"],
		[422, "invalid"],
	])("is over with %d: %s", (status, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `Statuspage answered ${status}` };
		expect(judged(use, answer(status, { message: "s3cret" }))).toEqual(outcome);
		expect(judged(use, answer(status, { error: ["Name can't be blank"] }))).toEqual(outcome);
	});

	test("follows no redirect", () => {
		const reason = "Statuspage answered 301; redirects are not followed";
		expect(judged(use, answer(301))).toEqual({ kind: "permanent", class: "policy", reason });
	});

	test.each([420, 429])("waits after %d, the window's minute if nobody says how long", (status) => {
		const reason = `Statuspage answered ${status}`;
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason, after_ms: 60_000 });
		const later = { kind: "transient", reason, after_ms: 7_000 };
		expect(judged(use, answer(status, "", { "retry-after": "7" }))).toEqual(later);
	});
});

test.each(once)("%s leaves open what a failing server did", (use) => {
	for (const status of [408, 500, 502, 503, 504]) {
		const reason = `Statuspage answered ${status}`;
		expect(judged(use, answer(status))).toEqual({ kind: "unknown", reason, timed_out: false });
	}
	for (const status of [202, 204]) {
		const reason = `Statuspage answered ${status} and did not say what it did`;
		expect(judged(use, answer(status))).toEqual({ kind: "unknown", reason, timed_out: false });
	}
});

test.each(again)("%s is tried again after a failing server", (use) => {
	for (const status of [408, 500, 502, 503, 504]) {
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason: `Statuspage answered ${status}` });
	}
	const reason = "Statuspage answered 204 and did not say what it did";
	expect(judged(use, answer(204))).toEqual({ kind: "transient", reason });
});

test.each([
	[401, "", {}, { reason: "Statuspage answered 401" }],
	[404, "", {}, { reason: "Statuspage answered 404" }],
	[420, "", {}, { reason: "Statuspage answered 420", after_ms: 60_000 }],
	[429, "", { "retry-after": "7" }, { reason: "Statuspage answered 429", after_ms: 7_000 }],
	[301, "", {}, { reason: "Statuspage answered 301; redirects are not followed" }],
	[503, "", {}, { reason: "Statuspage answered 503" }],
	[201, "[]", {}, { reason: "Statuspage answered 201 and did not say what it did" }],
	[200, "", {}, { reason: "Statuspage answered without a list that can be read" }],
	[200, "{}", {}, { reason: "Statuspage answered without a list that can be read" }],
	[200, "[{", {}, { reason: "Statuspage answered without a list that can be read" }],
])(
	"the look for an incident settles nothing with %d %j %j",
	(status, body, headers: Record<string, string>, unclear) => {
		expect(found("statuspage.create_incident", answer(status, body, headers))).toMatchObject({
			kind: "unclear",
			...unclear,
		});
	},
);
