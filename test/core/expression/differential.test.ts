// Where JSON and CEL mean the same, the library's own evaluation is the judge of ours. Numbers are written with a
// fraction, because the library tells integers from other numbers and JSON does not.

import { celEnv, isCelError, isCelList, isCelMap, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileExpression, evaluate } from "../../../src/core/expression/program";

const event = {
	n: 4,
	f: 2.5,
	t: "train",
	b: true,
	z: null,
	list: [1, 2, 3],
	texts: ["a", "b", "ab"],
	rows: [
		{ k: "a", v: 1 },
		{ k: "b", v: 2 },
	],
	map: { a: 1, b: "two" },
};

type Answer = { value: unknown } | "fails";

const env = celEnv({ funcs: strings });

function ours(source: string): Answer {
	const program = compileExpression(source, ["event", "x"]);
	if (!program.ok) throw new Error(`${source}: ${program.error.message}`);
	const result = evaluate(program.value, { event, x: 7 });
	return result.ok ? { value: result.value } : "fails";
}

function theirs(source: string): Answer {
	const result = plan(env, parse(source))({ event, x: 7 });
	return isCelError(result) ? "fails" : { value: plain(result) };
}

function plain(value: unknown): unknown {
	if (isCelList(value)) return [...value].map(plain);
	if (isCelMap(value)) return Object.fromEntries([...value].map(([key, entry]) => [String(key), plain(entry)]));
	return typeof value === "bigint" ? Number(value) : value;
}

test.each([
	"event.n + 1.0 == 5.0",
	"event.n - event.f * 2.0",
	"event.f / 2.0",
	"-event.f",
	"event.n > 3 && event.n < 4.5",
	"1 < 2.5 && 2.5 > 2 && 2 <= 2.0",
	"3 == 3.0",
	"1 in [1.0, 2.0]",
	"event.n in event.list",
	"'a' in event.map && !('c' in event.map)",
	"event.t + 's'",
	"event.t.contains('rai') && event.t.startsWith('t') && !event.t.endsWith('t')",
	"event.t.matches('^t.*n$') && !event.t.matches('^r')",
	"event.t.size() > 4 && size(event.list) == 3",
	"size('🚂') == 1",
	"event.list.map(x, x * 2.0)",
	"event.list.filter(x, x > 1.5)",
	"event.list.exists(x, x == 2) && event.list.all(x, x > 0) && event.list.exists_one(x, x == 3)",
	"event.rows.filter(r, r.v > 1).map(r, r.k)",
	"event.rows.map(r, r.v > 1, r.k)",
	"event.map.map(k, k)",
	"event.rows[0].k + event.rows[1]['k']",
	"has(event.map.a) && !has(event.map.c)",
	"event.z == null && event.n != null",
	"event.list == [1, 2, 3]",
	"event.map == {'a': 1, 'b': 'two'}",
	"{'x': [1.5, {'y': null}], 'z': true}",
	"[[1.0], ['a'], [true]] + [[]]",
	"event.b ? event.t : event.missing",
	"event.missing || true",
	"true || event.missing",
	"false && event.missing",
	"event.missing && false",
	"event.missing || false",
	"event.list.exists(x, x.k == 1 || x == 2)",
	"event.list.all(x, x.k == 1 && x == 2)",
	"event.missing",
	"event.list[3]",
	"event.t.k",
	"event.t + 1.0",
	"event.n && true",
	"event.n ? 1.0 : 2.0",
	"!event.t",
	"event.t < event.n",
	"'b' > 'a' && 'B' < 'a'",
	"timestamp('2026-11-20T09:59:56Z') < timestamp('2026-11-20T10:59:56+00:30')",
	"timestamp('2026-11-20T09:59:56Z') - timestamp('2026-11-20T08:59:56Z') == duration('1h')",
	"timestamp('2026-11-20T23:59:56Z').getDayOfMonth('+02:00')",
	"timestamp('2026-03-29T00:30:00Z').getHours('Europe/Berlin') == 1",
	"string(timestamp('2026-11-20T09:59:56.5Z'))",
	"string(duration('90m'))",
	"int('12') == 12",
	"int(2.9) == 2 && int(-2.9) == -2",
	"double('2.5') == 2.5",
	"string(2.5) + string(true)",
	"bool('true')",
	"event.texts.join('-')",
	"event.t.split('a')",
	"event.t.replace('t', 'br')",
	"event.t.substring(1, 3)",
	"event.t.upperAscii().lowerAscii()",
	"' x '.trim()",
	'r\'\\d\' + \'\\n\' + """q"""',
])("%s", (source) => {
	expect(ours(source)).toEqual(theirs(source));
});

const number = fc.constantFrom(
	"event.n",
	"event.f",
	"1.5",
	"0.0",
	"event.list[0]",
	"event.rows[1].v",
	"x",
	"event.missing",
);
const text = fc.constantFrom("event.t", "'a'", "''", "event.texts[2]", "event.rows[0].k", "event.missing");
const list = fc.constantFrom("event.list", "event.texts", "[1.0, 2.5]", "[]", "['a', 1.0, true]");

const { truth } = fc.letrec<{ truth: string; number: string; text: string; list: string }>((tie) => ({
	number: fc.oneof(
		{ depthSize: "small" },
		number,
		fc.tuple(tie("number"), fc.constantFrom("+", "-", "*"), tie("number")).map(([a, op, b]) => `(${a} ${op} ${b})`),
		fc.tuple(tie("truth"), tie("number"), tie("number")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
	),
	text: fc.oneof(
		{ depthSize: "small" },
		text,
		fc.tuple(tie("text"), tie("text")).map(([a, b]) => `(${a} + ${b})`),
		fc.tuple(tie("truth"), tie("text"), tie("text")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
	),
	list: fc.oneof(
		{ depthSize: "small" },
		list,
		fc.tuple(tie("list"), tie("list")).map(([a, b]) => `(${a} + ${b})`),
	),
	truth: fc.oneof(
		{ depthSize: "small" },
		fc.constantFrom("true", "false", "event.b", "has(event.map.a)", "has(event.missing)", "event.missing", "event.n"),
		fc
			.tuple(tie("number"), fc.constantFrom("==", "!=", "<", "<=", ">", ">="), tie("number"))
			.map(([a, op, b]) => `(${a} ${op} ${b})`),
		fc.tuple(tie("text"), fc.constantFrom("==", "!=", "<", ">="), tie("text")).map(([a, op, b]) => `(${a} ${op} ${b})`),
		fc
			.tuple(tie("text"), fc.constantFrom("contains", "startsWith", "endsWith"), tie("text"))
			.map(([a, f, b]) => `${a}.${f}(${b})`),
		fc.tuple(tie("list"), fc.constantFrom("==", "!="), tie("list")).map(([a, op, b]) => `(${a} ${op} ${b})`),
		fc.tuple(tie("text"), tie("list")).map(([a, b]) => `(${a} in ${b})`),
		fc.tuple(tie("truth"), fc.constantFrom("&&", "||"), tie("truth")).map(([a, op, b]) => `(${a} ${op} ${b})`),
		tie("truth").map((a) => `!(${a})`),
	),
}));

const body = fc.oneof(truth, fc.constantFrom("x == 1.0", "x > 1.5", "x.k == 'a'", "x == 'a'", "x in event.list"));
const loop = fc
	.tuple(list, fc.constantFrom("exists", "all", "exists_one", "filter", "map"), body)
	.map(([range, macro, step]) => `${range}.${macro}(x, ${step})`);

test("random expressions mean the same", () => {
	let answers = 0;
	fc.assert(
		fc.property(fc.oneof(truth, loop), (source) => {
			const mine = ours(source);
			if (mine !== "fails") answers += 1;
			expect(mine).toEqual(theirs(source));
		}),
		{ numRuns: 1_500 },
	);
	expect(answers).toBeGreaterThan(500);
});
