// One pass over a JSON text, before anything is built from it: is it JSON at all, and can it be walked and
// merged without harm? It accepts exactly what `JSON.parse` accepts, less what the limits and the unsafe keys take away.

export interface JsonLimits {
	/** How deep arrays and objects may nest. */
	depth: number;
	/** How many values there may be, arrays and objects included. */
	nodes: number;
}

/** What is wrong, and at which UTF-16 unit of the text. */
export interface Flaw {
	at: number;
	problem: string;
}

/** Keys that change an object's prototype when a careless merge copies them. */
const UNSAFE_KEYS = new Set(["__proto__", "constructor", "prototype"]);

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

interface Scan {
	text: string;
	limits: JsonLimits;
	/** Where the next unit stands. */
	i: number;
	/** What may come next. Objects and arrays may end where their first key or value may stand. */
	expect: "value" | "first value" | "key" | "first key" | "colon" | "comma or end";
	/** The brackets that are open, from the outside in. */
	open: number[];
	nodes: number;
	/** Whether there are control characters anywhere, line breaks of pretty printing included. */
	control: boolean;
	/** The first backslash from `i` on, or the end of the text. */
	nextEscape: number;
}

/** Anything below the space. */
const CONTROL = /[^ -\uffff]/;

/** Null if the text is harmless JSON. */
export function scanJson(text: string, limits: JsonLimits): Flaw | null {
	const control = CONTROL.test(text);
	const scan: Scan = { text, limits, i: 0, expect: "value", open: [], nodes: 0, control, nextEscape: -1 };
	for (;;) {
		skipSpace(scan);
		if (scan.i >= text.length) break;
		const flaw = scanToken(scan, text.charCodeAt(scan.i));
		if (flaw !== null) return flaw;
	}
	const complete = scan.open.length === 0 && scan.expect === "comma or end";
	return complete ? null : { at: text.length, problem: "the text ends too early" };
}

function skipSpace(scan: Scan): void {
	const { text } = scan;
	let i = scan.i;
	for (; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit > 0x20 || (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09)) break;
	}
	scan.i = i;
}

function scanToken(scan: Scan, unit: number): Flaw | null {
	switch (scan.expect) {
		case "first value":
			return unit === CLOSE_ARRAY ? close(scan) : scanValue(scan, unit);
		case "value":
			return scanValue(scan, unit);
		case "first key":
			return unit === CLOSE_OBJECT ? close(scan) : scanKey(scan, unit);
		case "key":
			return scanKey(scan, unit);
		case "colon":
			return unit === COLON ? step(scan, "value") : { at: scan.i, problem: "expected a colon" };
		case "comma or end":
			return scanSeparator(scan, unit);
	}
}

function scanSeparator(scan: Scan, unit: number): Flaw | null {
	const container = scan.open[scan.open.length - 1];
	if (container === undefined) return { at: scan.i, problem: "expected the end of the text" };
	const inArray = container === OPEN_ARRAY;
	if (unit === COMMA) return step(scan, inArray ? "value" : "key");
	if (unit === (inArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return close(scan);
	return { at: scan.i, problem: `expected a comma or ${inArray ? "]" : "}"}` };
}

function step(scan: Scan, expect: Scan["expect"]): null {
	scan.i++;
	scan.expect = expect;
	return null;
}

function close(scan: Scan): null {
	scan.open.pop();
	return step(scan, "comma or end");
}

function open(scan: Scan, bracket: number): Flaw | null {
	const { depth } = scan.limits;
	if (scan.open.length >= depth) return { at: scan.i, problem: `it nests deeper than ${depth}; send it flatter` };
	scan.open.push(bracket);
	return step(scan, bracket === OPEN_ARRAY ? "first value" : "first key");
}

function scanValue(scan: Scan, unit: number): Flaw | null {
	const { nodes } = scan.limits;
	scan.nodes++;
	if (scan.nodes > nodes) return { at: scan.i, problem: `it holds more than ${nodes} values; send less at once` };
	if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) return open(scan, unit);
	scan.expect = "comma or end";
	if (unit === QUOTE) return scanString(scan);
	return unit === MINUS || isDigit(unit) ? scanNumber(scan) : scanLiteral(scan, unit);
}

function scanKey(scan: Scan, unit: number): Flaw | null {
	const start = scan.i;
	if (unit !== QUOTE) return { at: start, problem: "expected a key in double quotes" };
	scan.expect = "colon";
	const flaw = scanString(scan);
	if (flaw !== null || !mayBeUnsafe(scan, start)) return flaw;
	const key: unknown = JSON.parse(scan.text.slice(start, scan.i));
	if (typeof key !== "string" || !UNSAFE_KEYS.has(key)) return null;
	return { at: start, problem: `the key ${key} is not accepted; rename it` };
}

/** Rules out nearly every key by its length and first letter, so that hardly any has to be read. */
function mayBeUnsafe({ text, i, nextEscape }: Scan, start: number): boolean {
	if (nextEscape < i) return true;
	const length = i - start - 2;
	if (length !== 9 && length !== 11) return false;
	const first = text.charCodeAt(start + 1);
	return first === 0x5f || first === 0x63 || first === 0x70;
}

/** Goes behind the closing quote. Searching for it is many times faster than looking at every unit. */
function scanString(scan: Scan): Flaw | null {
	const { text, i: start } = scan;
	const end = text.indexOf('"', start + 1);
	if (end === -1) return { at: start, problem: "the string is not closed" };
	if (scan.nextEscape < start) scan.nextEscape = text.indexOf("\\", start);
	if (scan.nextEscape === -1) scan.nextEscape = text.length;
	if (scan.control || scan.nextEscape < end) return scanUnits(scan);
	scan.i = end + 1;
	return null;
}

/** `scanString`, unit by unit. */
function scanUnits(scan: Scan): Flaw | null {
	const { text, i: start } = scan;
	for (let i = start + 1; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit > BACKSLASH || (unit >= 0x20 && unit !== QUOTE && unit !== BACKSLASH)) continue;
		if (unit === QUOTE) {
			scan.i = i + 1;
			return null;
		}
		if (unit !== BACKSLASH) return { at: i, problem: "control characters in strings must be escaped" };
		const length = escapeLength(text, i);
		if (length === 0) return { at: i, problem: "there is no such escape" };
		i += length - 1;
	}
	return { at: start, problem: "the string is not closed" };
}

/** How many units the escape takes; 0 if it is none. */
function escapeLength(text: string, at: number): number {
	const letter = text.charAt(at + 1);
	if (letter === "u") return /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6)) ? 6 : 0;
	return letter !== "" && '"\\/bfnrt'.includes(letter) ? 2 : 0;
}

function isDigit(unit: number): boolean {
	return unit >= ZERO && unit <= NINE;
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function scanNumber(scan: Scan): Flaw | null {
	const { text, i: start } = scan;
	while (isDigit(text.charCodeAt(scan.i))) scan.i++;
	const digits = scan.i - start;
	const whole = digits > 0 && !isNumberPart(text.charCodeAt(scan.i));
	if (whole && digits < 300 && (digits === 1 || text.charCodeAt(start) !== ZERO)) return null;
	while (isNumberPart(text.charCodeAt(scan.i))) scan.i++;
	const number = text.slice(start, scan.i);
	if (!NUMBER.test(number)) return { at: start, problem: "that is not a number in JSON" };
	if (Number.isFinite(Number(number))) return null;
	return { at: start, problem: "the number is too large to be kept; send it as a string" };
}

/** Digits and `+-.eE`. */
function isNumberPart(unit: number): boolean {
	return isDigit(unit) || unit === 0x2b || unit === MINUS || unit === 0x2e || unit === 0x45 || unit === 0x65;
}

function scanLiteral(scan: Scan, unit: number): Flaw | null {
	const literal = unit === 0x74 ? "true" : unit === 0x66 ? "false" : "null";
	if (!scan.text.startsWith(literal, scan.i)) return { at: scan.i, problem: "expected a value" };
	scan.i += literal.length;
	return null;
}
