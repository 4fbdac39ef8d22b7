// The workflow document: which business event, when to act, what to do. Its input JSON Schema is published for editors.

import { z } from "zod";
import { durationBetween } from "./duration";
import { ACTOR_KINDS } from "./event";
import { Expression } from "./expression";
import { Json } from "./json";
import { Name, StepId } from "./name";
import { Timing } from "./timing";

export const PRIORITIES = ["normal", "urgent"] as const;

export const Trigger = z.strictObject({
	source: Name.describe("The source that the event comes from."),
	event: z.string().min(1).max(200).describe("The event type; * stands for any characters, like issue.*"),
	if: Expression.optional().describe("Only events for which this holds."),
	actors: z.array(z.enum(ACTOR_KINDS)).min(1).optional().describe("Only events that were caused by one of these."),
});
export type Trigger = z.infer<typeof Trigger>;

export const RetryOverrides = z.strictObject({
	attempts: z.int().min(1).max(20).optional().describe("How often to try in all."),
	base: durationBetween("100ms", "1h")
		.optional()
		.describe("The longest first pause; it grows fourfold with every attempt."),
	cap: durationBetween("100ms", "24h").optional().describe("The longest pause of all."),
});
export type RetryOverrides = z.infer<typeof RetryOverrides>;

export const Step = z.strictObject({
	id: StepId,
	use: z
		.string()
		.regex(/^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*$/, "write an action as connector.action, like slack.post_message"),
	connection: Name,
	with: z.record(z.string(), Json).default({}),
	timeout: durationBetween("100ms", "2m").optional().describe("How long one attempt may take."),
	retry: RetryOverrides.optional(),
	on_unknown: z
		.enum(["retry", "stop"])
		.default("retry")
		.describe("What to do when nobody knows whether an attempt took effect and the action cannot be repeated safely."),
});
export type Step = z.infer<typeof Step>;

export const WorkflowDocument = z.strictObject({
	name: Name,
	owner: z.string().min(1).max(100).describe("The team that answers for it."),
	about: z.string().max(1_000).optional(),
	on: z.union([Trigger, z.array(Trigger).min(1).max(20)]).transform((on) => (Array.isArray(on) ? on : [on])),
	key: Expression.default("event.entity_id").describe("What windows and order are grouped by."),
	timing: Timing.default({ immediate: {} }),
	priority: z.enum(PRIORITIES).default("normal"),
	steps: z.array(Step).min(1).max(50),
});
export type WorkflowDocument = z.infer<typeof WorkflowDocument>;
