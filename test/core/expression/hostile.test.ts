// Expressions that try to take too much, reach too far or break the engine. Each ends quickly, in a problem that says
// why, when it is compiled or when it meets its values.

import { expect, test } from "vitest";
import { compileExpression, evaluate } from "../../../src/core/expression/program";
import { cpuMs } from "../../support/cpu";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const nested = (depth: number, wrap: (inner: unknown) => unknown) => {
	let value: unknown = 1;
	for (let i = 0; i < depth; i++) value = wrap(value);
	return value;
};

const event: Record<string, unknown> = {
	x: "x".repeat(10_000),
	long: "a".repeat(65_536),
	huge: "a".repeat(1_000_000),
	thousand: numbers(1_000),
	hundred: numbers(100),
	many: numbers(100_000),
	million: numbers(1_000_001),
	rows: Array.from({ length: 300 }, () => numbers(300)),
	wide: Object.fromEntries(numbers(100_000).map((i) => [`k${i}`, i])),
	deepObject: nested(50_000, (inner) => ({ a: inner })),
	deepList: nested(50_000, (inner) => [inner]),
	polluted: JSON.parse('{"__proto__": {"admin": true}, "constructor": {"prototype": {}}}'),
};
const circle: Record<string, unknown> = {};
circle.self = circle;
event.circle = circle;
event.box = { list: event.deepList };

const TOO_LONG = "the expression takes too long on these values; make it walk or compare less";
const TEXT = "at most 65536 are allowed";
const bomb = (x: string) => `[${x}].map(a, a+a+a+a)${".map(a, a+a+a+a)".repeat(3)}`;

const hostile: [what: string, source: string, reason: string, message: string][] = [
	[
		"20,000 negations",
		`${"!".repeat(20_000)}true`,
		"limit",
		"the expression has 20004 characters; at most 4096 are allowed (column 1)",
	],
	[
		"4,000 minus signs and nothing",
		"-".repeat(4_000),
		"syntax",
		"the expression ends after -, where a value should follow (column 4001)",
	],
	[
		"a text beyond the source limit",
		`"${"a".repeat(5_000)}"`,
		"limit",
		"the expression has 5002 characters; at most 4096 are allowed (column 1)",
	],
	["4,000 open parentheses", "(".repeat(4_000), "limit", "brackets are nested more than 64 deep (column 65)"],
	[
		"2,000 closed parentheses",
		`${"(".repeat(2_000)}1${")".repeat(2_000)}`,
		"limit",
		"brackets are nested more than 64 deep (column 65)",
	],
	[
		"lists in lists",
		`${"[".repeat(100)}${"]".repeat(100)}`,
		"limit",
		"brackets are nested more than 64 deep (column 65)",
	],
	[
		"objects in objects",
		`${"{'a':".repeat(100)}1${"}".repeat(100)}`,
		"limit",
		"brackets are nested more than 64 deep (column 321)",
	],
	[
		"indexes in indexes",
		`${"event[".repeat(100)}1${"]".repeat(100)}`,
		"limit",
		"brackets are nested more than 64 deep (column 390)",
	],
	[
		"calls in calls",
		`${"size(".repeat(100)}1${")".repeat(100)}`,
		"limit",
		"brackets are nested more than 64 deep (column 325)",
	],
	[
		"a thousand conditions in a row",
		`${"true?1:".repeat(580)}1`,
		"limit",
		"the expression has more than 500 parts; make it smaller (column 1)",
	],
	[
		"a thousand terms",
		`1${"+1".repeat(1_000)}`,
		"limit",
		"the expression has more than 500 parts; make it smaller (column 1)",
	],
	[
		"a thousand fields",
		`event${".a".repeat(1_000)}`,
		"limit",
		"the expression has more than 500 parts; make it smaller (column 1)",
	],
	[
		"a thousand alternatives",
		`true${"||true".repeat(600)}`,
		"limit",
		"the expression has more than 500 parts; make it smaller (column 1)",
	],
	[
		"a thousand elements",
		`[${"1,".repeat(1_000)}1]`,
		"limit",
		"the expression has more than 500 parts; make it smaller (column 1)",
	],
	[
		"loops that expand to a thousand parts",
		`true${" && [1].all(x, true)".repeat(100)}`,
		"limit",
		"the expression has more than 500 parts; make it smaller (column 1)",
	],
	["a list of a million elements", "event.million[0]", "limit", TOO_LONG],
	[
		"loops three deep",
		"event.hundred.all(a, event.hundred.all(b, event.hundred.all(c, a + b + c > 0)))",
		"limit",
		"all() is nested more than 2 deep (column 56)",
	],
	[
		"map in map",
		"event.thousand.map(a, event.thousand.map(b, [a, b]))",
		"limit",
		"map() inside map() multiplies its lists; map once, or use filter() or exists() inside (column 37)",
	],
	[
		"map in a part of map's body",
		"event.thousand.map(a, 1 + size(event.thousand.map(b, b)))",
		"limit",
		"map() inside map() multiplies its lists; map once, or use filter() or exists() inside (column 46)",
	],
	[
		"five loops in a chain",
		`event.hundred${".filter(a, true)".repeat(5)}`,
		"limit",
		"more than 4 of map(), filter(), exists() and all() are chained (column 78)",
	],
	[
		"five loops in a chain, hidden in fields and calls",
		`size([[[[event.hundred.map(a, a)].map(a, a)].map(a, a)].map(a, a)].map(a, a))`,
		"limit",
		"more than 4 of map(), filter(), exists() and all() are chained (column 67)",
	],
	["seven doublings of a text", bomb("event.x"), "limit", `the expression builds a text of 80000 characters; ${TEXT}`],
	[
		"doublings of a list",
		bomb("event.thousand"),
		"limit",
		"the expression builds a list of 2000 elements; at most 1000 are allowed",
	],
	[
		"an immense join",
		"event.thousand.map(a, event.x).join('')",
		"limit",
		`the expression builds a text of 10000000 characters; ${TEXT}`,
	],
	[
		"an immense replacement",
		"event.long.replace('a', event.x)",
		"limit",
		`the expression builds a text of 655360000 characters; ${TEXT}`,
	],
	["an immense split", "event.long.split('')", "limit", "split() makes more than 1000 parts"],
	[
		"computing with a text of a megabyte",
		"event.huge + 'b'",
		"limit",
		`the expression builds a text of 1000001 characters; ${TEXT}`,
	],
	[
		"searching a text of a megabyte",
		"event.huge.contains('b')",
		"limit",
		`a text of 1000000 characters is too long to compute with; ${TEXT}`,
	],
	[
		"returning a text of a megabyte",
		"event.huge",
		"limit",
		"the result is larger than 102400 characters; take less of the event",
	],
	[
		"a result of copies",
		"event.thousand.map(a, event.thousand)",
		"limit",
		"the result is larger than 102400 characters; take less of the event",
	],
	[
		"JSON text of a large value",
		"json(event.rows)",
		"limit",
		"json() cannot write this: the result is larger than 65536 characters; take less of the event",
	],
	[
		"a walk through a large list",
		"event.many.exists(a, a < 0)",
		"limit",
		"a list of 100000 elements is too long to walk through; at most 1000 are allowed",
	],
	[
		"a walk through a large object",
		"event.wide.exists(a, a == '')",
		"limit",
		"a list of 100000 elements is too long to walk through; at most 1000 are allowed",
	],
	["a million steps", "event.thousand.all(a, event.thousand.all(b, a + b >= 0))", "limit", TOO_LONG],
	[
		"a million errors that exists swallows",
		"event.thousand.exists(a, event.thousand.exists(b, b.x))",
		"limit",
		TOO_LONG,
	],
	["a limit that || tries to swallow", "event.thousand.all(a, event.thousand.all(b, true)) || true", "limit", TOO_LONG],
	["measuring a wide object again and again", "event.thousand.all(a, size(event.wide) > 0)", "limit", TOO_LONG],
	["comparing large texts again and again", "event.thousand.all(a, event.long == event.long + '')", "limit", TOO_LONG],
	["comparing large lists again and again", "event.thousand.all(a, event.rows == event.rows)", "limit", TOO_LONG],
	["searching with a long needle", "event.long.contains(event.x + 'b' + event.x)", "limit", TOO_LONG],
	["searching a list of lists", "event.thousand.exists(a, [a] in event.rows)", "limit", TOO_LONG],
	["writing JSON again and again", "event.thousand.all(a, json(event.thousand) != '')", "limit", TOO_LONG],
	[
		"asking for hours in a zone again and again",
		"event.thousand.all(a, timestamp(a).getHours('Asia/Tokyo') >= 0)",
		"limit",
		TOO_LONG,
	],
	["a pattern that keeps many states", "event.long.matches('(.?){200}$')", "limit", TOO_LONG],
	[
		"a pattern of nested repetitions",
		"event.x.matches('((a{30}){30}){30}')",
		"limit",
		"the pattern of matches() repeats too much; use smaller counts (column 8)",
	],
	[
		"a pattern that repeats a million times",
		"event.x.matches('a{1000000}')",
		"limit",
		"the pattern of matches() repeats too much; use smaller counts (column 8)",
	],
	[
		"a long pattern",
		`event.x.matches('${"a".repeat(300)}')`,
		"limit",
		"the pattern of matches() has 300 characters; at most 256 are allowed (column 8)",
	],
	[
		"a pattern that is computed",
		"event.x.matches('a' + 'b')",
		"syntax",
		"the pattern of matches() must be a text in quotes, like r'^PROJ-[0-9]+$' (column 8)",
	],
	["a value nested very deep", "event.deepObject", "limit", "the result is nested more than 64 deep"],
	["a list nested very deep", "event.deepList", "limit", "a list of the event is nested more than 64 deep"],
	[
		"a list nested very deep, within the result",
		"event.box",
		"limit",
		"a list of the event is nested more than 64 deep",
	],
	[
		"comparing what is nested very deep",
		"event.deepObject == event.deepObject",
		"limit",
		"== compares values that are nested more than 64 deep",
	],
	["a value that contains itself", "event.circle", "limit", "the result is nested more than 64 deep"],
	[
		"comparing what contains itself",
		"event.circle == event.circle",
		"limit",
		"== compares values that are nested more than 64 deep",
	],
	[
		"the prototype of an object",
		"event.__proto__",
		"evaluation",
		"event has no field __proto__; where it can be missing, test has(event.__proto__) first (column 6)",
	],
	[
		"the constructor of an object",
		"event.constructor",
		"evaluation",
		"event has no field constructor; where it can be missing, test has(event.constructor) first (column 6)",
	],
	["the constructor by index", "event['constructor']", "evaluation", "event has no field of that name (column 6)"],
	[
		"the constructor of a text",
		"event.x.constructor",
		"evaluation",
		"event.x is text and has no field constructor (column 8)",
	],
	[
		"the length of a list",
		"event.hundred.length",
		"evaluation",
		"event.hundred is a list and has no field length (column 14)",
	],
	[
		"a method of an object",
		"event.hasOwnProperty('x')",
		"unknown_name",
		"there is no function hasOwnProperty() (column 6)",
	],
	["a method of the function table", "valueOf()", "unknown_name", "there is no function valueOf() (column 1)"],
	["an internal function", "@add(1, 2)", "syntax", "@ has no meaning here; remove it (column 1)"],
	[
		"the result of a loop by its internal name",
		"[1].map(x, @result)",
		"syntax",
		"@ has no meaning here; remove it (column 12)",
	],
	[
		"returning a polluted object",
		"event.polluted",
		"result",
		"the result has a key named __proto__, which is not allowed",
	],
	[
		"making a polluted object",
		"{'__proto__': {'admin': true}}",
		"result",
		"the result has a key named __proto__, which is not allowed",
	],
	[
		"an escape beyond Unicode",
		"'\\UFFFFFFFF'",
		"syntax",
		"\\U starts no escape that there is; write \\\\ for a backslash, or a raw text like r'\\d+' (column 2)",
	],
];

test.each(hostile)("%s", (_, source, reason, message) => {
	const took = cpuMs(() => {
		const program = compileExpression(source, ["event"]);
		const result = program.ok ? evaluate(program.value, { event }) : program;
		expect(result).toMatchObject({ ok: false, error: { reason, message } });
	});
	expect(took).toBeLessThan(1_000);
});

test("patterns run in linear time", () => {
	const program = compileExpression("event.text.matches('^(a+)+$')", ["event"]);
	if (!program.ok) throw new Error(program.error.message);
	const text = `${"a".repeat(5_000)}b`;
	const took = cpuMs(() => expect(evaluate(program.value, { event: { text } })).toEqual({ ok: true, value: false }));
	expect(took).toBeLessThan(1_000);
});

test("own properties with odd names can be read", () => {
	const program = compileExpression("has(event.polluted.__proto__) && event.polluted.__proto__.admin", ["event"]);
	if (!program.ok) throw new Error(program.error.message);
	expect(evaluate(program.value, { event })).toEqual({ ok: true, value: true });
	expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
});

test("a large list can be indexed and measured", () => {
	const program = compileExpression("event.many[99999] + size(event.many)", ["event"]);
	if (!program.ok) throw new Error(program.error.message);
	expect(evaluate(program.value, { event })).toEqual({ ok: true, value: 199_999 });
});

test("what one evaluation spends, the next does not miss", () => {
	const program = compileExpression("event.hundred.all(a, event.hundred.all(b, true))", ["event"]);
	if (!program.ok) throw new Error(program.error.message);
	for (let i = 0; i < 10; i++) expect(evaluate(program.value, { event })).toEqual({ ok: true, value: true });
});
