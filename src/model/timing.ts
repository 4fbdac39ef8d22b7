// When to act: one policy per workflow, as its author writes it. Durations are milliseconds once parsed.

import { z } from "zod";
import { durationBetween } from "./duration";
import { Expression } from "./expression";
import { StepId } from "./name";
import { Triggers } from "./trigger";

export const Debounce = z.strictObject({
	quiet: durationBetween("100ms", "7d").describe("Act once no event has arrived for this long."),
	max_wait: durationBetween("100ms", "30d").describe("Act at the latest this long after the first event."),
	edge: z
		.enum(["trailing", "leading"])
		.default("trailing")
		.describe("Act at the end of the burst, or at its first event."),
	keep: z
		.enum(["latest", "all"])
		.default("latest")
		.describe("What the run can read: the latest event, or all of them and their net difference."),
	skip_unchanged: z
		.boolean()
		.default(false)
		.describe("Read first, and do nothing if what was read is what was last acted on."),
});
export type Debounce = z.infer<typeof Debounce>;

export const Summarize = z.strictObject({
	counts_by: Expression.optional().describe("Counts per value of this expression."),
	latest_by: Expression.optional().describe("The latest kept event per value of this expression."),
	top: z
		.strictObject({ by: Expression, n: z.int().min(1).max(100).default(10) })
		.optional()
		.describe("The most frequent values, most frequent first."),
	sum: z
		.record(z.string().regex(/^[a-z][a-z0-9_]*$/), Expression)
		.optional()
		.describe("Sums by name, each of a numeric expression."),
	critical_if: Expression.optional().describe("Events for which this holds are listed apart."),
	keep: z
		.array(z.string().min(1).max(200))
		.max(50)
		.optional()
		.describe("Paths of the event that survive in the summary, like data.issue.title."),
});
export type Summarize = z.infer<typeof Summarize>;

export const Aggregate = z.strictObject({
	window: durationBetween("1s", "31d").optional().describe("Collect for this long from the first event."),
	every: z.string().min(9).max(120).optional().describe("Or until the next time of this cron expression."),
	tz: z.string().max(64).optional().describe("The IANA time zone of `every`."),
	max_events: z.int().min(1).max(10_000).default(1_000).describe("Act early when this many events are collected."),
	max_bytes: z
		.int()
		.min(1_024)
		.max(524_288)
		.default(262_144)
		.describe("Act early when what is kept of the events reaches this size."),
	flush_if: Expression.optional().describe("Act at once when an event satisfies this."),
	summarize: Summarize.default({}),
	when_empty: z.enum(["skip", "run"]).default("skip").describe("What to do when a cron window ends without an event."),
});
export type Aggregate = z.infer<typeof Aggregate>;

export const ON_SHORT = ["fail", "proceed", "escalate"] as const;

export const Branch = z.strictObject({
	on: Triggers.describe("The events that complete it."),
	key: Expression.optional().describe("Its own key, where its events carry the common one elsewhere."),
	optional: z.boolean().default(false).describe("Taken along if it is there, never waited for."),
});
export type Branch = z.infer<typeof Branch>;

export const Join = z.strictObject({
	branches: z.record(StepId, Branch).describe("What is waited for, by name."),
	need: z
		.union([z.literal("all"), z.int().min(1).max(20), Expression])
		.default("all")
		.describe("All branches, so many of them, or a condition over their names."),
	veto: z.array(StepId).max(20).default([]).describe("Branches that end it at once, without success."),
	by: durationBetween("100ms", "90d").describe("Wait at most this long from the first event."),
	on_short: z
		.enum(ON_SHORT)
		.default("fail")
		.describe("If too few came in time: fail, act on what there is, or let a person decide."),
	late: z
		.enum(["ignore", "reopen"])
		.default("ignore")
		.describe("What comes after the join was complete: nothing, or the first event of a new one."),
});
export type Join = z.infer<typeof Join>;

export const Timing = z.union([
	z.strictObject({ immediate: z.strictObject({}) }),
	z.strictObject({ debounce: Debounce }),
	z.strictObject({ aggregate: Aggregate }),
	z.strictObject({ join: Join }),
]);
export type Timing = z.infer<typeof Timing>;
