// Errors of the admin API, as RFC 9457 problem bodies. Each says what was wrong and what to do about it; none carries
// a stack, a query or a secret.

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { WriteRefusal } from "../registry/row";

const KINDS = {
	400: { slug: "malformed", title: "The request cannot be read" },
	401: { slug: "unauthorized", title: "A valid API token is needed" },
	403: { slug: "forbidden", title: "The token does not allow this" },
	404: { slug: "not-found", title: "There is no such thing" },
	405: { slug: "method-not-allowed", title: "The method is not allowed here" },
	409: { slug: "conflict", title: "The state of things does not allow this" },
	410: { slug: "gone", title: "What this is about is no longer kept" },
	412: { slug: "precondition-failed", title: "It has changed since it was read" },
	413: { slug: "too-large", title: "The body is too large" },
	415: { slug: "unsupported-media-type", title: "The body is of a type that is not accepted" },
	422: { slug: "invalid", title: "The content is not valid" },
	500: { slug: "internal", title: "Something went wrong on our side" },
	503: { slug: "unavailable", title: "The service cannot answer at the moment" },
} as const;

export type ProblemStatus = keyof typeof KINDS;

export const ProblemDetail = z
	.object({
		path: z.string().describe("Where in the request, like steps[0].connection or query.limit."),
		message: z.string(),
	})
	.openapi("ProblemDetail");
export type ProblemDetail = z.infer<typeof ProblemDetail>;

export const Problem = z
	.object({
		type: z.string().describe("Names the kind of problem; stable."),
		title: z.string(),
		status: z.int(),
		detail: z.string(),
		instance: z.string().describe("The path of the request."),
		trace_id: z.string().optional().describe("Finds the request in the logs."),
		errors: z.array(ProblemDetail).optional(),
	})
	.openapi("Problem");
export type Problem = z.infer<typeof Problem>;

export interface ProblemExtras {
	errors?: ProblemDetail[];
	trace_id?: string;
	headers?: Record<string, string>;
}

/** The answer for a problem. `detail` is for people: what happened, and what would help. */
export function problem<S extends ProblemStatus>(c: Context, status: S, detail: string, extras: ProblemExtras = {}) {
	const { headers, ...members } = extras;
	const { slug, title } = KINDS[status];
	const body: Problem = {
		type: `urn:signalbox:problem:${slug}`,
		title,
		status,
		detail,
		instance: c.req.path,
		...members,
	};
	return c.json(body, status, { ...headers, "content-type": "application/problem+json" });
}

/** How a problem with these statuses stands in a route's responses. */
export function problems<S extends ProblemStatus>(...statuses: S[]) {
	const response = (status: S) => ({
		description: KINDS[status].title,
		content: { "application/problem+json": { schema: Problem } },
	});
	return Object.fromEntries(statuses.map((status) => [status, response(status)])) as {
		[K in S]: ReturnType<typeof response>;
	};
}

export function badCursor(c: Context) {
	const errors = [{ path: "query.cursor", message: "is not a cursor of this list" }];
	return problem(c, 400, "The cursor is not one that this list gave; start again without it.", { errors });
}

/** For what cannot be deleted as long as these workflows need it. */
export function inUse(c: Context, what: string, workflows: string[]) {
	const detail = `${what} is in use by current workflows: ${workflows.join(", ")}. Change or retire them first.`;
	return problem(c, 409, detail, {
		errors: workflows.map((name) => ({ path: `workflows.${name}`, message: "is current" })),
	});
}

export function notFound(c: Context, what: string) {
	return problem(c, 404, `There is no ${what}.`);
}

export function invalid(c: Context, errors: ProblemDetail[]) {
	return problem(c, 422, "The content is well-formed and not valid; each error says where and why.", { errors });
}

/** For a PUT that the registry refused. `needs`: what a new thing of this kind cannot do without. */
export function notWritten(
	c: Context,
	refusal: WriteRefusal,
	{ what, over, needs }: { what: string; over?: string; needs: string },
) {
	switch (refusal.reason) {
		case "revision":
			return changed(c, what);
		case "missing": {
			if (over !== undefined) return changed(c, what);
			const errors = [{ path: needs, message: "is required for a new one" }];
			return problem(c, 422, `There is no ${what} yet; to create it, send ${needs} too.`, { errors });
		}
		case "other_connector": {
			const errors = [{ path: "connector", message: `is ${refusal.connector} and cannot be changed` }];
			const detail = `The ${what} is of ${refusal.connector}. Create another one, or delete this one first.`;
			return problem(c, 409, detail, { errors });
		}
	}
}

export function changed(c: Context, what: string) {
	return problem(c, 412, `The ${what} is not as it was when you read it. Read it again, then repeat your change.`);
}
