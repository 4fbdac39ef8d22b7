// What the author of a wrong expression is told: what is wrong, where, and what to write instead.

import { expect, test } from "vitest";
import { EVENT_VARIABLES, STEP_VARIABLES } from "../../../src/core/expression/names";
import { compileExpression } from "../../../src/core/expression/program";

const wrong: Record<"syntax" | "unknown_name", [source: string, message: string][]> = {
	syntax: [
		["", "the expression is empty (column 1)"],
		["  // nothing", "the expression is empty (column 1)"],
		["event.id = 'a'", "= has no meaning here; write == to compare (column 10)"],
		["event.id === 'a'", "= has no meaning here; write == to compare (column 12)"],
		["true & false", "& has no meaning here; write && for and (column 6)"],
		["true | false", "| has no meaning here; write || for or (column 6)"],
		["true and false", "and follows true without an operator between them; write && for and (column 6)"],
		["true or false", "or follows true without an operator between them; write || for or (column 6)"],
		["not true", "true follows not without an operator between them; write ! for not (column 5)"],
		["event.id == “a”", '“ has no meaning here; write straight quotes: " (column 13)'],
		["event.`id`", '` has no meaning here; write ["a name"] for a field of any name (column 7)'],
		["event.id;", "; has no meaning here; an expression is one value, without ; (column 9)"],
		["$event", "$ has no meaning here; names stand by themselves, without $ (column 1)"],
		["event # x", "# has no meaning here; remove it (column 7)"],
		["événement", "é has no meaning here; remove it (column 1)"],
		["event.id ==", "the expression ends after ==, where a value should follow (column 12)"],
		["event.", "the expression ends after ., where a value should follow (column 7)"],
		["!", "the expression ends after !, where a value should follow (column 2)"],
		["event..id", "a name should follow the . (column 7)"],
		["event.data.if == 1 &&", "the expression ends after &&, where a value should follow (column 22)"],
		["event.in", 'in is a reserved word; write ["in"] instead of .in (column 7)'],
		["if == 1", "if is a reserved word and cannot be a name (column 1)"],
		["== 1", "the expression starts with ==; a value should stand before it (column 1)"],
		["1 + * 2", "a value is missing between + and * (column 5)"],
		["[1, , 2]", "a value is missing between , and , (column 5)"],
		["(1 + )", "a value is missing between + and ) (column 6)"],
		["event.data.list.exists(c, c.field = 'x')", "= has no meaning here; write == to compare (column 35)"],
		["size(event.id event.id)", "event follows id without an operator between them (column 15)"],
		["1 ? 2", "the expression cannot be understood from ? on (column 3)"],
		["event.id)", "nothing is open that this ) could close (column 9)"],
		["(event.id", "the ( is never closed (column 1)"],
		["[1, (2]", "the ( is closed by ] (column 5)"],
		["event.id == 'a", "the text that starts with ' is never closed (column 13)"],
		["'a\n'", "the text that starts with ' is never closed (line 1, column 1)"],
		['"""a"', 'the text that starts with """ is never closed (column 1)'],
		["'\\d+'", "\\d starts no escape that there is; write \\\\ for a backslash, or a raw text like r'\\d+' (column 2)"],
		[
			"'\\ud800'",
			"\\u starts no escape that there is; write \\\\ for a backslash, or a raw text like r'\\d+' (column 2)",
		],
		["event.id\n  == (1", "the ( is never closed (line 2, column 6)"],
		["size()", "size() is written size(value) (column 1)"],
		["size(1, 2)", "size() is written size(value) (column 1)"],
		["contains('a', 'b')", "contains() is written text.contains(part) (column 1)"],
		["'a'.truncate(1)", "truncate() is written truncate(text, length) (column 4)"],
		["'a'.replace('b')", "replace() is written text.replace(part, by) (column 4)"],
		["changed()", 'changed() is written changed("field") (column 1)'],
		["has(event)", "has is written has(event.data.field) (column 1)"],
		["event.data.list.map(x)", "map is written list.map(item, value) (column 16)"],
		["event.data.list.exists(1, true)", "exists is written list.exists(item, condition) (column 16)"],
		["b'raw'", "bytes have no place in JSON; write a text without the b (column 1)"],
		["Deal{id: 1}", 'there are no message types; write an object like {"name": value} (column 1)'],
		[
			"9007199254740993 == event.id",
			"9007199254740993 is too large for a JSON number; compare it as a text (column 1)",
		],
		["1e999", "the number is too large (column 1)"],
		[
			"event.id.matches(event.pattern)",
			"the pattern of matches() must be a text in quotes, like r'^PROJ-[0-9]+$' (column 9)",
		],
		[
			"event.id.matches('(a')",
			"the pattern of matches() is not a regular expression of RE2: missing closing ): `(a` (column 9)",
		],
		[
			"event.id.matches(r'a(?=b)')",
			"the pattern of matches() is not a regular expression of RE2: invalid or unsupported Perl syntax: `(?=` (column 9)",
		],
	],
	unknown_name: [
		["evnt.id", "there is no variable evnt; did you mean event? (column 1)"],
		["foo", "there is no variable foo; only event can be used here (column 1)"],
		["window.count", "window is not available in this place; only event can be used here (column 1)"],
		[
			"item.id",
			"item is not available in this place, only in the with of a step that has for_each; only event can be used here (column 1)",
		],
		["event.list.exists(label, lable.name == 'a')", "there is no variable lable; did you mean label? (column 26)"],
		["event.list.exists(label, labels == 'a')", "there is no variable labels; did you mean label? (column 26)"],
		["[1].exists(x, true) && x", "there is no variable x; only event can be used here (column 24)"],
		["event.list.exits(x, x)", "there is no function exits(); did you mean exists()? (column 11)"],
		["changd('a')", "there is no function changd(); did you mean changed()? (column 1)"],
		["toUpper(event.id)", "there is no function toUpper() (column 1)"],
		["math.abs(1)", "there is no function abs() (column 5)"],
		["type(1)", "there is no function type() (column 1)"],
		["bytes('a')", "there is no function bytes() (column 1)"],
		["constructor", "there is no variable constructor; only event can be used here (column 1)"],
		["__proto__.x", "there is no variable __proto__; only event can be used here (column 1)"],
		["constructor()", "there is no function constructor() (column 1)"],
		["string", "there is no variable string; only event can be used here (column 1)"],
		["google.protobuf.Timestamp", "there is no variable google; only event can be used here (column 1)"],
		["_", "there is no variable _; only event can be used here (column 1)"],
	],
};

for (const reason of ["syntax", "unknown_name"] as const) {
	test.each(wrong[reason])("%j is refused", (source, message) => {
		expect(compileExpression(source, EVENT_VARIABLES)).toMatchObject({ ok: false, error: { reason, message } });
	});
}

test("the place is given as an offset too", () => {
	const result = compileExpression("event.id ==\n  evnt.id", EVENT_VARIABLES);
	expect(result).toMatchObject({
		ok: false,
		error: { message: "there is no variable evnt; did you mean event? (line 2, column 3)", at: 14 },
	});
});

test("a suggestion lists the items of loops before the variables", () => {
	const result = compileExpression("[1].map(item, wagon)", STEP_VARIABLES);
	expect(result).toMatchObject({
		error: {
			message: "there is no variable wagon; available here: item, event, window, steps, run, workflow, now (column 15)",
		},
	});
});

test("without variables, an expression can still compute", () => {
	expect(compileExpression("1 + 1", [])).toMatchObject({ ok: true });
	expect(compileExpression("event", [])).toMatchObject({
		error: { message: "event is not available in this place; only functions can be used here (column 1)" },
	});
});
