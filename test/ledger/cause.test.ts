// What makes two dead letters the same trouble.

import { expect, test } from "vitest";
import { type Cause, groupOf, patternOf, stepOfDocument } from "../../src/ledger/cause";

const SAME: [string, string, string][] = [
	["numbers", "no answer within 100 ms", "no answer within 2500 ms"],
	["ids", "there is no order b-17", "there is no order b-9931"],
	["uuids", "run 0f8e-4c2a failed", "run 77aa-0001 failed"],
	["quoted parts", 'the channel "C01 general" is archived', 'the channel "random" is archived'],
	["parts in single quotes", "unknown field 'amount'", "unknown field 'total'"],
	["addresses", "cannot reach https://a.example/x?y", "cannot reach https://b.example/"],
	["places in lists", "with.blocks[0].text: is missing", "with.blocks[12].text: is missing"],
	["white space", "a  b\nc", "a b c"],
];

test.each(SAME)("%s make no difference", (_, one, other) => {
	expect(patternOf(one)).toBe(patternOf(other));
});

test.each([
	["the target answered 404", "the target answered #"],
	["it's not the user's", "it's not the user's"],
	["with.amount: no such key", "with.amount: no such key"],
])("%s reads %s", (reason, pattern) => {
	expect(patternOf(reason)).toBe(pattern);
});

test("a pattern is never long", () => {
	expect(patternOf("x ".repeat(100_000)).length).toBeLessThanOrEqual(300);
	expect(patternOf('"'.repeat(100_000)).length).toBeLessThanOrEqual(300);
});

const CAUSE: Cause = {
	workflow: "wf",
	step: "tell",
	class: "not_found",
	connection: "out",
	source: "shop",
	reason: "the target answered 404",
};

test.each<[string, Partial<Cause>]>([
	["the source of an event", { source: "other" }],
	["an element of the same list", { step: "tell.3" }],
	["another number", { reason: "the target answered 410" }],
])("%s is the same cause", (_, parts) => {
	expect(groupOf({ ...CAUSE, ...parts })).toBe(groupOf(CAUSE));
});

test.each<[string, Partial<Cause>]>([
	["another workflow", { workflow: "other" }],
	["another step", { step: "other" }],
	["the undo of the step", { step: "tell.undo" }],
	["another class", { class: "auth" }],
	["another connection", { connection: "other" }],
	["another reason", { reason: "the target is gone" }],
])("%s is another cause", (_, parts) => {
	expect(groupOf({ ...CAUSE, ...parts })).not.toBe(groupOf(CAUSE));
});

test("deliveries that could not be read are told apart by their source", () => {
	const unread = { ...CAUSE, workflow: null, step: null, connection: null };
	expect(groupOf(unread)).not.toBe(groupOf({ ...unread, source: "other" }));
});

test.each([
	["tell", "tell"],
	["tell.3", "tell"],
	["tell.undo", "tell.undo"],
	["tell.3.undo", "tell.undo"],
])("%s is %s in the document", (step, base) => {
	expect(stepOfDocument(step)).toBe(base);
});
