// Which events a workflow, or a branch of a join, listens to.

import { z } from "zod";
import { ACTOR_KINDS } from "./event";
import { Expression } from "./expression";
import { Name } from "./name";

export const Trigger = z.strictObject({
	source: Name.describe("The source that the event comes from."),
	event: z.string().min(1).max(200).describe("The event type; * stands for any characters, like issue.*"),
	if: Expression.optional().describe("Only events for which this holds."),
	actors: z.array(z.enum(ACTOR_KINDS)).min(1).optional().describe("Only events that were caused by one of these."),
});
export type Trigger = z.infer<typeof Trigger>;

export const TRIGGERS_MAX = 20;

/** One trigger can be written without the list. */
export const Triggers = z
	.union([Trigger, z.array(Trigger).min(1).max(TRIGGERS_MAX)])
	.transform((on) => (Array.isArray(on) ? on : [on]));
