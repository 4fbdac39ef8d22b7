// Shared tokens: where they may stand, and which of them count.

import { describe, expect, test } from "vitest";
import type { TokenScheme } from "../../../src/connectors/connector";
import { deliveryOf, verdictOf } from "../deliveries";

const TOKEN = "tok_0123456789abcdef";
const scheme: TokenScheme = {
	kind: "token",
	places: [{ in: "header", name: "x-token" }, { in: "bearer" }, { in: "query", name: "token" }],
};

function verdict(headers: Record<string, string>, query: Record<string, string> = {}, secrets = [TOKEN]) {
	return verdictOf(deliveryOf("{}", headers, query), scheme, secrets);
}

describe("a token", () => {
	test.each([
		["in its header", { "x-token": TOKEN }, {}, "ok"],
		["as a bearer", { authorization: `Bearer ${TOKEN}` }, {}, "ok"],
		["as a bearer in lower case", { authorization: `bearer ${TOKEN}` }, {}, "ok"],
		["in the query", {}, { token: TOKEN }, "ok"],
		["in basic authorization", { authorization: `Basic ${TOKEN}` }, {}, "missing_token"],
		["as a bearer with more behind it", { authorization: `Bearer ${TOKEN} x` }, {}, "missing_token"],
		["empty", { "x-token": "" }, { token: "" }, "missing_token"],
		["nowhere", {}, {}, "missing_token"],
		["wrong in the first place, right in the second", { "x-token": "x" }, { token: TOKEN }, "bad_token"],
		["too short", { "x-token": TOKEN.slice(0, -1) }, {}, "bad_token"],
		["too long", { "x-token": `${TOKEN}0` }, {}, "bad_token"],
		["in another case", { "x-token": TOKEN.toUpperCase() }, {}, "bad_token"],
	])("is judged %s", async (_, headers: Record<string, string>, query: Record<string, string>, expected) => {
		expect(await verdict(headers, query)).toBe(expected);
	});

	test("is any of the live secrets", async () => {
		for (const secrets of [[TOKEN], [TOKEN, "b"], ["a", TOKEN], ["a", "b", TOKEN], ["", TOKEN]]) {
			expect(await verdict({ "x-token": TOKEN }, {}, secrets)).toBe("ok");
		}
		expect(await verdict({ "x-token": TOKEN }, {}, ["a", "b"])).toBe("bad_token");
	});

	test("never matches a secret that is missing or empty", async () => {
		expect(await verdict({ "x-token": TOKEN }, {}, [])).toBe("no_secret");
		expect(await verdict({ "x-token": "" }, {}, [""])).toBe("no_secret");
		expect(await verdict({}, {}, [""])).toBe("no_secret");
		expect(await verdict({}, {}, [])).toBe("no_secret");
	});

	test("is not taken from the prototype of headers or query", async () => {
		const places: TokenScheme["places"] = [
			{ in: "header", name: "constructor" },
			{ in: "query", name: "toString" },
		];
		expect(await verdictOf(deliveryOf("{}"), { kind: "token", places }, [TOKEN])).toBe("missing_token");
	});
});
