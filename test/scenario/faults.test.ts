// Faults of targets that cannot be reached, break off, answer too much, or fail after they have acted: how the run ends,
// what an operator sees, how often the target was asked, and how often it acted. Beside each, a neighbour over another
// connection of the same tenant ends well before any time has passed.

import { describe, test } from "vitest";
import type { Answer } from "../../scripts/support/receiver";
import { ARRIVAL_MS } from "../../src/core/retry";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { HASTY } from "./support/documents";
import {
	ACTS,
	atSecond,
	BIG,
	endsAs,
	givenUp,
	LOOK,
	letter,
	POST,
	POSTS,
	type Row,
	refused,
	thrice,
	well,
} from "./support/fault-rows";
import { IMPOSTOR, NOBODY, systemAt } from "./support/outside";

holdClock();

const TWO_MEGABYTES = "x".repeat(2_000_000);
const LOST = /^the connection failed: /;
const NO_WORD = /^the connection failed: its name could not be looked up, or no TLS could be agreed on$/;
const LATE = /^no answer within 500 ms$/;
const UNHEARD = { requests: [], keys: 0 };

const unreachable: Row[] = [
	["nobody listens there", { at: NOBODY }, givenUp("exhausted", LOST, UNHEARD)],
	["its name cannot be looked up", { at: "https://nobody.invalid" }, givenUp("exhausted", NO_WORD, UNHEARD)],
	["it speaks no TLS", { at: systemAt("/x").replace("http:", "https:") }, givenUp("exhausted", NO_WORD, UNHEARD)],
	["its certificate is of somebody else", { at: IMPOSTOR }, givenUp("exhausted", NO_WORD, UNHEARD)],
];

const broken: Row[] = [
	[
		"it breaks the connection without an answer",
		{ answers: [{ status: 200, ill: "reset" }] },
		givenUp("exhausted", LOST),
	],
	[
		"it breaks the connection in the middle of the body",
		{ answers: [{ status: 200, ill: "cut" }] },
		givenUp("exhausted", LOST),
	],
	["its headers never come", { answers: ["hang"], step: HASTY }, givenUp("timeout", LATE)],
	["its headers come too late", { answers: [{ status: 200, after: 1_500 }], step: HASTY }, givenUp("timeout", LATE)],
	["its body drips", { answers: [{ status: 200, body: BIG, ill: "drip" }], step: HASTY }, givenUp("timeout", LATE)],
];

const oversized: Row[] = [
	[
		"it answers two megabytes, and says so",
		{ answers: [{ ...ACTS, body: TWO_MEGABYTES, headers: { "content-length": "2000000" } }] },
		well({ attempts: 1, told: [200], requests: ["POST"] }),
	],
	[
		"it answers two megabytes in chunks",
		{ answers: [{ ...ACTS, body: BIG, ill: "flood" }] },
		well({ attempts: 1, told: [200], requests: ["POST"] }),
	],
	[
		"it answers what unpacks to twenty megabytes",
		{ answers: [{ ...ACTS, body: BIG, ill: "bomb" }] },
		well({ attempts: 1, told: [200], requests: ["POST"] }),
	],
	[
		"it fails in two megabytes",
		{ answers: [{ status: 500, body: BIG, ill: "flood" }, ACTS] },
		well({ attempts: 2, outcomes: ["transient", "succeeded"], told: [500, 200] }),
	],
	[
		"Slack posts and answers what is no JSON, without end",
		{ connector: "slack", answers: [{ ...ACTS, body: BIG, ill: "flood" }, "slack_history"] },
		atSecond({ requests: [POST, LOOK], told: [200, 200] }),
	],
];

/** How an answer is lost: the step's time-out, and what the first attempt comes to where a repetition is harmless. */
const mute: [how: string, first: Answer, step: JsonObject, outcome: string][] = [
	["answers 500", { status: 500, acts: true }, {}, "transient"],
	["breaks the connection", { ...ACTS, ill: "reset" }, {}, "unknown"],
	["breaks the connection in the middle of the body", { ...ACTS, ill: "cut" }, {}, "unknown"],
	["is too slow to say so", { ...ACTS, after: 1_500 }, HASTY, "unknown"],
];
const muteInSlack: typeof mute = [
	...mute,
	["answers internal_error", { ...ACTS, body: { ok: false, error: "internal_error" } }, {}, "unknown"],
	["answers what is no JSON", { ...ACTS, body: "<html>" }, {}, "unknown"],
];

const afterActing: Row[] = [
	...mute.map(
		([how, first, step, outcome]): Row => [
			`it acts and ${how}: the key of the second request is that of the first`,
			{ answers: [first, ACTS], step },
			well({ attempts: 2, outcomes: [outcome, "succeeded"], requests: ["POST", "POST"] }),
		],
	),
	...muteInSlack.map(
		([how, first, step]): Row => [
			`Slack posts and ${how}: the message is found, and not posted again`,
			{ connector: "slack", answers: [first, "slack_history"], step },
			atSecond({ requests: [POST, LOOK], pauses: [[ARRIVAL_MS, ARRIVAL_MS]] }),
		],
	),
	[
		"Slack does not post and answers 500: the message is looked for, and posted",
		{ connector: "slack", answers: [{ status: 500 }, "slack_history", POSTS] },
		atSecond({ requests: [POST, LOOK, POST], told: [500, 200] }),
	],
	[
		"Slack posts, answers 500, and then cannot be asked",
		{ connector: "slack", answers: [{ status: 500, acts: true }, { status: 500 }] },
		givenUp("unknown_outcome", /^whether an earlier attempt took effect cannot be seen: Slack answered 500$/, {
			...{
				requests: [POST, LOOK, LOOK],
				acted: 1,
				told: thrice(500),
				pauses: [
					[ARRIVAL_MS, ARRIVAL_MS],
					[ARRIVAL_MS, ARRIVAL_MS],
				],
			},
		}),
	],
	[
		"Slack posts and answers 500, and the author wants nothing twice",
		{ connector: "slack", answers: [{ status: 500, acts: true }], step: { on_unknown: "stop" } },
		refused("unknown_outcome", "Slack answered 500", { outcomes: ["unknown"], requests: [POST], acted: 1 }),
	],
	[
		"Slack breaks the connection, and the author wants nothing twice",
		{ connector: "slack", answers: [{ status: 200, ill: "reset" }], step: { on_unknown: "stop" } },
		{
			...refused("unknown_outcome", ""),
			letter: letter("unknown_outcome", LOST),
			outcomes: ["unknown"],
			requests: [POST],
		},
	],
];

describe.each<[string, Row[]]>([
	["a target that cannot be reached", unreachable],
	["a target that does not answer in full", broken],
	["a target that answers too much", oversized],
	["a target that fails after it has acted", afterActing],
])("%s", (_, rows) => {
	test.each(rows)("%s", (_, fault, ends) => endsAs(fault, ends));
});
