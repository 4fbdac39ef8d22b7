// What the expressions of a step can read.

import type { Run, StepState } from "../../model/entity";
import type { CanonicalEvent } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { failures, itemsOf } from "./status";
import { leftInTheWorld } from "./undo";

/** The body of an event that this Entity keeps; null if it is gone. */
export type ReadEvent = (id: string) => CanonicalEvent | null;

/** All of it but the present time and which attempt it is, which every attempt has of its own. */
export function scopeOf(run: Run, step: StepState, readRow: ReadEvent): JsonObject {
	const { item } = step;
	const read = once(readRow);
	return {
		event: run.event_id === null ? null : bodyOf(read, run.event_id),
		window: windowScope(run, read),
		branches: branchesScope(run, read),
		steps: stepsScope(run),
		run: runScope(run),
		workflow: { name: run.workflow, version: run.version },
		...(item === undefined ? {} : { item: item.value, index: item.index }),
	};
}

/** An event stands in several places, and is read and parsed for the first of them. */
function once(read: ReadEvent): ReadEvent {
	const known = new Map<string, CanonicalEvent | null>();
	return (id) => {
		if (!known.has(id)) known.set(id, read(id));
		return known.get(id) ?? null;
	};
}

function windowScope({ window, event_id }: Run, read: ReadEvent): JsonObject {
	const own = event_id === null ? [] : [event_id];
	const listed = window?.keep_all === true ? window.events : own;
	return {
		count: window?.count ?? 1,
		first_at: isoOrNull(window?.first_at ?? null),
		last_at: isoOrNull(window?.last_at ?? null),
		event_ids: window?.events ?? own,
		events: listed.map((id) => bodyOf(read, id)).filter((event) => event !== null),
		summary: window?.summary ?? null,
		diff: (window?.diff ?? []) as Json,
	};
}

function branchesScope({ window }: Run, read: ReadEvent): JsonObject {
	const branches = Object.entries(window?.branches ?? {}).map(([name, branch]): [string, Json] => [
		name,
		branch === null
			? { arrived: false, at: null, count: 0, event: null }
			: { arrived: true, at: isoOrNull(branch.at), count: branch.count, event: bodyOf(read, branch.event_id) },
	]);
	return Object.fromEntries(branches);
}

function stepsScope(run: Run): JsonObject {
	const steps = run.steps
		.filter(({ kind }) => kind === "step" || kind === "on_failure")
		.map((step): [string, Json] => [step.id, stepScope(run, step)]);
	return Object.fromEntries(steps);
}

function stepScope(run: Run, step: StepState): JsonObject {
	const { status, reason, fell_back, plan } = step;
	const output = plan.for_each === undefined ? step.output : itemsOf(run, step).map((item) => item.output ?? null);
	return { status, output: output ?? null, reason: reason ?? null, fell_back: fell_back === true };
}

function runScope(run: Run): JsonObject {
	return {
		id: run.id,
		started_at: isoOrNull(run.started_at),
		failures: failures(run).map(({ id, class: failure, reason }) => ({
			step: id,
			class: failure ?? null,
			reason: reason ?? null,
		})),
		left: leftInTheWorld(run),
	};
}

function bodyOf(read: ReadEvent, id: string): JsonObject | null {
	return read(id) as JsonObject | null;
}

function isoOrNull(at: number | null): string | null {
	return at === null ? null : new Date(at).toISOString();
}
