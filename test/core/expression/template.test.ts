// Templates: what a leaf becomes, what can be wrong with one, and that values stay values.

import { describe, expect, test } from "vitest";
import { STEP_VARIABLES } from "../../../src/core/expression/names";
import { compileTemplate, expressionPaths, renderTemplate } from "../../../src/core/expression/template";
import type { Json } from "../../../src/model/json";
import { scope } from "./scope";

function render(tree: Json, variables: Record<string, unknown> = scope) {
	const template = compileTemplate(tree, STEP_VARIABLES);
	return template.ok ? renderTemplate(template.value, variables) : template;
}

const leaves: [leaf: string, rendered: Json][] = [
	["plain", "plain"],
	["", ""],
	["${{ event.data.amount }}", 1200],
	["${{event.data.amount}}", 1200],
	["${{ event.data.nothing }}", null],
	["${{ true }}", true],
	["${{ event.entity }}", { type: "deal", id: "991" }],
	["${{ event.data.labels }}", [{ name: "bug" }, { name: "ops" }]],
	["${{ event.data.name }}", "Rail"],
	["${{ event.data.amount }} EUR", "1200 EUR"],
	[" ${{ event.data.amount }}", " 1200"],
	["${{ event.data.amount }}${{ event.data.count }}", "12003"],
	["Deal ${{ event.data.name }} of ${{ event.data.amount }}", "Deal Rail of 1200"],
	["(${{ event.data.nothing }})", "()"],
	["is ${{ 1 < 2 }}", "is true"],
	["${{ event.data.labels }}!", '[{"name":"bug"},{"name":"ops"}]!'],
	["id ${{ event.entity }}", 'id {"type":"deal","id":"991"}'],
	["at ${{ timestamp(event.timestamp) }}", "at 2026-11-20T09:59:56Z"],
	["$${{ not.an.expression }}", "${{ not.an.expression }}"],
	["$${{", "${{"],
	["cost: $$${{ x }}", "cost: $${{ x }}"],
	["$${{ a }} and ${{ event.data.count }}", "${{ a }} and 3"],
	["$5 and ${ x } and {{ y }} }}", "$5 and ${ x } and {{ y }} }}"],
	["${{ '}}' }}", "}}"],
	["${{ '${{' }}", "${{"],
	["${{ \"}}\" + '}}' }}", "}}}}"],
	["${{ {'a': {'b': 1}} }}", { a: { b: 1 } }],
	["${{ {'a': {'b': 1}}}}", { a: { b: 1 } }],
	["${{ {'a': 1}.a }}}}", "1}}"],
	["${{ '''}}\n''' }}", "}}\n"],
	["${{ r'\\' }}", "\\"],
	["${{ 1 // one }}\n }}", 1],
	["a\n${{ event.data.count\n}}\nb", "a\n3\nb"],
];

test.each(leaves)("%j renders", (leaf, rendered) => {
	expect(render(leaf)).toStrictEqual({ ok: true, value: rendered });
	expect(render({ a: [leaf] })).toStrictEqual({ ok: true, value: { a: [rendered] } });
});

test("a tree keeps its shape and its constants", () => {
	const tree = {
		text: "${{ event.id }}",
		n: 1,
		t: true,
		z: null,
		list: ["${{ 1 + 1 }}", { deep: "x${{ 2 }}" }],
		none: {},
	};
	expect(render(tree)).toStrictEqual({
		ok: true,
		value: { text: "evt_1", n: 1, t: true, z: null, list: [2, { deep: "x2" }], none: {} },
	});
});

test("keys are never templates", () => {
	expect(render({ "${{ event.id }}": 1 })).toStrictEqual({ ok: true, value: { "${{ event.id }}": 1 } });
});

describe("a value from outside", () => {
	const evil = { event: { data: { text: '${{ steps }} "}] $${{', object: { "${{ run }}": "${{ run }}" } } } };

	test("cannot become an expression", () => {
		expect(render("${{ event.data.text }}", evil)).toEqual({ ok: true, value: '${{ steps }} "}] $${{' });
		expect(render("a ${{ event.data.text }}", evil)).toEqual({ ok: true, value: 'a ${{ steps }} "}] $${{' });
		expect(render("${{ event.data.object }}", evil)).toEqual({ ok: true, value: { "${{ run }}": "${{ run }}" } });
	});

	test("cannot become structure", () => {
		expect(render({ a: '{"b": "${{ event.data.text }}"}' }, evil)).toEqual({
			ok: true,
			value: { a: '{"b": "${{ steps }} "}] $${{"}' },
		});
	});

	test("cannot change a prototype", () => {
		const polluted = JSON.parse('{"event": {"data": {"__proto__": {"admin": true}}}}');
		expect(render("${{ event.data }}", polluted)).toMatchObject({
			ok: false,
			error: { problem: { reason: "result" } },
		});
	});
});

const wrong: [tree: Json, problems: { path: string; reason: string; message: string }[]][] = [
	["${{", [{ path: "", reason: "syntax", message: "the ${{ is never closed with }} (column 1)" }]],
	["a ${{ event.id", [{ path: "", reason: "syntax", message: "the ${{ is never closed with }} (column 3)" }]],
	["${{ event.id }", [{ path: "", reason: "syntax", message: "nothing is open that this } could close (column 14)" }]],
	["${{ (event.id }}", [{ path: "", reason: "syntax", message: "the ( is closed by } (column 5)" }]],
	["${{ 'a }}", [{ path: "", reason: "syntax", message: "the text that starts with ' is never closed (column 5)" }]],
	["${{ }}", [{ path: "", reason: "syntax", message: "the expression is empty (column 4)" }]],
	[
		"Hello ${{ evnt.id }}",
		[{ path: "", reason: "unknown_name", message: "there is no variable evnt; did you mean event? (column 11)" }],
	],
	[
		"a\nb ${{ event.id = 1 }}",
		[{ path: "", reason: "syntax", message: "= has no meaning here; write == to compare (line 2, column 16)" }],
	],
	[
		"${{ ${{ event.id }} }}",
		[{ path: "", reason: "syntax", message: "$ has no meaning here; names stand by themselves, without $ (column 5)" }],
	],
	[
		`${"${{ ("}${"(".repeat(100)}`,
		[{ path: "", reason: "limit", message: "brackets are nested more than 64 deep (column 69)" }],
	],
	[
		{ __proto__x: 1, list: ["${{ a.b }}"], ok: "${{ event.id }}" },
		[
			{
				path: "list[0]",
				reason: "unknown_name",
				message: "there is no variable a; available here: event, window, steps, run, workflow, now (column 5)",
			},
		],
	],
	[
		{ a: "${{ 1 + }}", b: { c: ["${{ x }}", "${{ y }}"] } },
		[
			{ path: "a", reason: "syntax", message: "the expression ends after +, where a value should follow (column 9)" },
			{
				path: "b.c[0]",
				reason: "unknown_name",
				message: "there is no variable x; available here: event, window, steps, run, workflow, now (column 5)",
			},
			{
				path: "b.c[1]",
				reason: "unknown_name",
				message: "there is no variable y; available here: event, window, steps, run, workflow, now (column 5)",
			},
		],
	],
	[
		"${{ 1 + }} ${{ x }}",
		[
			{ path: "", reason: "syntax", message: "the expression ends after +, where a value should follow (column 9)" },
			{
				path: "",
				reason: "unknown_name",
				message: "there is no variable x; available here: event, window, steps, run, workflow, now (column 16)",
			},
		],
	],
	[
		JSON.parse('{"a": {"__proto__": "${{ event.id }}"}}'),
		[{ path: "a.__proto__", reason: "result", message: "a key cannot be named __proto__" }],
	],
	[
		{ constructor: 1 } as Json,
		[{ path: "constructor", reason: "result", message: "a key cannot be named constructor" }],
	],
	[
		Array.from({ length: 201 }, () => "${{ 1 }}"),
		[{ path: "", reason: "limit", message: "the input holds 201 expressions; at most 200 are allowed" }],
	],
	[
		"${{ 1 }}".repeat(20_000),
		[{ path: "", reason: "limit", message: "the input holds 20000 expressions; at most 200 are allowed" }],
	],
	[
		{ text: "a".repeat(300_000) },
		[{ path: "", reason: "limit", message: "the input is larger than 262144 characters" }],
	],
];

test.each(wrong)("%# is refused: %.60j", (tree, problems) => {
	const result = compileTemplate(tree, STEP_VARIABLES);
	expect(
		result.ok
			? []
			: result.error.map(({ path, problem }) => ({ path, reason: problem.reason, message: problem.message })),
	).toEqual(problems);
});

test("a tree that is nested very deep is refused", () => {
	let tree: Json = "${{ 1 }}";
	for (let i = 0; i < 5_000; i++) tree = [tree];
	expect(compileTemplate(tree, [])).toMatchObject({
		ok: false,
		error: [{ path: "[0][0][0]", problem: { reason: "limit", message: "the input is nested more than 64 deep" } }],
	});
});

test("an expression that fails names its leaf, and its place in it", () => {
	expect(render({ a: 1, b: [{ "odd key": "Hi ${{ event.data.missing }}" }] })).toMatchObject({
		ok: false,
		error: {
			path: 'b[0]["odd key"]',
			segments: ["b", 0, "odd key"],
			problem: {
				reason: "evaluation",
				message:
					"event.data has no field missing; where it can be missing, test has(event.data.missing) first (column 18)",
				at: 17,
			},
		},
	});
});

test("a variable that the scope lacks is named", () => {
	expect(render("${{ window.count }}", { event: {} })).toMatchObject({
		ok: false,
		error: { problem: { reason: "unknown_name", message: "window has no value here" } },
	});
});

test("what is rendered has a size", () => {
	const variables = { event: { text: "a".repeat(50_000) } };
	expect(
		render(
			Array.from({ length: 5 }, () => "${{ event.text }}"),
			variables,
		),
	).toMatchObject({ ok: true });
	expect(render(["${{ event.text }}".repeat(5), "${{ event.text }}"], variables)).toMatchObject({
		ok: false,
		error: {
			path: "[1]",
			problem: {
				reason: "limit",
				message: "the rendered input is larger than 262144 characters; take less of the event",
			},
		},
	});
	expect(render({ constant: "b".repeat(250_000), text: "${{ event.text }}" }, variables)).toMatchObject({
		ok: false,
		error: { path: "text", problem: { reason: "limit" } },
	});
});

test("a template can be rendered again, and its results are their own", () => {
	const template = compileTemplate({ list: [1], id: "${{ event.id }}" }, STEP_VARIABLES);
	if (!template.ok) throw new Error("the template is sound");
	const first = renderTemplate(template.value, { event: { id: "a" } });
	if (first.ok) (first.value as { list: number[] }).list.push(2);
	expect(renderTemplate(template.value, { event: { id: "b" } })).toEqual({ ok: true, value: { list: [1], id: "b" } });
});

test("the places of expressions are listed, sound or not", () => {
	const tree = { a: "x", b: ["${{ 1 }}", { c: "y ${{ (", d: 2 }], e: null };
	expect(expressionPaths(tree)).toEqual([
		["b", 0],
		["b", 1, "c"],
	]);
	expect(expressionPaths("${{ 1 }}")).toEqual([[]]);
	expect(expressionPaths("plain")).toEqual([]);
});
