// The workflow document: which business event, when to act, what to do. Its input JSON Schema is published for editors.

import { z } from "zod";
import { durationBetween } from "./duration";
import { Expression } from "./expression";
import { Json } from "./json";
import { Name, StepId } from "./name";
import { Timing } from "./timing";
import { Triggers } from "./trigger";

export const PRIORITIES = ["normal", "urgent"] as const;

export const RetryOverrides = z.strictObject({
	attempts: z.int().min(1).max(20).optional().describe("How often to try in all."),
	base: durationBetween("100ms", "1h")
		.optional()
		.describe("The longest first pause; it grows fourfold with every attempt."),
	cap: durationBetween("100ms", "24h").optional().describe("The longest pause of all."),
});
export type RetryOverrides = z.infer<typeof RetryOverrides>;

/** Which steps must have ended well before this one starts: all of these, or enough of them. */
export const Needs = z.union([
	z.array(StepId).min(1).max(50),
	z.strictObject({ any: z.array(StepId).min(1).max(50) }),
	z.strictObject({ at_least: z.int().min(1).max(50), of: z.array(StepId).min(1).max(50) }),
]);
export type Needs = z.infer<typeof Needs>;

const Use = z
	.string()
	.regex(
		/^([a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*|approve|wait)$/,
		"write an action as connector.action, like slack.post_message, or approve or wait",
	);

/** How one action is carried out. */
const acting = {
	use: Use,
	connection: Name.optional().describe("The connection that an action of a connector uses."),
	with: z.record(z.string(), Json).default({}),
	timeout: durationBetween("100ms", "2m").optional().describe("How long one attempt may take."),
	retry: RetryOverrides.optional(),
	on_unknown: z
		.enum(["retry", "stop"])
		.default("retry")
		.describe("What to do when nobody knows whether an attempt took effect and the action cannot be repeated safely."),
};

export const Undo = z.strictObject(acting);
export type Undo = z.infer<typeof Undo>;

export const Step = z.strictObject({
	id: StepId,
	...acting,
	needs: Needs.optional().describe("Steps that this one waits for; those that it reads are waited for anyway."),
	if: Expression.optional().describe("Skip the step unless this holds."),
	for_each: Expression.optional().describe("Carry the step out for each element of this list, as item."),
	concurrency: z.int().min(1).max(100).optional().describe("How many elements of for_each at a time."),
	continue_on_error: z.boolean().optional().describe("If the step fails, go on as if it had not."),
	output: z
		.record(StepId, z.string().min(1).max(200))
		.optional()
		.describe("What later steps can read: names, each with a path into what the action answered, like body.id."),
	fallback: z
		.record(z.string(), Json)
		.optional()
		.describe("Of a reading step: its output if the reading fails, like the values that the event told."),
	undo: z
		.union([z.literal("none"), Undo])
		.optional()
		.describe("How to undo it, or none, where the action's own way will not do."),
});
export type Step = z.infer<typeof Step>;

export const OnFailure = z.strictObject({
	compensate: z.boolean().default(false).describe("Undo the steps that succeeded, newest first."),
	steps: z
		.array(Step.extend({ id: StepId.optional() }).omit({ undo: true, for_each: true, concurrency: true }))
		.max(10)
		.default([])
		.describe("Carried out once when the run could not be completed."),
});
export type OnFailure = z.infer<typeof OnFailure>;

/** What `use: approve` takes in its `with`. Texts may hold expressions. */
export const ApproveInput = z.strictObject({
	of: z.array(z.string().min(1).max(63)).min(1).max(50).describe("Who may vote: names of approvers or of their teams."),
	need: z.int().min(1).max(50).default(1).describe("How many of them must approve; one rejection rejects."),
	within: durationBetween("1s", "90d").describe("How long they have."),
	on_timeout: z.enum(["fail", "proceed"]).default("fail").describe("What happens when they did not vote in time."),
	self_approval: z.boolean().default(false).describe("Whether the person who caused the event may vote."),
	ask: z.string().min(1).max(2_000).optional().describe("What they are asked; shown where they vote."),
});
export type ApproveInput = z.infer<typeof ApproveInput>;

/** What `use: wait` takes in its `with`: for how long, or until when. */
export const WaitInput = z.union([
	z.strictObject({ for: durationBetween("1s", "90d") }),
	z.strictObject({ until: z.iso.datetime({ offset: true }) }),
]);
export type WaitInput = z.infer<typeof WaitInput>;

/** Enough for every element of a list to outlive an outage, and an end for a run that only fails. */
export const RETRY_BUDGET = 1_000;

export const WorkflowDocument = z.strictObject({
	name: Name,
	owner: z.string().min(1).max(100).describe("The team that answers for it."),
	about: z.string().max(1_000).optional(),
	on: Triggers.optional().describe("The events that it is about; a join names them per branch instead."),
	key: Expression.default("event.entity_id").describe("What windows and order are grouped by."),
	timing: Timing.default({ immediate: {} }),
	priority: z.enum(PRIORITIES).default("normal"),
	retry_budget: z
		.int()
		.min(0)
		.max(10_000)
		.default(RETRY_BUDGET)
		.describe("How many retries the steps of one run may use up in all."),
	steps: z.array(Step).min(1).max(50),
	on_failure: OnFailure.optional().describe("What to do when a step has failed for good and the others have ended."),
});
export type WorkflowDocument = z.infer<typeof WorkflowDocument>;
