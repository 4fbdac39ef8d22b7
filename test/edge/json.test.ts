// Which bodies are JSON that can be worked with, and what the others are told.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JSON_LIMITS, parseJson } from "../../src/edge/json";
import { scanJson } from "../../src/edge/json-scan";
import { cpuMs } from "../support/cpu";

const WIDE = { depth: 1_000, nodes: 1_000_000 };

function parse(text: string | Uint8Array, limits = JSON_LIMITS) {
	return parseJson(typeof text === "string" ? new TextEncoder().encode(text) : text, limits);
}

function detail(text: string | Uint8Array, limits = JSON_LIMITS): string {
	const parsed = parse(text, limits);
	return parsed.ok ? "" : parsed.error.detail;
}

function flaw(at: number, problem: string): string {
	return `The body cannot be read as JSON at byte ${at}: ${problem}.`;
}

const UNSAFE = ["__proto__", "constructor", "prototype"];

/** What the scan must agree with: `JSON.parse`, less the keys and numbers that are refused. */
function isAccepted(text: string): boolean {
	let harmless = true;
	try {
		JSON.parse(text, (key, value) => {
			if (UNSAFE.includes(key) || value === Infinity || value === -Infinity) harmless = false;
			return value;
		});
		return harmless;
	} catch {
		return false;
	}
}

describe("a body", () => {
	test.each([
		["null"],
		["true"],
		["false"],
		["0"],
		["-0"],
		["-12.5e+3"],
		["1E2"],
		['""'],
		['"a\\u00e9\\n\\"\\\\\\/"'],
		['"\u2028 ✓ 😀 \u007f"'],
		["[]"],
		["{}"],
		[" \t\r\n[ 1 , [ ] , { } ] \n"],
		['{"a":{"b":[1,"x",null]},"a":2}'],
		['{"protot":1,"constructor ":2,"_proto_":3,"x":"__proto__"}'],
		[`${"[".repeat(64)}${"]".repeat(64)}`],
	])("%.60s is read as JSON.parse reads it", (text) => {
		expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
	});

	test("may begin with a byte order mark", () => {
		expect(parse("\ufeff[1]")).toEqual({ ok: true, value: [1] });
	});
});

describe("a body that is not JSON says where", () => {
	test.each([
		["", "The body is empty. Send a JSON document."],
		["\ufeff", "The body is empty. Send a JSON document."],
		["  ", flaw(2, "the text ends too early")],
		['{"a":1', flaw(6, "the text ends too early")],
		["[1,", flaw(3, "the text ends too early")],
		["[1,]", flaw(3, "expected a value")],
		["[,1]", flaw(1, "expected a value")],
		["[1 2]", flaw(3, "expected a comma or ]")],
		["[1}", flaw(2, "expected a comma or ]")],
		['{"a":1]', flaw(6, "expected a comma or }")],
		['{"a":1,}', flaw(7, "expected a key in double quotes")],
		["{a:1}", flaw(1, "expected a key in double quotes")],
		["{'a':1}", flaw(1, "expected a key in double quotes")],
		['{"a" 1}', flaw(5, "expected a colon")],
		['{"a"}', flaw(4, "expected a colon")],
		['{"a":}', flaw(5, "expected a value")],
		["[1]]", flaw(3, "expected the end of the text")],
		["{} {}", flaw(3, "expected the end of the text")],
		["payload=%7B%7D", flaw(0, "expected a value")],
		["<xml/>", flaw(0, "expected a value")],
		["undefined", flaw(0, "expected a value")],
		["tru", flaw(0, "expected a value")],
		["truex", flaw(4, "expected the end of the text")],
		["NaN", flaw(0, "expected a value")],
		["01", flaw(0, "that is not a number in JSON")],
		["-01", flaw(0, "that is not a number in JSON")],
		["[-]", flaw(1, "that is not a number in JSON")],
		["[1.]", flaw(1, "that is not a number in JSON")],
		["[.5]", flaw(1, "expected a value")],
		["[+1]", flaw(1, "expected a value")],
		["[1e]", flaw(1, "that is not a number in JSON")],
		["[1-2]", flaw(1, "that is not a number in JSON")],
		["0x10", flaw(1, "expected the end of the text")],
		['"a', flaw(0, "the string is not closed")],
		['"a\\', flaw(0, "the string is not closed")],
		['"a\\"', flaw(0, "the string is not closed")],
		['["a\nb"]', flaw(3, "control characters in strings must be escaped")],
		['["a\\x41"]', flaw(3, "there is no such escape")],
		['["\\u12g4"]', flaw(2, "there is no such escape")],
		['["\\u123"]', flaw(2, "there is no such escape")],
		["// comment\n{}", flaw(0, "expected a value")],
		['["✓",x]', flaw(7, "expected a value")],
		['\ufeff["✓",x]', flaw(10, "expected a value")],
	])("%j", (text, expected) => {
		expect(detail(text)).toBe(expected);
	});

	test.each([
		["a byte that begins nothing", [0x22, 0xff, 0x22], 1],
		["a sequence cut short", [0x22, 0xe2, 0x9c, 0x22], 3],
		["a sequence at the end", [0x5b, 0x31, 0x5d, 0xe2], 4],
		["an overlong spelling of a slash", [0x22, 0xc0, 0xaf, 0x22], 1],
		["half of a surrogate pair", [0x22, 0xed, 0xa0, 0x80, 0x22], 2],
		["UTF-16", [0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00], 0],
	])("%s is no UTF-8", (_, bytes, at) => {
		expect(detail(Uint8Array.from(bytes))).toBe(`The body is not UTF-8 at byte ${at}. Send JSON, encoded as UTF-8.`);
	});
});

describe("JSON that could do harm is refused with a remedy", () => {
	test.each([
		['{"__proto__":1}', flaw(1, "the key __proto__ is not accepted; rename it")],
		['{"a":[{"constructor":{}}]}', flaw(7, "the key constructor is not accepted; rename it")],
		['{"a":1,"prototype":1}', flaw(7, "the key prototype is not accepted; rename it")],
		['{"\\u005f_proto__":1}', flaw(1, "the key __proto__ is not accepted; rename it")],
		['{"pr\\u006ftotype" : 1}', flaw(1, "the key prototype is not accepted; rename it")],
		[
			`{"${[..."constructor"].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join("")}":1}`,
			flaw(1, "the key constructor is not accepted; rename it"),
		],
		["[1e400]", flaw(1, "the number is too large to be kept; send it as a string")],
		["-1E+999", flaw(0, "the number is too large to be kept; send it as a string")],
		[`[1,${"9".repeat(310)}]`, flaw(3, "the number is too large to be kept; send it as a string")],
		[`[1,${"9".repeat(310)}.5]`, flaw(3, "the number is too large to be kept; send it as a string")],
		["[".repeat(65) + "]".repeat(65), flaw(64, "it nests deeper than 64; send it flatter")],
		['{"a":'.repeat(65), flaw(320, "it nests deeper than 64; send it flatter")],
		["[".repeat(1_000_000), flaw(64, "it nests deeper than 64; send it flatter")],
	])("%.60s", (text, expected) => {
		expect(detail(text)).toBe(expected);
	});

	test("counts values of every kind, and not keys", () => {
		const many = { depth: 64, nodes: 5 };
		expect(parse('[1,"a",{"k":null}]', many).ok).toBe(true);
		expect(detail('[1,"a",{"k":null},[]]', many)).toBe(flaw(18, "it holds more than 5 values; send less at once"));
		expect(parse(`[${"0,".repeat(49_998)}0]`).ok).toBe(true);
		expect(detail(`[${"0,".repeat(49_999)}0]`)).toContain("it holds more than 50000 values");
	});

	test("keeps numbers that are small, long or exact", () => {
		expect(parse("[1e-400,1e308,0.1e-9]")).toEqual({ ok: true, value: [0, 1e308, 1e-10] });
		expect(parse(`1${"0".repeat(305)}`)).toEqual({ ok: true, value: 1e305 });
	});
});

describe("the scan", () => {
	test("agrees with JSON.parse about every JSON text, however it is spaced", () => {
		const run = (json: unknown, space: number) => {
			const text = JSON.stringify(json, null, space);
			expect(scanJson(text, WIDE) === null).toBe(isAccepted(text));
		};
		fc.assert(fc.property(fc.jsonValue(), fc.nat({ max: 3 }), run), { numRuns: 300 });
	});

	test("agrees with JSON.parse about texts that are nearly JSON", () => {
		const token = fc.constantFrom(
			...'{}[],:"\\/ \n\t\u0000\u001f0123456789-+.eEu',
			"true",
			"null",
			"false",
			'"a"',
			'"k":',
			'\\"',
			"\\u0041",
			"1e5",
			"-0.5",
			"\u00a0",
			"\ufeff",
			"é",
		);
		const run = (tokens: string[]) => {
			const text = tokens.join("");
			expect(scanJson(text, WIDE) === null).toBe(isAccepted(text));
		};
		fc.assert(fc.property(fc.array(token, { maxLength: 8 }), run), { numRuns: 5_000 });
	});

	test("agrees with JSON.parse about JSON with one letter changed", () => {
		const run = (json: unknown, at: number, letter: string) => {
			const text = JSON.stringify(json);
			const changed = text.slice(0, at % text.length) + letter + text.slice((at % text.length) + 1);
			expect(scanJson(changed, WIDE) === null).toBe(isAccepted(changed));
		};
		fc.assert(fc.property(fc.jsonValue(), fc.nat(), fc.string({ maxLength: 2 }), run), { numRuns: 2_000 });
	});

	test("takes time in proportion to the text", () => {
		const texts = [
			"[".repeat(1_000_000),
			`"${"\\\\".repeat(500_000)}"`,
			`[${'"\\n",'.repeat(150_000)}1]`,
			`{${'"\\u0061":1,'.repeat(80_000)}"b":1}`,
			`"${"a".repeat(1_000_000)}`,
			'"\\'.repeat(500_000),
			" ".repeat(1_000_000),
			"1".repeat(1_000_000),
			`[${"1e1,".repeat(250_000)}1]`,
		];
		for (const text of texts) expect(cpuMs(() => scanJson(text, WIDE))).toBeLessThan(1_000);
	});

	test("throws at no bytes", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
				expect(parseJson(bytes)).toHaveProperty("ok");
			}),
			{ numRuns: 1_000 },
		);
	});
});
