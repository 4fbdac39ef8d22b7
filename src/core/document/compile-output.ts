// What later steps can read of a step: the fields that its action declares, or names that the document gives to parts of
// the answer.

import type { Step } from "../../model/workflow";
import type { Path } from "../expression/path";
import { nearest } from "../expression/suggest";
import { FORBIDDEN_KEYS } from "../expression/to-json";
import { APPROVE_OUTPUT } from "../run/approval";
import type { BuiltIn } from "./built-in";
import type { CheckedStep, StepCheck } from "./checked-step";
import type { CatalogueAction } from "./compile";
import { type Report, shown } from "./schema-issues";

/** Undefined where it is not known. */
export function fieldsOf(
	{ output }: Record<string, unknown>,
	action: CatalogueAction | undefined,
	builtIn: BuiltIn | undefined,
): string[] | undefined {
	switch (builtIn) {
		case "approve":
			return Object.keys(APPROVE_OUTPUT);
		case "wait":
			return [];
		case undefined:
			break;
	}
	if (output === undefined) return action === undefined ? undefined : Object.keys(action.output);
	return typeof output === "object" && output !== null && !Array.isArray(output) ? Object.keys(output) : undefined;
}

/** Undefined if it names nothing. Of names without a text, the schema tells. */
export function compileOutput(
	{ raw, path, report }: StepCheck,
	action: CatalogueAction | undefined,
): CheckedStep["output"] {
	const { output } = raw;
	if (typeof output !== "object" || output === null || Array.isArray(output)) return undefined;
	return Object.entries(output).flatMap(([name, written]) => {
		if (typeof written !== "string" || written === "") return [];
		return [[name, readOutputPath(written, action, [...path, "output", name], report)] as const];
	});
}

/** `body.items.0.id`, taken apart. It starts at a field that the action declares. */
function readOutputPath(written: string, action: CatalogueAction | undefined, place: Path, report: Report): string[] {
	const path = written.split(".");
	const [first = ""] = path;
	if (path.some((name) => name === "" || FORBIDDEN_KEYS.has(name))) {
		report(place, "must be names with single dots between them, like body.id");
	} else if (action !== undefined && !Object.hasOwn(action.output, first)) {
		const fields = Object.keys(action.output);
		report(place, `the action answers no ${shown(first)}; ${remedy(first, fields, "it answers")}`);
	}
	return path;
}

export function checkFallback(
	{ fallback, use }: Partial<Step>,
	{ action, fields }: { action: CatalogueAction | undefined; fields: readonly string[] | undefined },
	{ path, report }: StepCheck,
): void {
	if (fallback === undefined || action === undefined) return;
	const base = [...path, "fallback"];
	if (action.reads !== true) report(base, `stands in for what could not be read, and ${use} does not read`);
	else if (fields !== undefined)
		for (const name of Object.keys(fallback).filter((key) => !fields.includes(key)))
			report([...base, name], `is not of the step's output; ${remedy(name, fields, "that has")}`);
}

function remedy(name: string, fields: readonly string[], has: string): string {
	const near = nearest(name, fields);
	if (near !== undefined) return `did you mean ${near}?`;
	return `${has} ${fields.length === 0 ? "nothing" : fields.join(", ")}`;
}
