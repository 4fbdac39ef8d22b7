// Mistakes in single steps and in `on_failure`: each is told once, where it stands, with what to write instead.

import { describe, expect, test } from "vitest";
import { approve, get, ofSteps, post, problems, says } from "./document-catalogue";

const wait = (input: unknown, change = {}) => ofSteps({ id: "rest", use: "wait", with: input, ...change });
const comp = (...steps: unknown[]) => ({ ...ofSteps(...steps), on_failure: { compensate: true } });
const req = (id: string, change = {}) => ({
	id,
	use: "http.request",
	connection: "api",
	with: { url: "https://a.example" },
	...change,
});
const undoing = (undo: unknown, change = {}) => ofSteps(post("tell", { undo, ...change }));
const failing = (...steps: unknown[]) => ({ ...ofSteps(get("deal")), on_failure: { steps } });
const quiet = { timing: { debounce: { quiet: "1m", max_wait: "5m", skip_unchanged: true } } };
const own = { use: "http.request", connection: "api", with: { url: "https://a.example" } };

const wrong: [what: string, input: unknown, problems: string[]][] = [
	[
		"a condition that ends early",
		ofSteps(post("tell", { if: "event.data." })),
		["steps[0].if: the expression ends after ., where a value should follow (column 12)"],
	],
	[
		"a condition in braces",
		ofSteps(post("tell", { if: "${{ event.data.ok }}" })),
		["steps[0].if: is an expression as it is; write it without ${{ and }}"],
	],
	[
		"a condition that is a number",
		ofSteps(post("tell", { if: "1 + 1" })),
		["steps[0].if: a condition must be true or false, and this one is a number; compare it with something"],
	],
	[
		"a condition that is no text",
		ofSteps(post("tell", { if: true })),
		["steps[0].if: must be text, and this is true or false"],
	],
	[
		"a condition that reads approvals",
		ofSteps(approve(), post("tell", { if: "size(approvals.legal) > 0" })),
		[
			"steps[1].if: approvals is not available in this place, only in the with of a step of a connector; available here: event, window, steps, run, workflow, now (column 6)",
		],
	],
	[
		"a condition that reads an element",
		ofSteps(post("tell", { if: "item.ok", for_each: "event.data.items" })),
		[
			"steps[0].if: item is not available in this place, only in the with of a step that has for_each; available here: event, window, steps, run, workflow, now (column 1)",
		],
	],
	[
		"a list that is not CEL",
		ofSteps(post("tell", { for_each: "event.data.items[" })),
		["steps[0].for_each: the [ is never closed (column 17)"],
	],
	[
		"a list that is a number, and nothing of who reads it",
		ofSteps(says("tell", "${{ item.id }}", { for_each: 5, concurrency: 3 })),
		["steps[0].for_each: must be text, and this is a number"],
	],
	[
		"a list that is a text",
		ofSteps(post("tell", { for_each: "'a,b'" })),
		["steps[0].for_each: must be a list, and this is text"],
	],
	[
		"a list that is no text",
		ofSteps(post("tell", { for_each: ["a", "b"] })),
		["steps[0].for_each: must be text, and this is a list"],
	],
	[
		"a list that is too long",
		ofSteps(post("tell", { for_each: `[${Array.from({ length: 101 }, (_, i) => i)}]` })),
		["steps[0].for_each: has 101 elements, and at most 100 are possible"],
	],
	[
		"an element without a list",
		ofSteps(says("tell", "${{ item.id }} of ${{ index }}")),
		[
			"steps[0].with.text: item is not available in this place, only in the with of a step that has for_each; available here: event, window, steps, run, workflow, now, approvals (column 5)",
			"steps[0].with.text: index is not available in this place, only in the with of a step that has for_each; available here: event, window, steps, run, workflow, now, approvals (column 23)",
		],
	],
	[
		"concurrency without a list",
		ofSteps(post("tell", { concurrency: 3 })),
		["steps[0].concurrency: says how many elements of for_each at a time, and there is no for_each"],
	],
	[
		"no concurrency",
		ofSteps(post("tell", { for_each: "event.data.items", concurrency: 0 })),
		["steps[0].concurrency: must be at least 1"],
	],
	[
		"too much concurrency",
		ofSteps(post("tell", { for_each: "event.data.items", concurrency: 101 })),
		["steps[0].concurrency: must be at most 100"],
	],
	[
		"branches without a join",
		ofSteps(says("tell", "${{ branches.legal.at }}")),
		[
			"steps[0].with.text: branches is not available in this place, only where timing is a join; available here: event, window, steps, run, workflow, now, approvals (column 5)",
		],
	],
	[
		"an approval of nothing",
		ofSteps({ id: "legal", use: "approve" }),
		[
			"steps[0].with.of: is missing: who may vote: names of approvers or of their teams",
			"steps[0].with.within: is missing: how long they have",
		],
	],
	[
		"an approval by nobody",
		ofSteps(approve({ of: undefined })),
		["steps[0].with.of: is missing: who may vote: names of approvers or of their teams"],
	],
	["an approval by an empty list", ofSteps(approve({ of: [] })), ["steps[0].with.of: must not be empty"]],
	["an approval by a text", ofSteps(approve({ of: "legal" })), ["steps[0].with.of: must be a list, and this is text"]],
	["an approver twice", ofSteps(approve({ of: ["ada", "bob", "ada"] })), ["steps[0].with.of[2]: ada is named twice"]],
	["an approval without votes", ofSteps(approve({ need: 0 })), ["steps[0].with.need: must be at least 1"]],
	[
		"a number of votes in words",
		ofSteps(approve({ need: "all" })),
		["steps[0].with.need: must be a number, and this is text"],
	],
	[
		"an approval without an end",
		ofSteps(approve({ within: undefined })),
		["steps[0].with.within: is missing: how long they have"],
	],
	[
		"a duration in words",
		ofSteps(approve({ within: "3 days" })),
		["steps[0].with.within: write a duration as a whole number and a unit: 500ms, 90s, 10m, 36h or 7d"],
	],
	[
		"an approval that takes too long",
		ofSteps(approve({ within: "91d" })),
		["steps[0].with.within: must be between 1s and 90d"],
	],
	[
		"a misspelt end of an approval",
		ofSteps(approve({ on_timeout: "proced" })),
		["steps[0].with.on_timeout: must be one of fail, proceed; did you mean proceed?"],
	],
	[
		"a misspelt key of an approval",
		ofSteps(approve({ off: ["ada"] })),
		["steps[0].with: unknown key off; did you mean of?"],
	],
	[
		"a question that reads approvals",
		ofSteps(approve({ ask: "${{ approvals.legal.ada }}" })),
		[
			"steps[0].with.ask: approvals is not available in this place, only in the with of a step of a connector; available here: event, window, steps, run, workflow, now (column 5)",
		],
	],
	[
		"an approval with a connection",
		ofSteps(approve({}, { connection: "slack" })),
		["steps[0].connection: is for actions of connectors; approve has none"],
	],
	[
		"an approval with attempts",
		ofSteps(approve({}, { retry: { attempts: 3 }, timeout: "5s", on_unknown: "retry" })),
		[
			"steps[0].timeout: is for actions of connectors; approve has none",
			"steps[0].retry: is for actions of connectors; approve has none",
			"steps[0].on_unknown: is for actions of connectors; approve has none",
		],
	],
	[
		"an approval with undo, output and fallback",
		ofSteps(approve({}, { undo: "none", output: { a: "approved" }, fallback: {} })),
		[
			"steps[0].undo: is for actions of connectors; approve has none",
			"steps[0].output: is for actions of connectors; approve has none",
			"steps[0].fallback: is for actions of connectors; approve has none",
		],
	],
	[
		"an approval for each of a list",
		ofSteps(approve({}, { for_each: "event.data.people" })),
		["steps[0].for_each: is for actions of connectors; approve is carried out once"],
	],
	[
		"a misspelt approve",
		ofSteps(approve({}, { use: "aprove" })),
		["steps[0].use: there is no action aprove; did you mean approve?"],
	],
	[
		"an approval of a list",
		ofSteps({ id: "legal", use: "approve", with: ["ada"] }),
		["steps[0].with: must be an object, and this is a list"],
	],
	[
		"links to vote on a step that asks nobody",
		ofSteps(post("ask"), says("tell", "${{ approvals.ask.ada }}")),
		["steps[1].with.text: approvals.ask are the links to vote, and ask asks nobody: it is slack.post_message"],
	],
	[
		"links to vote on a misspelt step",
		ofSteps(approve(), says("tell", "${{ approvals.leagl.ada }}")),
		["steps[1].with.text: there is no step leagl; did you mean legal?"],
	],
	[
		"all links to vote",
		ofSteps(approve(), says("tell", "${{ json(approvals) }}")),
		["steps[1].with.text: reads approvals as a whole; name the one that it needs, like approvals.legal"],
	],
	[
		"a list that reads approvals",
		ofSteps(approve(), post("tell", { for_each: "approvals.legal" })),
		[
			"steps[1].for_each: approvals is not available in this place, only in the with of a step of a connector; available here: event, window, steps, run, workflow, now (column 1)",
		],
	],
	[
		"a wait for nothing",
		wait({}),
		["steps[0].with: does not say for how long; write for, like for: 1h, or until, like until: 2026-12-01T09:00:00Z"],
	],
	[
		"a wait without input",
		wait(undefined),
		["steps[0].with: does not say for how long; write for, like for: 1h, or until, like until: 2026-12-01T09:00:00Z"],
	],
	[
		"a wait with two ends",
		wait({ for: "1h", until: "2026-12-01T09:00:00Z" }),
		["steps[0].with: says for and until; a wait has one end, so keep one of them"],
	],
	[
		"a wait in words",
		wait({ for: "an hour" }),
		["steps[0].with.for: write a duration as a whole number and a unit: 500ms, 90s, 10m, 36h or 7d"],
	],
	[
		"a wait that is a number",
		wait({ for: 60 }),
		["steps[0].with.for: must be a duration like 90s, and this is a number"],
	],
	[
		"a wait until a word",
		wait({ until: "tomorrow" }),
		["steps[0].with.until: must be a time with its zone, like 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+01:00"],
	],
	[
		"a wait until a day",
		wait({ until: "2026-12-01" }),
		["steps[0].with.until: must be a time with its zone, like 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+01:00"],
	],
	["a wait that is too long", wait({ for: "91d" }), ["steps[0].with.for: must be between 1s and 90d"]],
	["a misspelt wait", wait({ fro: "1h" }), ["steps[0].with: unknown key fro; did you mean for?"]],
	[
		"a wait with another key",
		wait({ for: "1h", quiet: true }),
		["steps[0].with: unknown key quiet; allowed here: for"],
	],
	["a wait that is a text", wait("1h"), ["steps[0].with: must be an object, and this is text"]],
	[
		"an action without a connection",
		ofSteps(post("tell", { connection: undefined })),
		["steps[0].connection: is missing: slack.post_message needs one"],
	],
	[
		"a wrong connection, which is not missing",
		ofSteps(post("tell", { connection: "Slack!" })),
		[
			"steps[0].connection: use lower-case letters, digits and single hyphens, starting with a letter, like deal-in-review",
		],
	],
	[
		"an unknown action without a connection",
		ofSteps(post("tell", { use: "slack.post_mesage", connection: undefined })),
		[
			"steps[0].use: there is no action slack.post_mesage; did you mean slack.post_message?",
			"steps[0].connection: is missing: slack.post_mesage needs one",
		],
	],
	[
		"an action that is a number",
		ofSteps(post("tell", { use: 5 })),
		["steps[0].use: must be text, and this is a number"],
	],
	[
		"an action in camel case",
		ofSteps(post("tell", { use: "slack.postMessage" })),
		["steps[0].use: there is no action slack.postMessage; did you mean slack.post_message?"],
	],
	[
		"undoing a reading",
		ofSteps(get("deal", { undo: own })),
		["steps[0].undo: takes back what a step changed, and http.get changes nothing"],
	],
	[
		"not undoing a reading",
		ofSteps(get("deal", { undo: "none" })),
		["steps[0].undo: takes back what a step changed, and http.get changes nothing"],
	],
	[
		"compensation of a step that nothing undoes",
		comp(req("book"), post("tell"), get("deal"), approve()),
		[
			"steps[0].undo: is missing: http.request has no way of its own to be undone; write the action that takes it back, or undo: none",
		],
	],
	[
		"an unknown action to undo",
		undoing({ ...own, use: "http.reqest" }),
		["steps[0].undo.use: there is no action http.reqest; did you mean http.request?"],
	],
	[
		"approve as undo",
		undoing({ ...own, use: "approve" }),
		["steps[0].undo.use: must be an action of a connector; approve takes nothing back"],
	],
	[
		"a wrong input of an undo",
		undoing({ ...own, with: { ur: "https://a.example" } }),
		["steps[0].undo.with.url: is missing", "steps[0].undo.with: unknown key ur; did you mean url?"],
	],
	["an undo without an action", undoing({ with: {} }), ["steps[0].undo.use: is missing"]],
	[
		"an undo that reads a misspelt step",
		undoing({ ...own, with: { url: "${{ steps.tel.output.ts }}" } }),
		["steps[0].undo.with.url: there is no step tel, and no other step at all"],
	],
	[
		"an undo that reads a misspelt field of its own step",
		undoing({ ...own, with: { url: "${{ steps.tell.output.tss }}" } }),
		["steps[0].undo.with.url: steps.tell.output has no tss; did you mean ts?"],
	],
	[
		"an undo that asks for votes",
		ofSteps(approve(), post("tell", { undo: { ...own, with: { url: "${{ approvals.legal.ada }}" } } })),
		[
			"steps[1].undo.with.url: approvals is not available in this place, only in the with of a step of a connector; available here: event, window, steps, run, workflow, now (column 5)",
		],
	],
	[
		"an approver whose name nobody can have",
		ofSteps(approve({ of: ["Ada Lovelace", "bob"] })),
		[
			"steps[0].with.of[0]: nobody has such a name: approvers and teams are named in lower case, like ada or legal-team",
		],
	],
	[
		"an undo that reads an element without a list",
		undoing({ ...own, with: { url: "${{ item.url }}" } }),
		[
			"steps[0].undo.with.url: item is not available in this place, only in the with of a step that has for_each; available here: event, window, steps, run, workflow, now (column 5)",
		],
	],
	[
		"an undo with a wrong expression",
		undoing({ ...own, with: { url: "${{ evnt.id }}" } }),
		["steps[0].undo.with.url: there is no variable evnt; did you mean event? (column 5)"],
	],
	[
		"an undo with needs",
		undoing({ ...own, needs: ["a"] }),
		["steps[0].undo: unknown key needs; allowed here: use, connection, with, timeout, retry, on_unknown"],
	],
	[
		"an undo whose pauses are longer than the longest",
		undoing({ ...own, retry: { base: "10m", cap: "1m" } }),
		["steps[0].undo.retry: base is longer than cap: the first pause cannot be longer than the longest"],
	],
	[
		"a misspelt none",
		undoing("nonee"),
		[
			"steps[0].undo: must be none, or the action that takes it back, like undo: { use: http.request, with: { … } }; did you mean none?",
		],
	],
	[
		"an undo that is the name of an action",
		undoing("slack.delete_message"),
		["steps[0].undo: must be an object: write undo: { use: slack.delete_message, with: { … } }"],
	],
	[
		"an undo that is a truth value",
		undoing(true),
		[
			"steps[0].undo: must be none, or the action that takes it back, like undo: { use: http.request, with: { … } }, and this is true or false",
		],
	],
	[
		"an undo that is a list",
		undoing([own]),
		[
			"steps[0].undo: must be none, or the action that takes it back, like undo: { use: http.request, with: { … } }, and this is a list",
		],
	],
	[
		"an undo that is nothing",
		undoing(null),
		[
			"steps[0].undo: must be none, or the action that takes it back, like undo: { use: http.request, with: { … } }, and this is null",
		],
	],
	[
		"a wrong undo, which is not missing",
		{ ...undoing("nonee"), on_failure: { compensate: true } },
		[
			"steps[0].undo: must be none, or the action that takes it back, like undo: { use: http.request, with: { … } }; did you mean none?",
		],
	],
	[
		"unknown actions of a step and of its undo",
		undoing({ ...own, use: "http.reqest" }, { use: "slack.post_mesage" }),
		[
			"steps[0].use: there is no action slack.post_mesage; did you mean slack.post_message?",
			"steps[0].undo.use: there is no action http.reqest; did you mean http.request?",
		],
	],
	[
		"an output of a misspelt field",
		ofSteps(get("deal", { output: { name: "bdy.name" } })),
		["steps[0].output.name: the action answers no bdy; did you mean body?"],
	],
	[
		"an output of a field that is not there",
		ofSteps(get("deal", { output: { name: "data.name" } })),
		["steps[0].output.name: the action answers no data; it answers status, body"],
	],
	[
		"outputs that are no paths",
		ofSteps(get("deal", { output: { a: "body..a", b: "body.", c: "", d: "body.__proto__.x", e: "body.constructor" } })),
		[
			"steps[0].output.c: must not be empty",
			"steps[0].output.a: must be names with single dots between them, like body.id",
			"steps[0].output.b: must be names with single dots between them, like body.id",
			"steps[0].output.d: must be names with single dots between them, like body.id",
			"steps[0].output.e: must be names with single dots between them, like body.id",
		],
	],
	[
		"an output whose name is a title",
		ofSteps(get("deal", { output: { "Deal Name": "body.name" } })),
		['steps[0].output["Deal Name"]: has a name that is not allowed; use lower-case letters, digits and underscores'],
	],
	[
		"outputs in a list",
		ofSteps(get("deal", { output: ["body.name"] })),
		["steps[0].output: must be an object, and this is a list"],
	],
	[
		"a fallback of a step that changes something",
		ofSteps(post("tell", { fallback: { ts: "" } })),
		["steps[0].fallback: stands in for what could not be read, and slack.post_message does not read"],
	],
	[
		"a fallback of a misspelt field",
		ofSteps(get("deal", { fallback: { boddy: {} } })),
		["steps[0].fallback.boddy: is not of the step's output; did you mean body?"],
	],
	[
		"a fallback of a declared field where the document names its own",
		ofSteps(get("deal", { output: { name: "body.name" }, fallback: { body: {} } })),
		["steps[0].fallback.body: is not of the step's output; that has name"],
	],
	[
		"a fallback with a wrong expression",
		ofSteps(get("deal", { fallback: { body: "${{ evnt.data }}" } })),
		["steps[0].fallback.body: there is no variable evnt; did you mean event? (column 5)"],
	],
	[
		"a fallback that reads approvals",
		ofSteps(approve(), get("deal", { fallback: { body: "${{ approvals.legal }}" } })),
		[
			"steps[1].fallback.body: approvals is not available in this place, only in the with of a step of a connector; available here: event, window, steps, run, workflow, now (column 5)",
		],
	],
	[
		"a fallback that reads its own step",
		ofSteps(get("deal", { fallback: { body: "${{ steps.deal.output.body }}" } })),
		["steps[0].fallback.body: reads its own step, which has not been carried out yet"],
	],
	[
		"continue_on_error in words",
		ofSteps(post("tell", { continue_on_error: "yes" })),
		["steps[0].continue_on_error: must be true or false, and this is text"],
	],
	[
		"on_failure with a misspelt key",
		{ ...ofSteps(post("tell")), on_failure: { compensat: true } },
		["on_failure: unknown key compensat; did you mean compensate?"],
	],
	[
		"on_failure that is a list",
		{ ...ofSteps(post("tell")), on_failure: [post("a")] },
		["on_failure: must be an object, and this is a list"],
	],
	[
		"compensation in words, and nothing of what cannot be undone",
		{ ...ofSteps(req("tell")), on_failure: { compensate: "yes" } },
		["on_failure.compensate: must be true or false, and this is text"],
	],
	[
		"on_failure that needs a step which has ended",
		failing(post("alarm", { needs: ["deal"] })),
		["on_failure.steps[0].needs[0]: deal has ended before the steps of on_failure begin, so leave it out"],
	],
	[
		"on_failure that needs a misspelt step",
		failing(post("alarm", { id: undefined }), post("b", { needs: ["on_failure_2"] })),
		["on_failure.steps[1].needs[0]: there is no step on_failure_2; did you mean on_failure_1?"],
	],
	[
		"an id in steps and on_failure",
		failing(post("deal")),
		["on_failure.steps[0].id: is the id of steps[0] too; every step needs its own"],
	],
	[
		"an id in steps that on_failure has by default",
		{ ...ofSteps(get("on_failure_1")), on_failure: { steps: [post("a", { id: undefined })] } },
		["on_failure.steps[0].id: is the id of steps[0] too; every step needs its own"],
	],
	[
		"too many steps of on_failure",
		failing(...Array.from({ length: 11 }, (_, i) => post(`a${i}`))),
		["on_failure.steps: must have at most 10 elements"],
	],
	[
		"on_failure with an undo",
		failing(post("alarm", { undo: "none" })),
		["on_failure.steps[0].undo: is not for steps of on_failure, which are carried out once and never undone"],
	],
	[
		"on_failure with a wrong undo",
		failing(post("alarm", { undo: "nonee" })),
		["on_failure.steps[0].undo: is not for steps of on_failure, which are carried out once and never undone"],
	],
	[
		"on_failure for each of a list",
		failing(says("alarm", "${{ item }}", { for_each: "event.data.people", concurrency: 2 })),
		[
			"on_failure.steps[0].for_each: is not for steps of on_failure, which are carried out once and never undone",
			"on_failure.steps[0].concurrency: is not for steps of on_failure, which are carried out once and never undone",
		],
	],
	[
		"on_failure that reads a misspelt step",
		failing(says("alarm", "${{ steps.dael.reason }}")),
		["on_failure.steps[0].with.text: there is no step dael; did you mean deal?"],
	],
	[
		"a step that reads one of on_failure",
		{ ...ofSteps(says("tell", "${{ steps.alarm.output.ts }}")), on_failure: { steps: [post("alarm")] } },
		["steps[0].with.text: there is no step alarm, and no other step at all"],
	],
	[
		"a circle in on_failure",
		failing(post("a", { needs: ["b"] }), post("b", { needs: ["a"] })),
		["on_failure.steps[0].needs: these steps wait for each other: a needs b, b needs a"],
	],
	[
		"a step of on_failure that is a text",
		failing("alarm"),
		["on_failure.steps[0]: must be an object, and this is text"],
	],
	[
		"skip_unchanged without a reading",
		{ ...ofSteps(post("tell")), ...quiet },
		[
			"timing.debounce.skip_unchanged: compares what reading steps have read before anything is changed, and there is none, like http.get",
		],
	],
	[
		"skip_unchanged with a reading after a change",
		{ ...ofSteps(post("tell"), get("deal", { needs: ["tell"] })), ...quiet },
		[
			"timing.debounce.skip_unchanged: compares what reading steps have read before anything is changed, and there is none, like http.get",
		],
	],
	[
		"skip_unchanged with an unknown action, which may be a reading",
		{ ...ofSteps(get("deal", { use: "http.gett" }), post("tell")), ...quiet },
		["steps[0].use: there is no action http.gett; did you mean http.get?"],
	],
	[
		"mistakes in several steps",
		ofSteps(post("tell", { needs: ["x1y2"], if: "evnt.x", undo: "nonee" }), approve({ need: 0 })),
		[
			"steps[0].if: there is no variable evnt; did you mean event? (column 1)",
			"steps[0].undo: must be none, or the action that takes it back, like undo: { use: http.request, with: { … } }; did you mean none?",
			"steps[1].with.need: must be at least 1",
			"steps[0].needs[0]: there is no step x1y2; available here: legal",
		],
	],
];

describe("a wrong step is refused, with every problem", () => {
	test.each(wrong)("%s", (_, input, expected) => {
		expect(problems(input)).toEqual(expected);
	});
});
