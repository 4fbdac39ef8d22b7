// Which step waits for which, and what steps read of each other: what is told of mistakes, and what is planned.

import { describe, expect, test } from "vitest";
import { approve, compiled, get, ofSteps, post, problems, says, trigger } from "./document-catalogue";

const needing = (needs: unknown) => ofSteps(get("deal"), get("owner"), post("tell", { needs }));
const reading = (text: string) => ofSteps(get("deal"), says("tell", text));

const wrong: [what: string, input: unknown, problems: string[]][] = [
	[
		"an unknown key",
		needing(["contract"]),
		["steps[2].needs[0]: there is no step contract; available here: deal, owner"],
	],
	["a misspelt step", needing(["dael"]), ["steps[2].needs[0]: there is no step dael; did you mean deal?"]],
	["the step itself", needing(["tell"]), ["steps[2].needs[0]: a step cannot need itself"]],
	["a step twice", needing(["deal", "owner", "deal"]), ["steps[2].needs[2]: deal is named twice"]],
	[
		"another step where there is one alone",
		ofSteps(post("tell", { needs: ["deal"] })),
		["steps[0].needs[0]: there is no step deal, and no other step at all"],
	],
	["a text", needing("deal"), ["steps[2].needs: must be a list of steps, like needs: [deal], and this is text"]],
	["nothing", needing(null), ["steps[2].needs: must be a list of steps, like needs: [deal], and this is null"]],
	[
		"a truth value",
		needing(true),
		["steps[2].needs: must be a list of steps, like needs: [deal], and this is true or false"],
	],
	[
		"an empty list",
		needing([]),
		["steps[2].needs: must not be empty: a step that needs none is written without needs"],
	],
	["a number in the list", needing([1, "deal"]), ["steps[2].needs[0]: must be the id of a step, and this is a number"]],
	["an id in upper case", needing(["Deal"]), ["steps[2].needs[0]: there is no step Deal; did you mean deal?"]],
	["any of a text", needing({ any: "deal" }), ["steps[2].needs.any: must be a list of steps, and this is text"]],
	[
		"any of nothing",
		needing({ any: [] }),
		["steps[2].needs.any: must not be empty: a step that needs none is written without needs"],
	],
	[
		"any of a misspelt step",
		needing({ any: ["deal", "ownr"] }),
		["steps[2].needs.any[1]: there is no step ownr; did you mean owner?"],
	],
	[
		"more than there are",
		needing({ at_least: 3, of: ["deal", "owner"] }),
		["steps[2].needs.at_least: asks for 3 of 2 steps, so it could never start"],
	],
	["at least none", needing({ at_least: 0, of: ["deal", "owner"] }), ["steps[2].needs.at_least: must be at least 1"]],
	[
		"at least one and a half",
		needing({ at_least: 1.5, of: ["deal", "owner"] }),
		["steps[2].needs.at_least: must be a whole number, and this is a number with a fraction"],
	],
	[
		"a count that is a text",
		needing({ at_least: "2", of: ["deal", "owner"] }),
		["steps[2].needs.at_least: must be a whole number, and this is text"],
	],
	[
		"a count without steps",
		needing({ at_least: 2 }),
		["steps[2].needs.of: is missing: the steps of which so many are needed, like of: [a, b, c]"],
	],
	[
		"steps without a count",
		needing({ of: ["deal"] }),
		["steps[2].needs.at_least: is missing: how many of them, like at_least: 2"],
	],
	[
		"any and a count",
		needing({ any: ["deal"], at_least: 1 }),
		["steps[2].needs: says any and at_least; keep one: any is the same as at_least: 1"],
	],
	[
		"any and a count of steps",
		needing({ any: ["deal"], at_least: 1, of: ["deal"] }),
		["steps[2].needs: says any and at_least; keep one: any is the same as at_least: 1"],
	],
	["an empty object", needing({}), ["steps[2].needs: says nothing; write a list of steps, any, or at_least and of"]],
	[
		"a misspelt count",
		needing({ atleast: 2, of: ["deal", "owner"] }),
		["steps[2].needs: unknown key atleast; did you mean at_least?"],
	],
	[
		"all as a key",
		needing({ all: ["deal"] }),
		["steps[2].needs: unknown key all; for all of them, write the list alone"],
	],
	["too many", needing(Array.from({ length: 51 }, () => "deal")), ["steps[2].needs: must have at most 50 elements"]],
	[
		"a circle of two",
		ofSteps(post("a", { needs: ["b"] }), post("b", { needs: ["a"] })),
		["steps[0].needs: these steps wait for each other: a needs b, b needs a"],
	],
	[
		"a circle of three",
		ofSteps(post("a", { needs: ["c"] }), post("b", { needs: ["a"] }), post("c", { needs: ["b"] })),
		["steps[0].needs: these steps wait for each other: a needs c, c needs b, b needs a"],
	],
	[
		"a circle of a reading and a need",
		ofSteps(says("a", "${{ steps.b.output.ts }}"), post("b", { needs: ["a"] })),
		["steps[0].with.text: these steps wait for each other: a reads b, b needs a"],
	],
	[
		"a circle of readings",
		ofSteps(says("a", "${{ steps.b.output.ts }}"), says("b", "${{ steps.a.output.ts }}")),
		["steps[0].with.text: these steps wait for each other: a reads b, b reads a"],
	],
	[
		"a circle through any",
		ofSteps(post("a", { needs: { any: ["b", "c"] } }), post("b", { needs: ["a"] }), post("c")),
		["steps[0].needs: these steps wait for each other: a needs b, b needs a"],
	],
	[
		"two circles, and a step that waits for one",
		ofSteps(
			post("a", { needs: ["b"] }),
			post("b", { needs: ["a"] }),
			post("c", { needs: ["d"] }),
			post("d", { needs: ["c"] }),
			post("e", { needs: ["a"] }),
		),
		[
			"steps[0].needs: these steps wait for each other: a needs b, b needs a",
			"steps[2].needs: these steps wait for each other: c needs d, d needs c",
		],
	],
	[
		"a circle and a step that is not there",
		ofSteps(post("a", { needs: ["b", "x1y2"] }), post("b", { needs: ["a"] })),
		[
			"steps[0].needs[1]: there is no step x1y2; available here: b",
			"steps[0].needs: these steps wait for each other: a needs b, b needs a",
		],
	],
	[
		"two steps of one id, which are no circle",
		ofSteps(post("a"), post("b", { needs: ["a"] }), post("a", { needs: ["b"] })),
		["steps[2].id: is the id of steps[0] too; every step needs its own"],
	],
	[
		"reading a step that is not there, and nothing of its fields",
		reading("${{ steps.contract.output.body.name }}"),
		["steps[1].with.text: there is no step contract; available here: deal"],
	],
	[
		"reading a misspelt step twice in one place",
		reading("${{ steps.dael.output.body }} and ${{ steps.dael.status }}"),
		["steps[1].with.text: there is no step dael; did you mean deal?"],
	],
	[
		"reading a misspelt field",
		reading("${{ steps.deal.output.boddy.name }}"),
		["steps[1].with.text: steps.deal.output has no boddy; did you mean body?"],
	],
	[
		"reading a field that is not there",
		reading("${{ steps.deal.output.name }}"),
		["steps[1].with.text: steps.deal.output has no name; it has status, body"],
	],
	[
		"reading a declared field where the document names its own",
		ofSteps(get("deal", { output: { name: "body.name" } }), says("tell", "${{ steps.deal.output.body.name }}")),
		["steps[1].with.text: steps.deal.output has no body; it has name"],
	],
	[
		"reading a misspelt output",
		reading("${{ steps.deal.ouput.body.name }}"),
		["steps[1].with.text: steps.deal has status, output, reason, fell_back, and no ouput; did you mean output?"],
	],
	[
		"reading a field without output",
		reading("${{ steps.deal.body.name }}"),
		["steps[1].with.text: steps.deal has status, output, reason, fell_back, and no body; did you mean output.body?"],
	],
	[
		"reading a part that is not there",
		reading("${{ steps.deal.result }}"),
		["steps[1].with.text: steps.deal has status, output, reason, fell_back, and no result"],
	],
	[
		"reading in brackets",
		reading('${{ steps["deal"].output["bdy"] }}'),
		["steps[1].with.text: steps.deal.output has no bdy; did you mean body?"],
	],
	[
		"reading a field of a list",
		ofSteps(get("deal", { for_each: "event.data.ids" }), says("tell", "${{ steps.deal.output.body }}")),
		[
			"steps[1].with.text: steps.deal.output is a list, with one element for each of for_each, like steps.deal.output[0].body",
		],
	],
	[
		"reading all steps",
		reading("${{ json(steps) }}"),
		["steps[1].with.text: reads steps as a whole; name the one that it needs, like steps.deal.output"],
	],
	[
		"reading a computed step",
		reading("${{ steps[event.data.step].output }}"),
		["steps[1].with.text: reads steps as a whole; name the one that it needs, like steps.deal.output"],
	],
	[
		"reading the step itself",
		ofSteps(says("tell", "${{ steps.tell.output.ts }}")),
		["steps[0].with.text: reads its own step, which has not been carried out yet"],
	],
	[
		"a condition that reads a misspelt step",
		ofSteps(get("deal"), post("tell", { if: "steps.dael.output.status == 200" })),
		["steps[1].if: there is no step dael; did you mean deal?"],
	],
	[
		"a list that reads a misspelt field",
		ofSteps(get("deal"), post("tell", { for_each: "steps.deal.output.bdy" })),
		["steps[1].for_each: steps.deal.output has no bdy; did you mean body?"],
	],
	[
		"reading what a wait has not",
		ofSteps({ id: "rest", use: "wait", with: { for: "1h" } }, says("tell", "${{ steps.rest.output.until }}")),
		["steps[1].with.text: steps.rest.output has no until; it has nothing"],
	],
	[
		"reading a misspelt field of an approval",
		ofSteps(approve(), says("tell", "${{ steps.legal.output.aproved }}")),
		["steps[1].with.text: steps.legal.output has no aproved; did you mean approved?"],
	],
	[
		"a question that reads a misspelt step",
		ofSteps(approve({ ask: "Is ${{ steps.dael.output.body }} fine?" }), get("deal")),
		["steps[0].with.ask: there is no step dael; did you mean deal?"],
	],
	[
		"an unknown action, and nothing of its fields",
		ofSteps(get("deal", { use: "http.gett" }), says("tell", "${{ steps.deal.output.nothing }}")),
		["steps[0].use: there is no action http.gett; did you mean http.get?"],
	],
	[
		"an action of an unknown connector, and nothing of its fields",
		ofSteps({ id: "deal", use: "jira.get_issue", connection: "j" }, says("tell", "${{ steps.deal.output.nothing }}")),
		["steps[0].use: there is no action jira.get_issue; connectors with actions: slack, http"],
	],
	[
		"a wrong id, and nothing of who reads it",
		ofSteps(get("the-deal"), says("tell", "${{ steps.the_deal.output.body }}")),
		["steps[0].id: use lower-case letters, digits and underscores, starting with a letter, like post_note"],
	],
	[
		"a missing id, and nothing of who reads it",
		ofSteps({ ...get("x"), id: undefined }, says("tell", "${{ steps.deal.output.body }}")),
		["steps[0].id: is missing"],
	],
	[
		"a wrong output, and nothing of who reads it",
		ofSteps(get("deal", { output: { name: 5 } }), says("tell", "${{ steps.deal.output.name }}")),
		["steps[0].output.name: must be text, and this is a number"],
	],
	[
		"two steps of one id, and nothing of who reads them",
		ofSteps(
			get("deal", { output: { a: "body.a" } }),
			get("deal", { output: { b: "body.b" } }),
			says("tell", "${{ steps.deal.output.a }}"),
		),
		["steps[1].id: is the id of steps[0] too; every step needs its own"],
	],
	[
		"a trigger that reads a step",
		{ ...ofSteps(get("deal")), on: { ...trigger, if: "steps.deal.output.status == 200" } },
		["on.if: steps is not available in this place; only event can be used here (column 1)"],
	],
	[
		"needing and reading a misspelt step, in two places",
		ofSteps(get("deal"), says("tell", "${{ steps.dael.output.body }}", { needs: ["dael"] })),
		[
			"steps[1].needs[0]: there is no step dael; did you mean deal?",
			"steps[1].with.text: there is no step dael; did you mean deal?",
		],
	],
	[
		"a link to vote in a step that waits for the votes",
		ofSteps(
			approve(),
			post("note", { needs: ["legal"] }),
			says("tell", "${{ approvals.legal.ada }}", { needs: ["note"] }),
		),
		[
			"steps[2].with.text: asks for votes on legal when that has ended already; ask in a step that does not wait for it",
		],
	],
	[
		"a link to vote in a step that reads the votes",
		ofSteps(approve(), says("tell", "${{ approvals.legal.ada }} ${{ json(steps.legal.output.votes) }}")),
		[
			"steps[1].with.text: asks for votes on legal when that has ended already; ask in a step that does not wait for it",
		],
	],
	[
		"a link to vote when the run has failed",
		{ ...ofSteps(approve()), on_failure: { steps: [says("tell", "${{ approvals.legal.ada }}")] } },
		[
			"on_failure.steps[0].with.text: asks for votes on legal when that has ended already; ask in a step that does not wait for it",
		],
	],
];

describe("a wrong need or reading is refused, with every problem", () => {
	test.each(wrong)("%s", (_, input, expected) => {
		expect(problems(input)).toEqual(expected);
	});
});

/** The needs of every step that has some. */
function needs(...steps: unknown[]) {
	const all = compiled(ofSteps(...steps)).steps.map(({ plan }) => [plan.id, plan.needs] as const);
	return Object.fromEntries(all.filter(([, needs]) => needs !== undefined));
}

describe("a sound document plans", () => {
	test("no needs where none are written and nothing is read", () => {
		expect(needs(get("deal"), post("tell"))).toEqual({});
	});

	test("what its author wrote", () => {
		const of = ["deal", "owner"];
		expect(
			needs(
				get("deal"),
				get("owner"),
				post("both", { needs: of }),
				post("either", { needs: { any: of } }),
				post("two", { needs: { at_least: 2, of } }),
			),
		).toEqual({
			both: { all: of },
			either: { all: [], some: { at_least: 1, of } },
			two: { all: [], some: { at_least: 2, of } },
		});
	});

	test.each([
		["in its input", says("tell", "${{ steps.deal.output.body.name }}")],
		["within a longer text", says("tell", "Deal ${{ steps.deal.output.body.name }} is ${{ steps.deal.status }}")],
		["in its condition", post("tell", { if: "steps.deal.output.status == 200" })],
		["in its list", post("tell", { for_each: "steps.deal.output.body.items" })],
		["in a loop", post("tell", { if: "steps.deal.output.body.items.exists(i, i.ok)" })],
		["in brackets", says("tell", '${{ steps["deal"].output["body"] }}')],
		["to see whether it is there", post("tell", { if: "has(steps.deal.output.body)" })],
		["in its fallback", get("tell", { fallback: { body: "${{ steps.deal.output.body }}" } })],
		["in what people are asked", approve({ ask: "${{ steps.deal.output.body }}?" }, { id: "tell" })],
		["in how long it waits", { id: "tell", use: "wait", with: { for: "${{ steps.deal.output.body.pause }}" } }],
	])("a need of what it reads %s", (_, step) => {
		expect(needs(get("deal"), step)).toEqual({ tell: { all: ["deal"] } });
	});

	test("a need of a later step that it reads", () => {
		expect(needs(says("tell", "${{ steps.deal.output.body }}"), get("deal"))).toEqual({ tell: { all: ["deal"] } });
	});

	test("a need of what it reads beside what is written", () => {
		const text = "${{ steps.deal.output.body }}";
		const [deal, owner, law] = [get("deal"), get("owner"), get("law")];
		expect(needs(deal, owner, says("tell", text, { needs: ["owner"] }))).toEqual({ tell: { all: ["owner", "deal"] } });
		expect(needs(deal, owner, law, says("tell", text, { needs: { any: ["owner", "law"] } }))).toEqual({
			tell: { all: ["deal"], some: { at_least: 1, of: ["owner", "law"] } },
		});
	});

	test("no second need of what has ended before", () => {
		const text = "${{ steps.deal.output.body }}";
		expect(needs(get("deal"), post("note", { needs: ["deal"] }), says("tell", text, { needs: ["note"] }))).toEqual({
			note: { all: ["deal"] },
			tell: { all: ["note"] },
		});
		expect(needs(get("deal"), get("owner"), says("tell", text, { needs: { any: ["deal", "owner"] } }))).toEqual({
			tell: { all: [], some: { at_least: 1, of: ["deal", "owner"] } },
		});
	});

	test("no need of the step whose votes it asks for", () => {
		const tell = says("tell", "${{ approvals.legal.ada }}");
		expect(needs(approve(), tell)).toEqual({});
		const reminder = { ...tell, needs: { any: ["legal", "rest"] } };
		const rest = { id: "rest", use: "wait", with: { for: "1h" } };
		expect(problems(ofSteps(approve(), rest, reminder))).toEqual([]);
	});

	test("no need of what its undo reads", () => {
		const undo = { use: "http.request", with: { url: "${{ steps.deal.output.body }}/${{ steps.tell.output.ts }}" } };
		expect(needs(get("deal"), post("tell", { undo }))).toEqual({});
	});

	test("a diamond", () => {
		expect(
			needs(
				get("a"),
				says("b", "${{ steps.a.output.body }}"),
				says("c", "${{ steps.a.status }}"),
				post("d", { needs: ["b", "c"] }),
			),
		).toEqual({ b: { all: ["a"] }, c: { all: ["a"] }, d: { all: ["b", "c"] } });
	});
});

test.each([
	["an element of what a list gave", "${{ steps.deal.output[0].body }}"],
	["all of what a list gave", "${{ json(steps.deal.output.map(one, one.body)) }}"],
	["the status of a list", "${{ steps.deal.status }}"],
])("a step can read %s", (_, text) => {
	expect(problems(ofSteps(get("deal", { for_each: "event.data.ids" }), says("tell", text)))).toEqual([]);
});

test.each(["status", "output", "reason", "fell_back"])("a step can read the %s of another", (part) => {
	expect(problems(ofSteps(get("deal"), says("tell", `\${{ json(steps.deal.${part}) }}`)))).toEqual([]);
});
