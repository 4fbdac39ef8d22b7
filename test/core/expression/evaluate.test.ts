// What expressions mean: JSON in, JSON out.

import { describe, expect, test } from "vitest";
import { STEP_VARIABLES } from "../../../src/core/expression/names";
import { compileExpression, evaluate, evaluateCondition } from "../../../src/core/expression/program";
import { scope } from "./scope";

function value(source: string, variables: Record<string, unknown> = scope) {
	const program = compileExpression(source, STEP_VARIABLES);
	if (!program.ok) throw new Error(`${source}: ${program.error.message}`);
	return evaluate(program.value, variables);
}

const good: Record<string, [source: string, expected: unknown][]> = {
	"numbers are JSON numbers": [
		["event.data.amount + 1", 1201],
		["event.data.amount - 0.5", 1199.5],
		["event.data.count == 3", true],
		["event.data.count == 3.0", true],
		["event.data.count != 3", false],
		["3 == event.data.count", true],
		["1 < 2.5", true],
		["2.5 <= 2", false],
		["event.data.rate > 0", true],
		["event.data.rate >= 0.25", true],
		["event.data.count < event.data.amount", true],
		["1 / 2", 0.5],
		["7 / 2 * 2", 7],
		["event.data.count / 2", 1.5],
		["7 % 4", 3],
		["event.data.count % 2 == 1", true],
		["5.5 % 2", 1.5],
		["-event.data.count", -3],
		["-(-2)", 2],
		["-0.0", 0],
		["0 * -1", 0],
		["1 - -1", 2],
		["2 * 3 + 4", 10],
		["2 * (3 + 4)", 14],
		["0xff", 255],
		["3u", 3],
		["1e3", 1000],
		[".5 + .5", 1],
		["9007199254740991", 9007199254740991],
		["event.data.big", 9007199254740991],
		["int(2.9)", 2],
		["int(-2.9)", -2],
		['int("42")', 42],
		['double("1.5e3")', 1500],
		["double(2)", 2],
		["int(timestamp('1970-01-01T00:01:00Z'))", 60],
		["int(duration('2m'))", 120],
		["event.data.count in [1, 2, 3]", true],
		["2.0 in [1, 2, 3]", true],
	],
	"text is joined, searched and cut": [
		['"a" + "b"', "ab"],
		['"Deal " + event.data.name + ": " + string(event.data.amount)', "Deal Rail: 1200"],
		["string(1)", "1"],
		["string(1.5)", "1.5"],
		["string(true)", "true"],
		['string("x")', "x"],
		['event.data.name.contains("ai")', true],
		['event.data.name.startsWith("R")', true],
		['event.data.name.endsWith("x")', false],
		['event.data.name.matches("^R[a-z]+$")', true],
		['event.data.name.matches("^a")', false],
		["matches(event.data.name, 'il')", true],
		["event.data.name.lowerAscii()", "rail"],
		["event.data.name.upperAscii()", "RAIL"],
		['"  x ".trim()', "x"],
		['"PROJ-12".split("-")', ["PROJ", "12"]],
		['"PROJ-12".split("-")[0]', "PROJ"],
		['"a,b".replace(",", "$& ")', "a$& b"],
		['["a", "b"].join(", ")', "a, b"],
		['["a", "b"].join()', "ab"],
		["[].join('-')", ""],
		["event.data.sha.substring(0, 7)", "6dcb09b"],
		["event.data.name.substring(2)", "il"],
		['truncate("wagons", 4)', "wag…"],
		['truncate("wagons", 6)', "wagons"],
		['truncate("🚂🚃🚃🚃", 3)', "🚂🚃…"],
		['size("🚂🚃")', 2],
		['"🚂".size()', 1],
		['"b" > "a"', true],
		['"a" == "a"', true],
		['"1" == 1', false],
		["r'\\d' == '\\\\d'", true],
		["'''two\nlines'''", "two\nlines"],
		['"\\u00e9"', "é"],
	],
	"fields, elements and keys are read": [
		["event.data.labels[0].name", "bug"],
		['event.data["name"]', "Rail"],
		['event["data"]["labels"][1]["name"]', "ops"],
		["event.data.labels[event.data.count - 2].name", "ops"],
		["event.data.nothing", null],
		['event.data["nothing"]', null],
		['{"a": {"b": 2}}.a.b', 2],
		['{"a": 1}["a"]', 1],
		["[1, 2, 3][2]", 3],
		["[1, 2][1.0]", 2],
		['{1: "x"}[1]', "x"],
		['{1: "x"}["1"]', "x"],
		["(event.data.count == 3 ? event.data : event).name", "Rail"],
		["has(event.data.name)", true],
		["has(event.data.nothing)", true],
		["has(event.data.missing)", false],
		["has(event.data.nothing.deeper)", false],
		["has(event.data.toString)", false],
		['"name" in event.data', true],
		['"missing" in event.data', false],
		["size(event.data.labels)", 2],
		["size(event.data.labels) > 2", false],
		["event.data.labels.size()", 2],
		["size({})", 0],
		["size(event.entity)", 2],
		['event.data["odd key"]', "odd"],
	],
	"conditions are decided left and right": [
		["true && false", false],
		["true || event.data.missing", true],
		["event.data.missing || true", true],
		["false && event.data.missing", false],
		["!true", false],
		["!(1 == 2)", true],
		["event.data.count > 2 ? 'many' : 'few'", "many"],
		["true ? 1 : event.data.missing", 1],
		["null == null", true],
		["event.data.nothing == null", true],
		["event.data.name == null", false],
		["[1, [2]] == [1.0, [2.0]]", true],
		['{"a": 1} == {"a": 1.0}', true],
		['{"a": 1} == {"b": 1}', false],
		["[1] == [1, 2]", false],
		["event.entity == {'type': 'deal', 'id': '991'}", true],
		["event.data.labels[0] in event.data.labels", true],
		["true > false", true],
	],
	"lists are walked": [
		['event.data.labels.exists(l, l.name == "ops")', true],
		["event.data.labels.all(l, size(l.name) == 3)", true],
		["event.data.labels.map(l, l.name)", ["bug", "ops"]],
		["event.data.labels.map(l, l.name).join(', ')", "bug, ops"],
		["event.data.labels.filter(l, l.name != 'bug').map(l, l.name)", ["ops"]],
		["event.data.labels.map(l, l.name != 'bug', l.name)", ["ops"]],
		["[1, 2, 3].exists_one(x, x > 2)", true],
		["[1, 2, 3].existsOne(x, x > 1)", false],
		["[1, 2, 3].filter(x, x % 2 == 1)", [1, 3]],
		["[1, 2] + [3]", [1, 2, 3]],
		["[[1, 2], [3]].map(x, size(x))", [2, 1]],
		["[1, 2].map(x, [3, 4].filter(y, y > x + 1))", [[3, 4], [4]]],
		["[1, 2].exists(x, [2, 3].exists(y, x == y))", true],
		["event.entity.exists(k, k == 'type')", true],
		["[].all(x, false)", true],
		["[1, 'a'].exists(x, x > 0)", true],
		["[3, 1].map(event, event)", [3, 1]],
	],
	"changes are asked for by field": [
		['changed("dealstage")', true],
		['changed("amount")', true],
		['changed("owner")', false],
		['changed_to("dealstage", "legal")', true],
		['changed_to("dealstage", "won")', false],
		['changed_to("amount", 1200)', true],
		['changed_to("cleared", null)', true],
		['changed_to("unsaid", null)', false],
	],
	"times are compared and taken apart": [
		["timestamp(event.timestamp)", "2026-11-20T09:59:56Z"],
		["timestamp('2026-11-20T09:59:56.250+01:00')", "2026-11-20T08:59:56.250Z"],
		["timestamp(0)", "1970-01-01T00:00:00Z"],
		["timestamp(now) - timestamp(event.timestamp)", "3600s"],
		["timestamp(now) - timestamp(event.timestamp) >= duration('1h')", true],
		["timestamp(event.timestamp) + duration('1d') > timestamp(now)", true],
		["timestamp(event.timestamp) == timestamp('2026-11-20T10:59:56+01:00')", true],
		["duration('90s')", "90s"],
		["duration('1h30m') == duration('90m')", true],
		["duration('7d')", "604800s"],
		["duration('1.5d') == duration('36h')", true],
		["duration('-5m') < duration('0s')", true],
		["timestamp(event.timestamp).getHours()", 9],
		["timestamp(event.timestamp).getHours('Europe/Berlin')", 10],
		["timestamp(event.timestamp).getHours('+05:30')", 15],
		["timestamp(event.timestamp).getDayOfWeek()", 5],
		["timestamp(event.timestamp).getFullYear()", 2026],
		["timestamp(event.timestamp).getMonth()", 10],
		["timestamp(event.timestamp).getDate()", 20],
		["duration('90m').getHours()", 1],
		["string(timestamp(event.timestamp))", "2026-11-20T09:59:56Z"],
		["string(duration('1m'))", "60s"],
	],
	"results are JSON": [
		["event.entity", { type: "deal", id: "991" }],
		["{'a': [1, {'b': null}], 'c': true}", { a: [1, { b: null }], c: true }],
		["{1: 'a', true: 'b'}", { "1": "a", true: "b" }],
		["[timestamp(event.timestamp), duration('1s')]", ["2026-11-20T09:59:56Z", "1s"]],
		["json(event.entity)", '{"type":"deal","id":"991"}'],
		["json('a \"b\"')", '"a \\"b\\""'],
		["json(null)", "null"],
		["dyn(event.data.count)", 3],
		['bool("true")', true],
		["bool(false)", false],
	],
	"other variables are read": [
		["window.count", 4],
		["run.id + '/' + workflow.name", "run_1/deal-desk"],
	],
	"comments and line breaks are allowed": [
		["// the amount\nevent.data.amount // isn't it?", 1200],
		["event.data.count > 1\n&&\nevent.data.count < 5", true],
		["\t[ 1 , 2 , ]", [1, 2]],
	],
};

for (const [name, rows] of Object.entries(good)) {
	test.each(rows)(`${name}: %s`, (source, expected) => {
		expect(value(source)).toStrictEqual({ ok: true, value: expected });
	});
}

const failing: [source: string, reason: string, message: string][] = [
	[
		"event.data.missing",
		"evaluation",
		"event.data has no field missing; where it can be missing, test has(event.data.missing) first (column 11)",
	],
	["event.data.nothing.name", "evaluation", "event.data.nothing is null and has no field name (column 19)"],
	["event.data.name.first", "evaluation", "event.data.name is text and has no field first (column 16)"],
	["[{}][0].a", "evaluation", "the object has no field a (column 8)"],
	['event.data["missing"]', "evaluation", "event.data has no field of that name (column 11)"],
	[
		"event.data.labels[7]",
		"evaluation",
		"event.data.labels has 2 elements, so there is none at this index (column 18)",
	],
	[
		"event.data.labels[-1]",
		"evaluation",
		"event.data.labels has 2 elements, so there is none at this index (column 18)",
	],
	["event.data.labels[0.5]", "evaluation", "a list is indexed by a whole number, and this is not whole (column 18)"],
	["event.data.labels['a']", "evaluation", "a list is indexed by a whole number, and this is text (column 18)"],
	["event.data.count[0]", "evaluation", "event.data.count is a number and has no elements (column 17)"],
	["{}[null]", "evaluation", "an object's key is text, and this is null (column 3)"],
	['"a" + 1', "evaluation", "+ cannot add text and a number; write string(…) around what is not text (column 5)"],
	["1 + null", "evaluation", "+ cannot add a number and null (column 3)"],
	["[1] + 1", "evaluation", "+ cannot add a list and a number (column 5)"],
	["'a' - 'b'", "evaluation", "- cannot subtract text from text (column 5)"],
	["'a' * 2", "evaluation", "* cannot multiply text and a number (column 5)"],
	["'a' / 2", "evaluation", "/ cannot divide text by a number (column 5)"],
	["'a' % 2", "evaluation", "% cannot divide text by a number (column 5)"],
	["1 / 0", "evaluation", "/ divides by zero (column 3)"],
	["1 % 0", "evaluation", "% divides by zero (column 3)"],
	["1e308 * 10", "evaluation", "the result of * is too large for a number (column 7)"],
	["-event.data.name", "evaluation", "- cannot negate text (column 1)"],
	["!event.data.name", "evaluation", "! needs true or false, and this is text (column 1)"],
	["1 < 'a'", "evaluation", "a number and text cannot be compared by size (column 3)"],
	["null < 1", "evaluation", "null and a number cannot be compared by size (column 6)"],
	["event.data.name && true", "evaluation", "true or false is needed here, and this is text (column 11)"],
	["event.data.count ? 1 : 2", "evaluation", "true or false is needed here, and this is a number (column 11)"],
	[
		"'a' in 'abc'",
		"evaluation",
		"in looks into lists and objects, and this is text; write text.contains(part) (column 5)",
	],
	["1 in 2", "evaluation", "in looks into lists and objects, and this is a number (column 3)"],
	[
		"event.data.name.exists(x, x == 1)",
		"evaluation",
		"only lists and objects can be walked through, and this is text (column 11)",
	],
	[
		"{event.data.missing: 1}.a",
		"evaluation",
		"event.data has no field missing; where it can be missing, test has(event.data.missing) first (column 12)",
	],
	["[1].filter(x, x)", "evaluation", "true or false is needed here, and this is a number (column 15)"],
	["size(1)", "evaluation", "size() measures texts, lists and objects, and this is a number (column 1)"],
	["string(null)", "evaluation", "string() cannot write null (column 1)"],
	["string([1])", "evaluation", "string() cannot write a list; json() writes it as text (column 1)"],
	["int('1.5')", "evaluation", "int() cannot make a whole number of this text (column 1)"],
	["int('0x10')", "evaluation", "int() cannot make a whole number of this text (column 1)"],
	["int(1e20)", "evaluation", "int() cannot make a whole number of a number (column 1)"],
	["int(null)", "evaluation", "int() cannot make a whole number of null (column 1)"],
	["double('1,5')", "evaluation", "double() cannot make a number of this text (column 1)"],
	["double('Infinity')", "evaluation", "double() cannot make a number of this text (column 1)"],
	["bool('yes')", "evaluation", "bool() cannot make true or false of this text (column 1)"],
	["event.data.count.contains('1')", "evaluation", "contains() needs text, and this is a number (column 17)"],
	["event.data.labels.join(', ')", "evaluation", "join() needs text, and this is an object (column 18)"],
	["'a'.join()", "evaluation", "join() needs a list, and this is text (column 4)"],
	["'a'.replace('', 'b')", "evaluation", "replace() needs a text to look for, and this one is empty (column 4)"],
	["'abc'.substring(2, 1)", "evaluation", "substring() reaches outside of a text of 3 characters (column 6)"],
	["'abc'.substring(4)", "evaluation", "substring() reaches outside of a text of 3 characters (column 6)"],
	["'abc'.substring(0.5)", "evaluation", "substring() needs whole numbers (column 6)"],
	["truncate('abc', 0)", "evaluation", "truncate() needs a length of at least 1 (column 1)"],
	["changed(1)", "evaluation", "changed() needs the name of a field, and this is a number (column 1)"],
	[
		"timestamp('20 November')",
		"evaluation",
		"timestamp() reads times like 2026-11-20T09:59:56Z, and this is another text (column 1)",
	],
	[
		"timestamp('2026-13-45T00:00:00Z')",
		"evaluation",
		"timestamp() reads times like 2026-11-20T09:59:56Z, and this is another text (column 1)",
	],
	["duration('999999999h')", "evaluation", "the duration is too long (column 1)"],
	[
		"timestamp(now).getHours('Mars/Base')",
		"evaluation",
		'getHours() takes a time zone like "Europe/Berlin", or nothing (column 15)',
	],
	["timestamp(null)", "evaluation", "timestamp() reads texts and numbers, and this is null (column 1)"],
	[
		"duration('soon')",
		"evaluation",
		'duration() reads texts like "90s", "1h30m" or "7d", and this is another text (column 1)',
	],
	[
		"event.timestamp.getHours()",
		"evaluation",
		"getHours() needs a timestamp, and this is text; write timestamp(…) around it (column 16)",
	],
	["timestamp(now) + 1", "evaluation", "+ cannot add a timestamp and a number (column 16)"],
	["timestamp(now) < now", "evaluation", "a timestamp and text cannot be compared by size (column 16)"],
	["{'a': 1, 'a': 2}", "evaluation", "an object is given the same key twice (column 10)"],
	["{null: 1}", "evaluation", "an object's key is text, and this is null (column 2)"],
	["event.data.odd", "result", "the result has a key named constructor, which is not allowed"],
	["{'__proto__': 1}", "result", "the result has a key named __proto__, which is not allowed"],
	["{'a': {'prototype': 1}}", "result", "the result has a key named prototype, which is not allowed"],
	["event.data.infinite", "result", "the result is not a finite number, which is not JSON"],
];

test.each(failing)("%s fails", (source, reason, message) => {
	const result = value(source);
	expect(result).toMatchObject({ ok: false, error: { reason, message } });
});

test("a problem says the place in an expression of several lines", () => {
	expect(value("event.data.count > 1\n  && event.data.missing")).toEqual({
		ok: false,
		error: {
			reason: "evaluation",
			message:
				"event.data has no field missing; where it can be missing, test has(event.data.missing) first (line 2, column 16)",
			at: 36,
		},
	});
});

test("messages carry no values", () => {
	const secret = "s3cret-value";
	const sources = [
		"int(event.s)",
		"timestamp(event.s)",
		"duration(event.s)",
		"event.s + 1",
		"[1][event.s]",
		"{}[event.s]",
		"bool(event.s)",
		"timestamp(0).getHours(event.s)",
		"{event.s: 1, event.s: 2}",
	];
	for (const source of sources) expect(JSON.stringify(value(source, { event: { s: secret } }))).not.toContain(secret);
});

describe("a variable that the scope lacks", () => {
	test.each([[{}], [{ event: undefined }], [Object.create({ event: {} })]])("is named: %o", (variables) => {
		expect(value("event.id", variables)).toEqual({
			ok: false,
			error: { reason: "unknown_name", message: "event has no value here" },
		});
	});

	test("does not matter where the expression does not read it", () => {
		expect(value("window.count", { window: { count: 1 } })).toEqual({ ok: true, value: 1 });
	});
});

test("what is not JSON in the scope is absent", () => {
	const odd = { f: () => 1, u: undefined, s: Symbol("x"), n: 1n, ok: 1 };
	expect(value("event", { event: odd })).toEqual({ ok: true, value: { ok: 1 } });
	expect(value("size(event)", { event: odd })).toEqual({ ok: true, value: 1 });
	expect(value("has(event.u) || has(event.f) || has(event.n)", { event: odd })).toEqual({ ok: true, value: false });
	expect(value("event", { event: [undefined, 1] })).toEqual({ ok: true, value: [null, 1] });
	expect(value("event", { event: () => 1 })).toEqual({ ok: true, value: null });
});

test("changes are none where there is no event", () => {
	expect(value('changed("a")', { event: null })).toEqual({ ok: true, value: false });
	expect(value('changed("a")', { event: { changes: [1, null, { field: "b" }] } })).toEqual({ ok: true, value: false });
});

test("a result shares nothing with the event", () => {
	const event = { data: { list: [{ a: 1 }] } };
	const result = value("event.data", { event });
	expect(result).toEqual({ ok: true, value: event.data });
	if (result.ok) expect(result.value).not.toBe(event.data);
});

test("a condition must be true or false", () => {
	const condition = (source: string) => {
		const program = compileExpression(source, ["event"]);
		return program.ok ? evaluateCondition(program.value, scope) : program;
	};
	expect(condition("event.data.count == 3")).toEqual({ ok: true, value: true });
	expect(condition("event.data.count == 4")).toEqual({ ok: true, value: false });
	expect(condition("event.data.count")).toEqual({
		ok: false,
		error: {
			reason: "result",
			message: "a condition must be true or false, and this one is a number; compare it with something",
		},
	});
	expect(condition("event.data.missing")).toMatchObject({ ok: false, error: { reason: "evaluation" } });
});

test("a program can be evaluated again, with other values", () => {
	const program = compileExpression("event.list.filter(x, x > 1)", ["event"]);
	if (!program.ok) throw new Error(program.error.message);
	expect(evaluate(program.value, { event: { list: [1, 2] } })).toEqual({ ok: true, value: [2] });
	expect(evaluate(program.value, { event: { list: [5, 6] } })).toEqual({ ok: true, value: [5, 6] });
	expect(evaluate(program.value, { event: { list: 7 } })).toMatchObject({ ok: false });
	expect(evaluate(program.value, { event: { list: [] } })).toEqual({ ok: true, value: [] });
});

test("a program says which variables it reads, and which fields of them", () => {
	const uses = (source: string) => {
		const program = compileExpression(source, STEP_VARIABLES);
		return program.ok ? Object.fromEntries([...program.value.uses].map(([name, fields]) => [name, [...fields]])) : {};
	};
	expect(uses("1 + 1")).toEqual({});
	expect(uses('window.count + window["events"].size() + event.id.size()')).toEqual({
		window: ["count", "events"],
		event: ["id"],
	});
	expect(uses('changed("x")')).toEqual({ event: [] });
	expect(uses("window.events.map(event, event.id)")).toEqual({ window: ["events"] });
	expect(uses("has(event.data.x)")).toEqual({ event: ["data"] });
});
