// Answers stay within bounds: the newest exchanges stay, of the others their size.

import { expect, test } from "vitest";
import { withinBounds } from "../../src/ledger/exchanges";
import { entriesOf, factsOf, ok, started } from "./story";

const said = (step: string, body: string) => ({ ...ok(step), data: { outcome: "succeeded", exchange: { body } } });
const entries = entriesOf(factsOf([started("a"), said("a", "x".repeat(100)), said("b", "y".repeat(100)), ok("c")]));
const size = JSON.stringify({ body: "x".repeat(100) }).length;

test.each([
	["all of them", 2 * size, [undefined, { body: "x".repeat(100) }, { body: "y".repeat(100) }, undefined]],
	["the newest", 2 * size - 1, [undefined, `left out: ${size} bytes`, { body: "y".repeat(100) }, undefined]],
	["none", 0, [undefined, `left out: ${size} bytes`, `left out: ${size} bytes`, undefined]],
])("%s fit, and what else was told stays", (_, bytes, exchanges) => {
	const bounded = withinBounds(entries, bytes);
	expect(bounded.map(({ data }) => data.exchange)).toEqual(exchanges);
	expect(bounded.map(({ seq, kind }) => [seq, kind])).toEqual(entries.map(({ seq, kind }) => [seq, kind]));
});
