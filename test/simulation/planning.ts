// What a workflow, as it is published at some time, makes of an event: what the edge would send to the Entity.

import { groupKey, homeKey } from "../../src/core/accept";
import type { CanonicalEvent } from "../../src/model/event";
import type { Extract, Plan, Work } from "../../src/model/plan";
import { kindOf } from "./events";
import type { SimulatedWorkflow, Version } from "./scenario";

/** A join wants the events of its branches, every other workflow wants all. */
export function wants(workflow: SimulatedWorkflow, event: CanonicalEvent): boolean {
	const timing = workflow.versions[0]?.timing;
	return timing?.kind !== "join" || Object.hasOwn(timing.branches, kindOf(event));
}

export function versionAt(workflow: SimulatedWorkflow, now: number): number {
	return workflow.versions.findLastIndex((version) => version.from <= now) + 1;
}

/** Versions count from 1. */
export function versionOf(workflow: SimulatedWorkflow, version: number): Version {
	const found = workflow.versions[version - 1];
	if (found === undefined) throw new Error(`${workflow.name} has no version ${version}`);
	return found;
}

export function workOf(workflow: SimulatedWorkflow, version: number): Work {
	const { steps, compensate, skip_unchanged } = versionOf(workflow, version);
	return {
		workflow: workflow.name,
		version,
		priority: workflow.isUrgent ? "urgent" : "normal",
		steps,
		...(compensate === undefined ? {} : { compensate }),
		...(skip_unchanged === undefined ? {} : { skip_unchanged }),
	};
}

export function planOf(workflow: SimulatedWorkflow, event: CanonicalEvent, now: number): Plan {
	const version = versionAt(workflow, now);
	const { timing } = versionOf(workflow, version);
	const home = homeKey(event);
	return {
		...workOf(workflow, version),
		entity_key: workflow.isGrouped ? groupKey(workflow.name, String(event.data.group)) : home,
		timing,
		...(timing.kind === "join" ? { branch: kindOf(event) } : {}),
		...(timing.kind === "aggregate" ? { extract: extractOf(event) } : {}),
		...(workflow.failsOn === event.id ? { failed: "the key has no value" } : {}),
	};
}

function extractOf(event: CanonicalEvent): Extract {
	const n = Number(event.data.n);
	return { counts_by: `group ${event.data.group}`, sum: { n }, kept: { n }, ...(n === 5 ? { flush: true } : {}) };
}
