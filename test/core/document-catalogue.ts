// Actions that documents of tests can name: those that only read, those that can be taken back, those that cannot.

import { z } from "zod";
import { type Catalogue, checkDocument } from "../../src/core/document";
import type { CatalogueAction } from "../../src/core/document/compile";

const request = z.strictObject({
	url: z.url(),
	body: z.union([z.strictObject({ text: z.string() }), z.strictObject({ lines: z.array(z.number()) })]).optional(),
});

const actions: Record<string, CatalogueAction> = {
	"slack.post_message": {
		input: z.strictObject({
			channel: z.string().min(1).describe("The channel's id."),
			text: z.string().max(100),
			blocks: z.array(z.strictObject({ type: z.enum(["section", "divider"]), text: z.string().optional() })).optional(),
			urgent: z.boolean().optional(),
		}),
		output: { ts: "The message's id.", channel: "Where it stands." },
		undo: "slack.delete_message",
		repeatable: false,
		timeout_ms: 10_000,
	},
	"slack.delete_message": {
		input: z.strictObject({ channel: z.string(), ts: z.string() }),
		output: {},
		repeatable: true,
		timeout_ms: 10_000,
	},
	"slack.add_reaction": { input: z.strictObject({}), output: {}, repeatable: true, timeout_ms: 5_000 },
	"http.request": {
		input: request,
		output: { status: "Like 200.", body: "As JSON." },
		repeatable: true,
		timeout_ms: 30_000,
	},
	"http.get": {
		input: request.omit({ body: true }),
		output: { status: "Like 200.", body: "As JSON." },
		reads: true,
		repeatable: true,
		timeout_ms: 30_000,
	},
};

export const catalogue: Catalogue = {
	action: (use) => (Object.hasOwn(actions, use) ? actions[use] : undefined),
	actions: () => Object.keys(actions),
};

/** What is wrong with a document, as `path: message`. */
export function problems(input: unknown): string[] {
	const result = checkDocument(input, catalogue);
	return result.ok ? [] : result.error.map(({ path, message }) => `${path}: ${message}`);
}

export function compiled(input: unknown) {
	const result = checkDocument(input, catalogue);
	if (!result.ok) throw new Error(problems(input).join("\n"));
	return result.value;
}

type Fields = Record<string, unknown>;

export const trigger = { source: "crm", event: "deal.*" };

export function post(id: string, change: Fields = {}) {
	return { id, use: "slack.post_message", connection: "slack", with: { channel: "C1", text: "hello" }, ...change };
}

/** A step that reads. */
export function get(id: string, change: Fields = {}) {
	return { id, use: "http.get", connection: "api", with: { url: "https://a.example" }, ...change };
}

/** A step that posts a text. */
export function says(id: string, text: string, change: Fields = {}) {
	return post(id, { with: { channel: "C1", text }, ...change });
}

export function approve(change: Fields = {}, step: Fields = {}) {
	const given = Object.entries({ of: ["ada"], within: "1d", ...change }).filter(([, value]) => value !== undefined);
	return { id: "legal", use: "approve", with: Object.fromEntries(given), ...step };
}

export function ofSteps(...steps: unknown[]) {
	return { name: "deal-desk", owner: "revops", on: trigger, steps };
}
