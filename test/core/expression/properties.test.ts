// For all texts and values: nothing throws, nothing leaks from one evaluation into the next, and what comes out is JSON.

import fc from "fast-check";
import { expect, test } from "vitest";
import { compileExpression, evaluate, evaluateCondition } from "../../../src/core/expression/program";
import { nearest } from "../../../src/core/expression/suggest";
import { compileTemplate, renderTemplate } from "../../../src/core/expression/template";
import type { Json } from "../../../src/model/json";
import { scope } from "./scope";

const WORDS = [
	..."event data labels name amount x y item null true false in has size map filter exists all exists_one".split(" "),
	..."string int double json truncate changed changed_to duration timestamp split join matches replace".split(" "),
	..."( ) [ ] { } . , : ? ! && || == != < <= > >= + - * / % = & | ; @ $ ` \\ // /* \" ' ''' r' b' # }} ${{ \n".split(
		" ",
	),
	..."0 1 2.5 1e9 0x1f 9999999999999999999 1u 'a' \"b\" '\\n' .name .map(x, [0] ['name'] __proto__ constructor".split(
		" ",
	),
];

/** Texts that look like expressions from afar. */
const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(" "));
const tight = fc.array(fc.constantFrom(...WORDS), { maxLength: 30 }).map((words) => words.join(""));
const anyText = fc.oneof(soup, tight, fc.string({ unit: "binary", maxLength: 200 }), fc.string({ maxLength: 200 }));

/** Expressions that the grammar allows, whatever they mean. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
	expression: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		fc.constantFrom(
			"event",
			"event.data",
			"event.data.labels",
			"event.data.name",
			"1",
			"2.5",
			"'a'",
			"true",
			"null",
			"[]",
			"{}",
		),
		fc
			.tuple(
				tie("expression"),
				fc.constantFrom("+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "in"),
				tie("expression"),
			)
			.map(([a, op, b]) => `(${a} ${op} ${b})`),
		fc
			.tuple(fc.constantFrom("!", "-", "size", "string", "int", "json", "timestamp", "duration"), tie("expression"))
			.map(([f, a]) => `${f}(${a})`),
		fc
			.tuple(tie("expression"), fc.constantFrom("map", "filter", "exists", "all", "exists_one"), tie("expression"))
			.map(([a, macro, b]) => `${a}.${macro}(x, ${b})`),
		fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
		fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `[${a}, ${b}]`),
		fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `${a}[${b}]`),
		fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `{"k": ${a}, 1: ${b}}`),
		tie("expression").map((a) => `${a}.name`),
	),
}));

const json = fc.jsonValue({ maxDepth: 4 });
const event = fc.record({ data: json, changes: json }, { requiredKeys: [] });

test("no text makes compiling or evaluating throw", () => {
	fc.assert(
		fc.property(fc.oneof(anyText, expression), event, (source, value) => {
			const program = compileExpression(source, ["event", "x"]);
			if (!program.ok) {
				expect(program.error.message).not.toBe("");
				return;
			}
			const result = evaluate(program.value, { event: value, x: [1, "a", { name: null }] });
			if (result.ok) expect(JSON.parse(JSON.stringify(result.value))).toEqual(result.value);
			evaluateCondition(program.value, { event: value, x: null });
		}),
		{ numRuns: 1_500 },
	);
});

test("no tree makes compiling or rendering throw", () => {
	const leaf = fc.oneof(
		anyText,
		expression.map((source) => `\${{ ${source} }}`),
		fc.tuple(anyText, expression, anyText).map(([a, source, b]) => `${a}\${{${source}}}${b}`),
	);
	const tree = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(fc.string(), leaf, { maxKeys: 3 }), json);
	fc.assert(
		fc.property(tree, event, (input, value) => {
			const template = compileTemplate(input as Json, ["event", "x"]);
			if (template.ok) renderTemplate(template.value, { event: value, x: 1 });
		}),
		{ numRuns: 1_000 },
	);
});

test("a text without ${{ renders as itself", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), (text) => {
			fc.pre(!text.includes("${{"));
			const template = compileTemplate(text, []);
			expect(template.ok && renderTemplate(template.value, {})).toEqual({ ok: true, value: text });
		}),
	);
});

test("any value passes through an expression unchanged, or is refused", () => {
	fc.assert(
		fc.property(json, (value) => {
			const program = compileExpression("event", ["event"]);
			const result = program.ok ? evaluate(program.value, { event: value }) : program;
			if (result.ok) expect(JSON.stringify(result.value)).toBe(JSON.stringify(value));
			else expect(result.error.reason).toBe("result");
		}),
	);
});

test("a value that is escaped as text means itself", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (text) => {
			const quoted = `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}"`;
			const program = compileExpression(quoted, []);
			expect(program.ok && evaluate(program.value, {})).toEqual({ ok: true, value: text });
		}),
	);
});

test("equality is reflexive and symmetric, and agrees with in", () => {
	const same = compileExpression("event.a == event.b", ["event"]);
	const swapped = compileExpression("event.b == event.a", ["event"]);
	const within = compileExpression("event.a in [event.b]", ["event"]);
	if (!same.ok || !swapped.ok || !within.ok) throw new Error("the expressions are sound");
	fc.assert(
		fc.property(json, json, (a, b) => {
			expect(evaluate(same.value, { event: { a, b: structuredClone(a) } })).toEqual({ ok: true, value: true });
			const result = evaluate(same.value, { event: { a, b } });
			expect(evaluate(swapped.value, { event: { a, b } })).toEqual(result);
			expect(evaluate(within.value, { event: { a, b } })).toEqual(result);
		}),
	);
});

test("the same program gives the same answer whatever was evaluated before", () => {
	fc.assert(
		fc.property(expression, expression, event, (first, second, value) => {
			const one = compileExpression(first, ["event", "x"]);
			const other = compileExpression(second, ["event", "x"]);
			if (!one.ok || !other.ok) return;
			const variables = { event: value, x: [] };
			const before = evaluate(one.value, variables);
			evaluate(other.value, scope);
			expect(evaluate(one.value, variables)).toEqual(before);
		}),
		{ numRuns: 500 },
	);
});

test("a suggestion is one of the candidates", () => {
	const names = ["debounce", "immediate", "aggregate"];
	fc.assert(
		fc.property(fc.string(), (word) => {
			const near = nearest(word, names);
			if (near !== undefined) expect(names).toContain(near);
		}),
	);
	expect(nearest("debounc", names)).toBe("debounce");
	expect(nearest("DEBOUNCE", names)).toBe("debounce");
	expect(nearest("deboucne", names)).toBe("debounce");
	expect(nearest("window", names)).toBeUndefined();
});
