// What is sent to GitHub is what its own types allow.

import { expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { requestOf } from "../actions";
import { golden } from "./golden";

const repository = { owner: "acme", repo: "shop" };

test.each<[keyof typeof golden, JsonObject]>([
	["create_issue", { title: "Paid", body: "Order 7", labels: ["bug"], assignees: ["dana"] }],
	["close_issue", { number: 7, state_reason: "not_planned" }],
	["create_comment", { number: 7, body: "Done." }],
])("%s is as GitHub types it", (name, input) => {
	const { body } = requestOf(`github.${name}`, { ...repository, ...input });
	expect(JSON.parse(body ?? "")).toEqual(golden[name]);
});
