// Workflows that act on empty cron windows need a window even when no event ever arrives: what such a window is.

import type { Plan } from "../model/plan";
import { groupKey } from "./accept";
import type { CompiledWorkflow } from "./document";
import { evaluate } from "./expression/program";
import { workOf } from "./match";

/** The plan whose window must be open at any time; null for a workflow that does not ask for it. */
export function clockPlan(workflow: CompiledWorkflow, version: number): Plan | null {
	const { document, timing, key } = workflow;
	if (timing.kind !== "aggregate" || timing.when_empty !== "run") return null;
	const group = evaluate(key, {});
	if (!group.ok) return null;
	return {
		...workOf(workflow, version),
		entity_key: groupKey(document.name, String(group.value)),
		timing,
	};
}
