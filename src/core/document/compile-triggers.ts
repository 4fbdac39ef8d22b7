// The events that a workflow listens to: its own triggers, or those of a join's branches.

import { TRIGGERS_MAX, Trigger } from "../../model/trigger";
import type { Path } from "../expression/path";
import { type CompiledTrigger, compileTrigger } from "./compile";
import { readable } from "./readable";
import { type Report, reportIssues } from "./schema-issues";

/** One trigger or a list of them. */
export function compileTriggers(on: unknown, base: Path, report: Report): CompiledTrigger[] {
	if (on === undefined) {
		report(base, "is missing: the events that it is about, like on: { source: github, event: issue.created }");
		return [];
	}
	if (!Array.isArray(on)) return [readTrigger(on, base, report)];
	if (on.length === 0) report(base, "must not be empty: without a trigger, the workflow never acts");
	if (on.length > TRIGGERS_MAX) report(base, `must have at most ${TRIGGERS_MAX} triggers`);
	return on.slice(0, TRIGGERS_MAX).map((trigger, i) => readTrigger(trigger, [...base, i], report));
}

function readTrigger(value: unknown, base: Path, report: Report): CompiledTrigger {
	reportIssues({ schema: Trigger, value, base }, Trigger.safeParse(value).error?.issues ?? [], report);
	return compileTrigger(readable(Trigger, value), base, report);
}
