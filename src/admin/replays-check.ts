// Whether another input fits a step of a version: the document with it in its place must compile as the document itself
// did, and must not read what the step does not wait for.

import type { CompiledStep } from "../core/document";
import { checkDocument } from "../core/document";
import { pathText } from "../core/expression/path";
import type { Json, JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { catalogue, compileDocument } from "../registry/compile";
import { findVersion } from "../registry/workflows";
import type { ProblemDetail } from "./problem";

/** More of them say no more. */
const MOST_PATHS = 100;

export interface Place {
	workflow: string;
	version: number;
	/** The step of the document. */
	step: string;
}

/** Where the input differs from the document's, or what is wrong with it. */
export async function checkPatch(
	db: D1Database,
	tenant: string,
	{ workflow, version, step: id }: Place,
	tree: JsonObject,
): Promise<Result<string[], ProblemDetail[]>> {
	const row = await findVersion(db, { tenant, name: workflow, version });
	const compiled = row === null ? null : compileDocument(row.hash, row.document);
	if (row === null || compiled?.ok !== true)
		return refuse(`this release cannot run version ${version} of ${workflow}: replay with another version instead`);
	const step = compiled.value.steps.find(({ plan }) => plan.id === id);
	if (step === undefined) return refuse(`version ${version} of ${workflow} has no step ${id}`);
	if (step.plan.connection === null) return refuse(`${id} is no action, and has no input that could be replaced`);
	const patched = withInput(row.document, step.path, tree);
	const checked = checkDocument(patched.document, catalogue);
	if (!checked.ok) return err(checked.error.map(({ path, message }) => within(step.path, path, message)));
	if (readsLinks(step, checked.value.steps))
		return refuse("reads approvals, and links by which people vote are sent by published versions only");
	const problems = newNeeds(step, checked.value.steps).map((need) => ({
		path: "with",
		message: `reads steps.${need}, which ${id} does not wait for; publish a version that does, and replay with it`,
	}));
	return problems.length > 0 ? err(problems) : ok(changedPaths(patched.before, tree));
}

function refuse(message: string): Result<never, ProblemDetail[]> {
	return err([{ path: "with", message }]);
}

/** `at`: like `steps[1]` or `on_failure.steps[0]`. */
function withInput(document: Json, at: string, tree: JsonObject): { document: Json; before: Json } {
	const copy = structuredClone(document);
	const keys = at.split(/[.[\]]+/).filter((key) => key !== "");
	const step = keys.reduce<unknown>((value, key) => Reflect.get(Object(value), key), copy);
	const before = Reflect.get(Object(step), "with") ?? {};
	Reflect.set(Object(step), "with", tree);
	return { document: copy, before };
}

/** A problem's path as the patch's author knows it. */
function within(step: string, path: string, message: string): ProblemDetail {
	return path.startsWith(`${step}.with`) ? { path: path.slice(step.length + 1), message } : { path: "with", message };
}

function readsLinks({ plan }: CompiledStep, steps: readonly CompiledStep[]): boolean {
	const programs = steps.find((step) => step.plan.id === plan.id)?.template.programs ?? [];
	return programs.some(({ program }) => program.uses.has("approvals"));
}

function newNeeds({ plan }: CompiledStep, steps: readonly CompiledStep[]): string[] {
	const needs = steps.find((step) => step.plan.id === plan.id)?.plan.needs?.all ?? [];
	return needs.filter((need) => plan.needs?.all.includes(need) !== true);
}

/** The places whose values differ, each as deep as both sides have the same shape. */
export function changedPaths(before: Json, after: Json): string[] {
	return [...differences(before, after, [])].slice(0, MOST_PATHS);
}

function* differences(before: Json | undefined, after: Json | undefined, path: (string | number)[]): Generator<string> {
	if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
		for (const [i, value] of after.entries()) yield* differences(before[i], value, [...path, i]);
	} else if (isObject(before) && isObject(after)) {
		const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
		for (const key of keys) yield* differences(before[key], after[key], [...path, key]);
	} else if (JSON.stringify(before) !== JSON.stringify(after)) yield pathText(path);
}

function isObject(value: Json | undefined): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
