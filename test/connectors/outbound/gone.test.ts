// Whether a 404 says that there is nothing left to take back, and what the actions make of it that take things back.

import { expect, test } from "vitest";
import { actionNames } from "../../../src/connectors";
import { isGone } from "../../../src/connectors/outbound/gone";
import type { JsonObject } from "../../../src/model/json";
import { answer, judged } from "../actions";

const WORDS = ['{"message":"Not Found"}', '[{"errorCode":"NOT_FOUND"}]', "{}", "[]"];
const NO_WORDS = ["", "<html>404</html>", "null", "404", '"gone"', "true", '{"message":', '{"__proto__":{}}'];

test.each(WORDS)("%s is the system's own word for it", (body) => {
	expect(isGone(answer(404, body))).toBe(true);
	for (const status of [200, 204, 403, 410, 500]) expect(isGone(answer(status, body))).toBe(false);
});

test.each(NO_WORDS)("%j is somebody else's", (body) => {
	expect(isGone(answer(404, body))).toBe(false);
});

const DELETING: Record<string, JsonObject> = {
	"github.delete_comment": { owner: "acme", repo: "shop", id: 7 },
	"hubspot.delete_note": { id: "7" },
	"jira.delete_comment": { issue: "FERN-12", id: "7" },
	"jira.delete_issue": { issue: "FERN-12" },
	"jira.delete_property": { issue: "FERN-12", key: "acme.sync" },
	"pagerduty.delete_note": { incident_id: "Q1", note_id: "P1" },
	"salesforce.delete_record": { object: "Case", id: "5005e00000FERN1AAA" },
	"zendesk.delete_ticket": { ticket_id: "7" },
	"zendesk.hide_comment": { ticket_id: "7", comment_id: "8" },
};

test.each(Object.entries(DELETING))("%s has nothing left to do only where the system says so", (use, input) => {
	for (const body of WORDS) expect(judged(use, answer(404, body), input)).toMatchObject({ kind: "succeeded" });
	for (const body of NO_WORDS) {
		expect(judged(use, answer(404, body), input)).toMatchObject({ kind: "permanent", class: "not_found" });
	}
});

test("no other action takes a 404 for a success", () => {
	const names = actionNames().filter((use) => judged(use, answer(404, "{}")).kind === "succeeded");
	expect(names.sort()).toEqual(Object.keys(DELETING).sort());
});
