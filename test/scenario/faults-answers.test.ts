// Faults that a target states itself: refusals in the body of a success, requests to wait, redirects. How the run ends,
// what an operator sees, and how often the target was asked; beside each, a neighbour that ends well at once.

import { describe, test } from "vitest";
import { holdClock } from "../worker/support/clock";
import {
	ACTS,
	DAY,
	type Expected,
	endsAs,
	givenUp,
	POST,
	POSTS,
	type Row,
	refused,
	SECOND,
	thrice,
	well,
} from "./support/fault-rows";
import type { Fault } from "./support/faults";
import { systemAt } from "./support/outside";
import type { Scripted } from "./support/outside-setup";
import type { Tenant } from "./support/tenant";

holdClock();

const refusedInBody: Row[] = [
	["channel_not_found", "not_found"],
	["invalid_auth", "auth"],
	["token_revoked", "auth"],
	["not_in_channel", "permission"],
	["invalid_blocks", "invalid"],
	["something_new", "invalid"],
].map(([error = "", failure = ""]) => [
	`Slack answers 200 and ${error}`,
	{ connector: "slack", answers: [{ status: 200, body: { ok: false, error } }] },
	refused(failure, `Slack answered ${error}`, { requests: [POST], told: [200] }),
]);

/** Once asked to come back later, and then well. */
function later(first: (acme: Tenant) => Scripted, pause: [number, number], more: Expected = {}): [Fault, Expected] {
	return [
		{ answers: (acme) => [first(acme), ACTS] },
		well({ attempts: 2, outcomes: ["transient", "succeeded"], requests: ["POST", "POST"], pauses: [pause], ...more }),
	];
}

function busy(after: string, status = 429): () => Scripted {
	return () => ({ status, headers: { "retry-after": after } });
}

const HALF_HOUR = 1_800 * SECOND;
const inHalfAnHour = () => busy(new Date(Date.now() + HALF_HOUR).toUTCString())();

const asked: Row[] = [
	["429, in 120 seconds", ...later(busy("120"), [120 * SECOND, 132 * SECOND])],
	["429, at a date", ...later(inHalfAnHour, [HALF_HOUR - SECOND, 1.1 * HALF_HOUR])],
	["429, at a date that has passed", ...later(busy("Thu, 01 Jan 2026 00:00:00 GMT"), [0, SECOND])],
	["429, at a time that makes no sense", ...later(busy("soon"), [0, SECOND])],
	["429, before now", ...later(busy("-120"), [0, SECOND])],
	["429, without a time", ...later(() => ({ status: 429 }), [0, SECOND])],
	["429, in three days, which is longer than a queue can hold", ...later(busy("259200"), [3 * DAY, 3.3 * DAY])],
	["429, in three thousand years", ...later(busy("99999999999"), [7 * DAY, 7.7 * DAY])],
	["503, in 120 seconds", ...later(busy("120", 503), [120 * SECOND, 132 * SECOND])],
	[
		"429, whenever it is asked",
		{ answers: [{ status: 429, headers: { "retry-after": "60" } }] },
		{
			...givenUp("exhausted", /^the target answered 429$/, { outcomes: thrice("transient"), told: thrice(429) }),
			pauses: [
				[60 * SECOND, 66 * SECOND],
				[60 * SECOND, 66 * SECOND],
			],
		},
	],
	...[429, 200].map(
		(status): Row => [
			`Slack answers ${status} and ratelimited, in 30 seconds`,
			{
				connector: "slack",
				answers: [{ status, headers: { "retry-after": "30" }, body: { ok: false, error: "ratelimited" } }, POSTS],
			},
			well({
				...{ attempts: 2, outcomes: ["transient", "succeeded"], requests: [POST, POST] },
				pauses: [[30 * SECOND, 33 * SECOND]],
			}),
		],
	),
];

const places: [string, (acme: Tenant) => string][] = [
	["a private address", () => "http://169.254.169.254/latest/meta-data/"],
	["a loopback address", () => "http://[::1]/"],
	["another system", (acme) => systemAt(acme.place("elsewhere"))],
	["itself", (acme) => systemAt(acme.place("out"))],
];

const redirects: Row[] = [301, 302, 303, 307, 308].flatMap((status) =>
	places.map(
		([where, location]): Row => [
			`${status} to ${where}`,
			{ answers: (acme) => [{ status, headers: { location: location(acme) } }] },
			refused("policy", `the target answered ${status}, and redirects are not followed`, {
				...{ requests: ["POST"], told: [status] },
			}),
		],
	),
);

describe.each<[string, Row[]]>([
	["a target that refuses in the body of a success", refusedInBody],
	["a target that asks to wait", asked],
	["a target that redirects", redirects],
])("%s", (_, rows) => {
	test.each(rows)("%s", (_, fault, ends) => endsAs(fault, ends));
});
