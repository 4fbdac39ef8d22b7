// Joins: what is told of mistakes in them, and what they are compiled to.

import { describe, expect, test } from "vitest";
import { compiled, ofSteps, post, problems, says, trigger } from "./document-catalogue";

const legal = { on: { source: "crm", event: "legal.done" } };
const money = { on: { source: "erp", event: "money.done" } };
const security = { on: { source: "scan", event: "scan.done" } };
const three = { legal, money, security };
const join = (change: Record<string, unknown> = {}, document: object = {}) => ({
	name: "a",
	owner: "o",
	key: "event.data.deal",
	timing: { join: { branches: three, by: "1d", ...change } },
	steps: [post("tell")],
	...document,
});
const noBy = (() => {
	const d = join();
	Reflect.deleteProperty(d.timing.join, "by");
	return d;
})();
const noKey = (branches: object) => {
	const d = join({ branches });
	Reflect.deleteProperty(d, "key");
	return d;
};
const many = (n: number) =>
	Object.fromEntries(Array.from({ length: n }, (_, i) => [`b${i}`, { on: { source: "crm", event: `e${i}` } }]));

const wrong: [what: string, input: unknown, problems: string[]][] = [
	[
		"no key",
		noKey({ legal, money }),
		[
			"key: is missing: branches come together by a common key; write one for all, like key: event.data.order, or one for each branch",
		],
	],
	[
		"a key for one branch alone",
		noKey({ legal: { ...legal, key: "event.id" }, money }),
		[
			"timing.join.branches.money.key: is missing: branches come together by a common key; write one here, or one for all as the workflow's key",
		],
	],
	[
		"a wrong key, which is not missing",
		join({}, { key: "event.data." }),
		["key: the expression ends after ., where a value should follow (column 12)"],
	],
	[
		"wrong keys of branches",
		noKey({ legal: { ...legal, key: "event.data." }, money: { ...money, key: 5 } }),
		[
			"timing.join.branches.money.key: must be text, and this is a number",
			"timing.join.branches.legal.key: the expression ends after ., where a value should follow (column 12)",
		],
	],
	[
		"triggers of the workflow too",
		join({}, { on: trigger }),
		["on: is named by the branches of the join; move it to timing.join.branches"],
	],
	[
		"one branch",
		join({ branches: { legal } }),
		["timing.join.branches: must be at least two besides those that veto; for one kind of event no join is needed"],
	],
	[
		"no branch in the list",
		join({ branches: {} }),
		["timing.join.branches: must be at least two besides those that veto; for one kind of event no join is needed"],
	],
	["no branches", join({ branches: undefined }), ["timing.join.branches: is missing: what is waited for, by name"]],
	[
		"branches in a list",
		join({ branches: [legal, money] }),
		["timing.join.branches: must be an object, and this is a list"],
	],
	[
		"nothing but vetoes",
		join({ veto: ["legal", "money", "security"] }),
		["timing.join.branches: must be at least two besides those that veto; for one kind of event no join is needed"],
	],
	[
		"one branch and a veto",
		join({ branches: { legal, money }, veto: ["money"] }),
		["timing.join.branches: must be at least two besides those that veto; for one kind of event no join is needed"],
	],
	[
		"vetoes of branches that are not there",
		join({ veto: ["leagl", "contract"] }),
		[
			"timing.join.veto[0]: there is no branch leagl; did you mean legal?",
			"timing.join.veto[1]: there is no branch contract; available here: legal, money, security",
		],
	],
	["a veto that is a text", join({ veto: "legal" }), ["timing.join.veto: must be a list, and this is text"]],
	[
		"more than there are",
		join({ need: 4 }),
		["timing.join.need: asks for 4 branches, and 3 can count: optional ones and vetoes do not"],
	],
	[
		"more than count, since one is optional",
		join({ need: 3, branches: { ...three, security: { ...security, optional: true } } }),
		["timing.join.need: asks for 3 branches, and 2 can count: optional ones and vetoes do not"],
	],
	[
		"more than count, since one is a veto",
		join({ need: 3, veto: ["money"] }),
		["timing.join.need: asks for 3 branches, and 2 can count: optional ones and vetoes do not"],
	],
	["a need of none", join({ need: 0 }), ["timing.join.need: must be at least 1: a join waits for something"]],
	[
		"a need of one and a half",
		join({ need: 1.5 }),
		["timing.join.need: must be a whole number of branches, and this is a number with a fraction"],
	],
	[
		"an empty need",
		join({ need: "" }),
		["timing.join.need: must be all, a number of branches, or a condition over their names, and this is empty"],
	],
	[
		"a need in a list",
		join({ need: ["legal"] }),
		["timing.join.need: must be all, a number of branches, or a condition over their names, and this is a list"],
	],
	[
		"a need of nothing",
		join({ need: null }),
		["timing.join.need: must be all, a number of branches, or a condition over their names, and this is null"],
	],
	[
		"a misspelt all",
		join({ need: "al" }),
		["timing.join.need: must be all, a number of branches, or a condition over their names; did you mean all?"],
	],
	[
		"a condition with a misspelt branch",
		join({ need: "legal && mony" }),
		["timing.join.need: there is no variable mony; did you mean money? (column 10)"],
	],
	[
		"a condition that reads the event",
		join({ need: "event.data.ok" }),
		["timing.join.need: event is not available in this place; available here: legal, money, security (column 1)"],
	],
	[
		"a condition that never holds",
		join({ need: "legal && !money && false" }),
		["timing.join.need: does not hold when every branch has come, so the join could never be complete"],
	],
	[
		"a condition that a branch ends",
		join({ need: "legal && !money" }),
		["timing.join.need: does not hold when every branch has come, so the join could never be complete"],
	],
	[
		"a condition that asks for a veto",
		join({ need: "legal && security", veto: ["security"] }),
		["timing.join.need: does not hold when every branch that is no veto has come, so the join could never be complete"],
	],
	[
		"a condition that always holds",
		join({ need: "legal || !legal" }),
		["timing.join.need: holds when no branch has come, so the join would wait for nothing"],
	],
	[
		"a condition that is a number",
		join({ need: "2" }),
		["timing.join.need: a condition must be true or false, and this one is a number; compare it with something"],
	],
	[
		"a condition that is a number before anything has come",
		join({ need: "legal ? true : 5" }),
		["timing.join.need: a condition must be true or false, and this one is a number; compare it with something"],
	],
	[
		"a condition that is not CEL",
		join({ need: "legal &&" }),
		["timing.join.need: the expression ends after &&, where a value should follow (column 9)"],
	],
	[
		"a condition in braces",
		join({ need: "${{ legal && money }}" }),
		["timing.join.need: is an expression as it is; write it without ${{ and }}"],
	],
	[
		"all of branches that are optional",
		join({ branches: { legal: { ...legal, optional: true }, money: { ...money, optional: true } } }),
		["timing.join.need: all needs a branch that is neither optional nor a veto"],
	],
	["no deadline", noBy, ["timing.join.by: is missing: wait at most this long from the first event"]],
	["a deadline that is too far", join({ by: "91d" }), ["timing.join.by: must be between 100ms and 90d"]],
	[
		"a deadline that is a number",
		join({ by: 7 }),
		["timing.join.by: must be a duration like 90s, and this is a number"],
	],
	[
		"a misspelt end",
		join({ on_short: "escalat" }),
		["timing.join.on_short: must be one of fail, proceed, escalate; did you mean escalate?"],
	],
	["an unknown answer to late events", join({ late: "drop" }), ["timing.join.late: must be one of ignore, reopen"]],
	["an unknown key", join({ branch: {} }), ["timing.join: unknown key branch; did you mean branches?"]],
	[
		"a branch without triggers",
		join({ branches: { legal: {}, money } }),
		[
			"timing.join.branches.legal.on: is missing: the events that complete it, like on: { source: crm, event: deal.signed }",
		],
	],
	[
		"a branch with an empty list of triggers",
		join({ branches: { legal: { on: [] }, money } }),
		[
			"timing.join.branches.legal.on: is missing: the events that complete it, like on: { source: crm, event: deal.signed }",
		],
	],
	[
		"a branch with a misspelt key",
		join({ branches: { legal: { ...legal, optinal: true }, money } }),
		["timing.join.branches.legal: unknown key optinal; did you mean optional?"],
	],
	[
		"optional in words",
		join({ branches: { legal: { ...legal, optional: "yes" }, money, security } }),
		["timing.join.branches.legal.optional: must be true or false, and this is text"],
	],
	[
		"a branch whose name is a title",
		join({ branches: { "Legal-Review": legal, money } }),
		[
			"timing.join.branches.Legal-Review: has a name that is not allowed; use lower-case letters, digits and underscores",
		],
	],
	[
		"a branch of nothing",
		join({ branches: { legal: null, money } }),
		["timing.join.branches.legal: must be an object, and this is null"],
	],
	[
		"wrong triggers of branches",
		join({ branches: { legal: { on: { source: "CRM", event: "a b" } }, money: { on: [{ ...money.on, iff: "x" }] } } }),
		[
			"timing.join.branches.legal.on.source: use lower-case letters, digits and single hyphens, starting with a letter, like deal-in-review",
			"timing.join.branches.legal.on.event: may hold letters, digits, . _ - : and /, and * for any characters",
			"timing.join.branches.money.on[0]: unknown key iff; did you mean if?",
		],
	],
	[
		"a wrong condition of a branch",
		join({ branches: { legal: { on: { ...legal.on, if: "evnt.x" } }, money } }),
		["timing.join.branches.legal.on.if: there is no variable evnt; did you mean event? (column 1)"],
	],
	["too many branches", join({ branches: many(21) }), ["timing.join.branches: must be at most 20"]],
	[
		"a branch with the triggers of another",
		join({ branches: { legal, again: legal, money } }),
		[
			"timing.join.branches.again.on: never comes: an event completes the first branch that wants it, and all of these complete legal",
		],
	],
	[
		"a branch whose events all complete another",
		join({
			branches: {
				any: { on: { source: "crm", event: "*" } },
				legal: { on: [legal.on, { ...legal.on, event: "deal.*", if: "event.data.x" }] },
				money,
			},
		}),
		[
			"timing.join.branches.legal.on: never comes: an event completes the first branch that wants it, and all of these complete any",
		],
	],
	[
		"a join that is a text",
		{ ...join(), timing: { join: "all" } },
		["timing.join: must be an object, and this is text"],
	],
	["a join of nothing", { ...join(), timing: { join: null } }, ["timing.join: must be an object, and this is null"]],
	[
		"a misspelt join, and nothing of its branches",
		{ ...join(), timing: { jion: { branches: three, by: "1d" } }, steps: [says("tell", "${{ branches.legal.at }}")] },
		["timing: unknown key jion; did you mean join?"],
	],
	[
		"a join beside timing",
		{
			...ofSteps(post("tell")),
			join: { branches: three, by: "1d" },
			timing: { debounce: { quiet: "1m", max_wait: "5m" } },
		},
		[": unknown key join; it belongs under timing: timing: { join: { … } }"],
	],
	[
		"a join without timing, and nothing of its triggers",
		{ name: "a", owner: "o", join: { branches: three, by: "1d" }, steps: [says("tell", "${{ branches.legal.at }}")] },
		[": unknown key join; it belongs under timing: timing: { join: { … } }"],
	],
	[
		"a join and a debounce, and nothing of its triggers",
		{
			...join({}, { on: trigger }),
			timing: { join: { branches: three, by: "1d" }, debounce: { quiet: "1m", max_wait: "5m" } },
		},
		["timing: says debounce and join; a workflow has one timing, so keep one of them"],
	],
	[
		"a join and a debounce",
		{ ...join(), timing: { join: { branches: three, by: "1d" }, debounce: { quiet: "1m", max_wait: "5m" } } },
		["timing: says debounce and join; a workflow has one timing, so keep one of them"],
	],
	[
		"reading a misspelt branch",
		join({}, { steps: [says("tell", "${{ branches.mony.event.data.total }}")] }),
		["steps[0].with.text: there is no branch mony; did you mean money?"],
	],
	[
		"reading parts that a branch has not",
		join({}, { steps: [says("tell", "${{ branches.money.arived }} ${{ branches.legal.data }}")] }),
		[
			"steps[0].with.text: branches.money has arrived, at, count, event, and no arived; did you mean arrived?",
			"steps[0].with.text: branches.legal has arrived, at, count, event, and no data",
		],
	],
	[
		"no triggers without a join",
		{ name: "a", owner: "o", steps: [post("tell")] },
		["on: is missing: the events that it is about, like on: { source: github, event: issue.created }"],
	],
	[
		"no triggers of a debounce",
		{ name: "a", owner: "o", steps: [post("tell")], timing: { debounce: { quiet: "1m", max_wait: "5m" } } },
		["on: is missing: the events that it is about, like on: { source: github, event: issue.created }"],
	],
	[
		"mistakes all over",
		join(
			{ branches: { legal: {}, money }, veto: ["mony"], by: "1y", late: "x" },
			{ steps: [says("tell", "${{ branches.mony.at }}", { needs: ["tel"] })] },
		),
		[
			"timing.join.by: write a duration as a whole number and a unit: 500ms, 90s, 10m, 36h or 7d",
			"timing.join.late: must be one of ignore, reopen",
			"timing.join.branches.legal.on: is missing: the events that complete it, like on: { source: crm, event: deal.signed }",
			"timing.join.veto[0]: there is no branch mony; did you mean money?",
			"steps[0].needs[0]: there is no step tel, and no other step at all",
			"steps[0].with.text: there is no branch mony; did you mean money?",
		],
	],
];

describe("a wrong join is refused, with every problem", () => {
	test.each(wrong)("%s", (_, input, expected) => {
		expect(problems(input)).toEqual(expected);
	});
});

describe("a sound join compiles", () => {
	test("to its branches, all of which are needed", () => {
		expect(compiled(join()).timing).toEqual({
			kind: "join",
			branches: { legal: "required", money: "required", security: "required" },
			...{ need: 3, by: 86_400_000, on_short: "fail", late: "ignore" },
		});
	});

	test("to roles: optional ones and vetoes are not needed", () => {
		const branches = { ...three, money: { ...money, optional: true } };
		expect(
			compiled(join({ branches, veto: ["security"], need: 1, on_short: "escalate", late: "reopen" })).timing,
		).toEqual({
			kind: "join",
			branches: { legal: "required", money: "optional", security: "veto" },
			...{ need: 1, by: 86_400_000, on_short: "escalate", late: "reopen" },
		});
		expect(compiled(join({ branches })).timing).toMatchObject({ need: 2 });
	});

	test.each([
		["legal && (money || security)", {}],
		["[legal, money, security].filter(came, came).size() >= 2", {}],
		["legal && money && !security", { veto: ["security"] }],
	])("to a condition: %s", (need, change) => {
		expect(compiled(join({ need, ...change })).timing).toMatchObject({ need });
	});

	test("to triggers with their branch, their place and the common key", () => {
		const branches = { legal: { on: [legal.on, { ...legal.on, event: "contract.*" }] }, money };
		const triggers = compiled(join({ branches })).triggers.map(({ path, source, branch }) => [
			...[path, source, branch?.name, branch?.key.source.expression],
		]);
		expect(triggers).toEqual([
			["timing.join.branches.legal.on[0]", "crm", "legal", "event.data.deal"],
			["timing.join.branches.legal.on[1]", "crm", "legal", "event.data.deal"],
			["timing.join.branches.money.on", "erp", "money", "event.data.deal"],
		]);
	});

	test("to keys of its branches, beside the common one or without it", () => {
		const key = "event.data.invoice.deal";
		const keys = (document: unknown) => compiled(document).triggers.map(({ branch }) => branch?.key.source.expression);
		expect(keys(join({ branches: { legal, money: { ...money, key } } }))).toEqual(["event.data.deal", key]);
		expect(keys(noKey({ legal: { ...legal, key: "event.id" }, money: { ...money, key } }))).toEqual(["event.id", key]);
	});

	test("with steps that read its branches", () => {
		const text = "${{ branches.legal.arrived ? branches.legal.event.data.by : string(branches.money.count) }}";
		expect(problems(join({}, { steps: [says("tell", text, { if: "branches.security.at != null" })] }))).toEqual([]);
	});

	test("with branches of one event that their conditions tell apart", () => {
		const on = (condition: string) => ({ on: { ...legal.on, if: condition } });
		const branches = { yes: on("event.data.ok"), no: on("!event.data.ok"), rest: legal };
		expect(problems(join({ branches }))).toEqual([]);
		expect(problems(join({ branches: { rest: legal, yes: branches.yes, money } }))).toEqual([
			"timing.join.branches.yes.on: never comes: an event completes the first branch that wants it, and all of these complete rest",
		]);
	});

	test("with branches of one event that its actors tell apart", () => {
		const on = (...actors: string[]) => ({ on: { ...legal.on, actors } });
		const branches = { people: on("human"), machines: on("automation", "system") };
		expect(problems(join({ branches }))).toEqual([]);
		expect(problems(join({ branches: { ...branches, bots: on("system") } }))).toHaveLength(1);
	});

	test("with twenty branches", () => {
		expect(problems(join({ branches: many(20) }))).toEqual([]);
	});
});
