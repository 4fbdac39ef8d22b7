// Which workflows want an event, and if not, why not. Said at the edge, once per event and workflow: the plan carries
// everything that the Entity needs to decide.

import type { CanonicalEvent } from "../model/event";
import type { NonMatch, Plan, Work } from "../model/plan";
import { err, ok, type Result } from "../model/result";
import { RETRY_BUDGET } from "../model/workflow";
import { groupKey, homeKey } from "./accept";
import type { CompiledTrigger, CompiledWorkflow } from "./document/compile";
import { evaluate, evaluateCondition, type Program } from "./expression/program";
import { extractOf } from "./extract";
import { matchesGlob } from "./glob";

export type Answer = { kind: "plan"; plan: Plan } | { kind: "none"; because: NonMatch } | { kind: "other_source" };

/** Longer ones would make names of Entities that nobody can read. */
const KEY_MAX = 256;

/** One trigger that matches is enough; otherwise the trigger that came closest says why. */
export function planFor(workflow: CompiledWorkflow, version: number, event: CanonicalEvent): Answer {
	let closest: Miss | undefined;
	for (const trigger of workflow.triggers) {
		if (trigger.source !== event.source) continue;
		const miss = missOf(trigger, event);
		if (miss === undefined) return { kind: "plan", plan: plan(workflow, version, trigger, event) };
		if (closest === undefined || DISTANCE[miss.reason] < DISTANCE[closest.reason]) closest = miss;
	}
	if (closest === undefined) return { kind: "other_source" };
	return { kind: "none", because: { workflow: workflow.document.name, ...closest } };
}

type Miss = Omit<NonMatch, "workflow">;

const DISTANCE: Record<NonMatch["reason"], number> = { condition: 0, expression: 0, actor: 1, event_type: 2 };

function missOf({ path, event: glob, actors, condition }: CompiledTrigger, event: CanonicalEvent): Miss | undefined {
	if (!matchesGlob(glob, event.event_type))
		return { reason: "event_type", detail: `${path} wants ${glob.join("*")}, and the event is ${event.event_type}` };
	if (actors !== undefined && !actors.includes(event.actor.kind))
		return { reason: "actor", detail: `${path} wants ${actors.join(" or ")}, and the actor is ${event.actor.kind}` };
	if (condition === undefined) return undefined;
	const holds = evaluateCondition(condition, { event });
	if (!holds.ok) return { reason: "expression", detail: `${path}.if: ${holds.error.message}` };
	return holds.value ? undefined : { reason: "condition", detail: `${path}.if is false` };
}

function plan(workflow: CompiledWorkflow, version: number, { branch }: CompiledTrigger, event: CanonicalEvent): Plan {
	const { timing, extract } = workflow;
	const key = branch === undefined ? keyOf(workflow, event) : joinKeyOf(workflow, branch.key, event);
	const base = {
		...workOf(workflow, version),
		timing,
		...(branch === undefined ? {} : { branch: branch.name }),
	};
	if (!key.ok) return { ...base, entity_key: homeKey(event), failed: `key: ${key.error}` };
	if (extract === undefined) return { ...base, entity_key: key.value };
	return { ...base, entity_key: key.value, extract: extractOf(extract, event) };
}

/** What a version of a workflow does. */
export function workOf({ document, steps, compensate, compared }: CompiledWorkflow, version: number): Work {
	return {
		workflow: document.name,
		version,
		priority: document.priority,
		steps: steps.map((step) => step.plan),
		...(compensate ? { compensate } : {}),
		...(document.retry_budget === RETRY_BUDGET ? {} : { retry_budget: document.retry_budget }),
		...(compared.length === 0 ? {} : { skip_unchanged: [...compared] }),
	};
}

/** The Entity of the workflow's key: the event's home, or a group of the workflow's own. */
function keyOf({ key, document }: CompiledWorkflow, event: CanonicalEvent): Result<string, string> {
	if (isEntityId(key)) return ok(homeKey(event));
	const text = keyText(key, event);
	return text.ok ? ok(groupKey(document.name, text.value)) : text;
}

/** A key that is written otherwise may name one thing for events of many homes, and needs a place of its own. */
function isEntityId({ source }: Program): boolean {
	return source.expression.trim() === "event.entity_id";
}

/** Of a join always a group: its events have many homes, and only one of them could be the place where they meet. */
function joinKeyOf({ document }: CompiledWorkflow, key: Program, event: CanonicalEvent): Result<string, string> {
	const text = keyText(key, event);
	return text.ok ? ok(groupKey(document.name, text.value)) : text;
}

function keyText(key: Program, event: CanonicalEvent): Result<string, string> {
	const evaluated = evaluate(key, { event });
	if (!evaluated.ok) return err(evaluated.error.message);
	const { value } = evaluated;
	if (value === null || typeof value === "object") return err("the key must be text or a number, and it is not");
	// An Entity's name is UTF-8, where half a character would become the same as any other half.
	const text = String(value).toWellFormed();
	if (text === "") return err("the key is empty");
	if (text.length > KEY_MAX) return err(`the key has ${text.length} characters; at most ${KEY_MAX} are allowed`);
	return ok(text);
}
