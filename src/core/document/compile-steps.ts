// All steps of a document: each by itself, then what they are to each other.

import { StepId } from "../../model/name";
import type { NeedsPlan } from "../../model/plan";
import { OnFailure, Step } from "../../model/workflow";
import { pathText } from "../expression/path";
import { isGuarded } from "../run/begin";
import type { CheckedStep, StepCheck } from "./checked-step";
import type { Catalogue, CompiledStep } from "./compile";
import { ancestorsOf, compileGraph } from "./compile-graph";
import { checkStep } from "./compile-step";
import { readable } from "./readable";
import type { Report } from "./schema-issues";

const STEPS_MAX = 50;
const ON_FAILURE_MAX = 10;

/** The shape of a step of `on_failure`. */
const TellingStep = OnFailure.shape.steps.unwrap().element;

export interface Compiling {
	catalogue: Catalogue;
	report: Report;
	joins: boolean;
	/** The names of the join's branches; undefined where they are not known. */
	branches: readonly string[] | undefined;
	skipUnchanged: boolean;
}

export interface CompiledSteps {
	steps: CompiledStep[];
	compensate: boolean;
	compared: string[];
}

/** What is returned counts only if nothing was reported. */
export function compileSteps(steps: unknown, onFailure: unknown, compiling: Compiling): CompiledSteps {
	const { catalogue, report, joins, branches } = compiling;
	const { compensate = false } = readable(OnFailure.omit({ steps: true }).partial(), withoutSteps(onFailure));
	const shared = { catalogue, report, joins };
	const forward = checkAll(steps, STEPS_MAX, {
		...shared,
		path: ["steps"],
		isOnFailure: false,
		compensates: compensate,
	});
	const toTell = Reflect.get(Object(onFailure), "steps");
	const telling = checkAll(toTell, ON_FAILURE_MAX, {
		...shared,
		path: ["on_failure", "steps"],
		isOnFailure: true,
		compensates: false,
	});
	reportTwins([...forward, ...telling], report);
	const isComplete = isReadInFull(steps, forward) && (toTell === undefined || isReadInFull(toTell, telling));
	const around = (those: readonly CheckedStep[]) => ({ steps: readableSteps(those), isComplete, branches });
	const needs = compileGraph({ among: forward, there: around(forward) }, report);
	const tellingNeeds = compileGraph({ among: telling, there: around([...forward, ...telling]) }, report);
	const compared = compiling.skipUnchanged ? compareFirst(forward, needs, report) : [];
	const all = [...forward, ...telling].flatMap((step) => {
		const own = tellingNeeds.get(step.id) ?? needs.get(step.id);
		return step.template === undefined ? [] : [compiledStep(step, step.template, own)];
	});
	return { steps: all, compensate, compared };
}

function withoutSteps(onFailure: unknown): unknown {
	const { steps: _, ...rest } = Object(onFailure);
	return rest;
}

function checkAll(steps: unknown, most: number, check: Omit<StepCheck, "raw">): CheckedStep[] {
	if (!Array.isArray(steps)) return [];
	return steps.slice(0, most).map((step: unknown, i) => {
		const raw: Record<string, unknown> = isObject(step) ? { ...step } : {};
		const given = raw.id ?? (check.isOnFailure && isObject(step) ? `on_failure_${i + 1}` : "");
		const id = typeof given === "string" ? given : "";
		const written: Partial<Step> = check.isOnFailure ? readable(TellingStep, step) : readable(Step, step);
		return checkStep(written, id, { ...check, raw, path: [...check.path, i] });
	});
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether the id of every step is known. */
function isReadInFull(steps: unknown, checked: readonly CheckedStep[]): boolean {
	return (
		Array.isArray(steps) && steps.length === checked.length && checked.every(({ id }) => StepId.safeParse(id).success)
	);
}

/** Of steps that share an id, only that is known. */
function readableSteps(
	steps: readonly CheckedStep[],
): ReadonlyMap<string, Pick<CheckedStep, "fields" | "isList" | "use">> {
	const known = new Map<string, Pick<CheckedStep, "fields" | "isList" | "use">>();
	for (const { id, fields, isList, use } of steps)
		if (id !== "")
			known.set(id, known.has(id) ? { fields: undefined, isList: false, use: undefined } : { fields, isList, use });
	return known;
}

function reportTwins(steps: readonly CheckedStep[], report: Report): void {
	steps.forEach(({ id, path }, i) => {
		if (id === "undo") report([...path, "id"], "is what the undoing of a step is called; choose another id");
		const first = steps.findIndex((step) => step.id === id);
		const twin = steps[first];
		if (id !== "" && first < i && twin !== undefined)
			report([...path, "id"], `is the id of ${pathText(twin.path)} too; every step needs its own`);
	});
}

/**
 * Reading steps that nothing was changed before. Every step that changes something waits for them, so that it is known
 * whether there is anything new when the first of them begins.
 */
function compareFirst(steps: readonly CheckedStep[], needs: Map<string, NeedsPlan>, report: Report): string[] {
	const guarded = new Set(steps.filter(({ plan }) => isGuarded(plan)).map(({ id }) => id));
	const compared = steps
		.filter(({ id, plan }) => plan.reads === true && [...ancestorsOf(id, needs)].every((above) => !guarded.has(above)))
		.map(({ id }) => id);
	const isKnown = steps.every(({ use }) => use !== undefined);
	if (compared.length === 0 && isKnown && steps.length > 0)
		report(
			["timing", "debounce", "skip_unchanged"],
			"compares what reading steps have read before anything is changed, and there is none, like http.get",
		);
	for (const id of guarded) {
		const own = needs.get(id) ?? { all: [] };
		const above = ancestorsOf(id, needs);
		needs.set(id, { ...own, all: [...own.all, ...compared.filter((read) => !above.has(read))] });
	}
	return compared;
}

function compiledStep(
	step: CheckedStep,
	template: CompiledStep["template"],
	needs: NeedsPlan | undefined,
): CompiledStep {
	const { path, plan, output, undo } = step;
	const hasNeeds = needs !== undefined && (needs.all.length > 0 || needs.some !== undefined);
	return {
		path: pathText(path),
		use: plan.use,
		template,
		...(output === undefined ? {} : { output }),
		...(undo === undefined ? {} : { undo }),
		plan: hasNeeds ? { ...plan, needs } : plan,
	};
}
