// Workflows that act on empty cron windows need a window even when no event ever arrives: what such a window is.

import type { Plan } from "../model/plan";
import { groupKey } from "./accept";
import type { CompiledWorkflow } from "./document";
import { evaluate } from "./expression/program";

/** The plan whose window must be open at any time; null for a workflow that does not ask for it. */
export function clockPlan({ document, timing, key, steps }: CompiledWorkflow, version: number): Plan | null {
	if (timing.kind !== "aggregate" || timing.when_empty !== "run") return null;
	const group = evaluate(key, {});
	if (!group.ok) return null;
	return {
		workflow: document.name,
		version,
		entity_key: groupKey(document.name, String(group.value)),
		priority: document.priority,
		timing,
		steps: steps.map((step) => step.plan),
	};
}
