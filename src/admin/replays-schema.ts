// What is asked of bulks, and what they look like.

import { z } from "@hono/zod-openapi";
import { DeadLetter } from "../model/letter";
import { Replay } from "../model/replay";
import { BulkName, Expect, Select } from "./replays-select";
import { AnyObject, Time } from "./schema";

/** A preview asks the Entity of each letter. */
export const MOST_PREVIEWED = 500;

export const ReplayView = z
	.object(Replay.shape)
	.extend({
		...{ started_at: Time, ended_at: Time.nullable() },
		failures: z.array(z.object(Replay.shape.failures.element.shape)),
	})
	.openapi("Replay");

const Rendered = z
	.object({
		input: AnyObject.optional().describe("What would be sent, as the action's schema reads it."),
		events: z
			.array(z.object({ id: z.string(), event_type: z.string(), entity_id: z.string() }))
			.optional()
			.describe("Of a delivery that could not be read: what would be found in it, the first twenty."),
		class: z.string().optional(),
		reason: z.string().optional().describe("Why nothing would be sent or found."),
	})
	.openapi("RenderedInput");

const PreviewItem = z
	.object({
		letter: z.string(),
		...{ run: DeadLetter.shape.run, workflow: DeadLetter.shape.workflow, version: DeadLetter.shape.version },
		step: DeadLetter.shape.step,
		passes: z.boolean().describe("It would leave. What its target answers, nobody knows."),
		before: Rendered.nullable().describe("As things are now."),
		after: Rendered,
	})
	.openapi("ReplayPreviewItem");

export const Preview = z
	.object({
		count: z.int().describe("How many letters the selection holds; what a start has to expect."),
		passing: z.int().describe("How many of this page would pass."),
		items: z.array(PreviewItem),
		cursor: z.string().nullable().describe("Where the next page starts; null at the end."),
	})
	.openapi("ReplayPreview");

export const Input = z
	.strictObject({
		select: Select,
		patch: z
			.strictObject({ with: AnyObject.describe("In the place of the step's input; may hold ${{ }} expressions.") })
			.optional(),
		version: z
			.union([z.int().min(1), z.literal("current")])
			.optional()
			.describe("The version that the runs go on with, each as a whole; their own if it is left out."),
		preview: z.boolean().default(true).describe("False to start."),
		limit: z.int().min(1).max(MOST_PREVIEWED).default(100).describe("Of a preview: how many letters of it."),
		cursor: z.string().max(1_000).optional().describe("Of a preview: the cursor of the page before."),
		expect: Expect.optional(),
		passing: z.boolean().default(false).describe(`Only those that would pass, of at most ${MOST_PREVIEWED}.`),
		per_minute: z.int().min(1).max(6_000).default(60).describe("How many letters are retried in a minute."),
		name: BulkName,
	})
	.refine(({ patch, version }) => patch === undefined || version === undefined, {
		message: "give another input or another version, and not both",
		path: ["version"],
	})
	.refine(({ preview, expect }) => preview || expect !== undefined, {
		message: "is needed to start; the preview of the same selection answers it as count",
		path: ["expect"],
	});
export type ReplayInput = z.infer<typeof Input>;

export const Discard = z.strictObject({
	select: Select,
	reason: z.string().trim().min(1).max(500).describe("Why; kept in the journal."),
	expect: Expect,
	name: BulkName,
});
