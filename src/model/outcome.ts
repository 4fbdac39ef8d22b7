// How one attempt of a step ended, and what kinds of final failure there are.

import { z } from "zod";
import { JsonObject } from "./json";

/** Ways to fail. The first six are permanent at once; `rejected`: people, or a veto; the rest come of trying, of the platform, of the door. */
export const FAILURE_CLASSES = [
	"invalid",
	"auth",
	"permission",
	"not_found",
	"policy",
	"expression",
	"rejected",
	"exhausted",
	"timeout",
	"unknown_outcome",
	"consumer_crash",
	"unreadable",
] as const;
export const FailureClass = z.enum(FAILURE_CLASSES);
export type FailureClass = z.infer<typeof FailureClass>;

export const PERMANENT_CLASSES = ["invalid", "auth", "permission", "not_found", "policy", "expression"] as const;

const Said = z.strictObject({
	request: z
		.strictObject({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()), body: z.string() })
		.optional(),
	response: z.strictObject({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() }).optional(),
	error: z.string().optional(),
});

/**
 * What was sent and what came back, with secrets redacted and bodies cut to a few kilobytes. `probe`: what was asked
 * before, to find out whether an earlier attempt took effect.
 */
export const Exchange = Said.extend({ probe: Said.optional() });
export type Exchange = z.infer<typeof Exchange>;

export const Outcome = z.discriminatedUnion("kind", [
	/** `undo`: what the action that undoes this one is to be given. */
	z.strictObject({ kind: z.literal("succeeded"), output: z.json(), undo: JsonObject.optional() }),
	/** `after_ms`: the target asks for a pause; `scope`: of this part of it only, such as one channel. */
	z.strictObject({
		kind: z.literal("transient"),
		reason: z.string(),
		after_ms: z.int().min(0).optional(),
		scope: z.string().min(1).max(300).optional(),
	}),
	z.strictObject({
		kind: z.literal("permanent"),
		class: z.enum([...PERMANENT_CLASSES, "unknown_outcome"]),
		reason: z.string(),
	}),
	z.strictObject({ kind: z.literal("unknown"), reason: z.string(), timed_out: z.boolean() }),
]);
export type Outcome = z.infer<typeof Outcome>;
