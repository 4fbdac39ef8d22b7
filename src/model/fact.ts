// Facts: the entries of the journal. Decisions return them; nobody writes one by hand. A fact's id is derived
// from what it tells, so that telling it twice is the same fact, and it is unique within its trace.

import { z } from "zod";
import { JsonObject } from "./json";

export const FACT_KINDS = [
	"event.received",
	"event.duplicate",
	"event.handed_on",
	"delivery.unreadable",
	"join.waiting",
	"run.started",
	"run.resumed",
	"run.cancelled",
	"run.compensating",
	"step.waiting",
	"step.ended",
	"approval.voted",
	"attempt.finished",
	"run.finished",
	"dead_letter.opened",
	"dead_letter.patched",
	"dead_letter.retried",
	"dead_letter.discarded",
	"dead_letter.resolved",
	"workflow.paused",
	"workflow.resumed",
	"connection.resumed",
	"letter_group.acknowledged",
	"letter_group.resolved",
	"letter_group.ignored",
	"letter_group.reopened",
	"replay.started",
	"replay.finished",
	"replay.aborted",
	"alert.raised",
	"alert.cleared",
] as const;

export const CLASSIFICATIONS = ["public", "internal", "personal", "secret"] as const;

export const Fact = z.strictObject({
	id: z.string().min(1).max(300),
	at: z.int(),
	tenant: z.string(),
	kind: z.enum(FACT_KINDS),
	trace_id: z.string(),
	entity_key: z.string().optional(),
	event: z.string().optional(),
	workflow: z.string().optional(),
	version: z.int().optional(),
	run: z.string().optional(),
	step: z.string().optional(),
	actor: z.string().optional(),
	classification: z.enum(CLASSIFICATIONS),
	data: JsonObject,
});
export type Fact = z.infer<typeof Fact>;
