// Workflow documents with everything that a test does not care about filled in.

import type { JsonObject } from "../../../src/model/json";

/** An expression, where a document holds one. */
export function cel(expression: string): string {
	return `\${{ ${expression} }}`;
}

/** A workflow for any event of the source, with one step, which posts `body` to the system `out`. */
export function workflow(name: string, source: string, body: JsonObject, more: JsonObject = {}): JsonObject {
	return { name, owner: "tests", on: { source, event: "*" }, steps: [step("tell", body)], ...more };
}

export function step(id: string, body: JsonObject, more: JsonObject = {}): JsonObject {
	return { id, use: "http.request", connection: "out", with: { body }, ...more };
}

/** For a target that does not answer in time: its test does not take as long as a step may, and a busy machine may lag. */
export const HASTY = { timeout: "500ms" };

/** A workflow on whatever the shop sends. */
export function onShop(document: JsonObject): JsonObject {
	return { name: "wf", owner: "tests", on: { source: "shop", event: "*" }, ...document };
}
