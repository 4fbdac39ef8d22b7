// Random workflows: steps that need each other in every way, that read, write, ask, wait and fan out, and what takes
// them back. Expressions come from short lists, each with what it gives, so that an oracle need not evaluate any.

import type { AttemptPlan, NeedsPlan, StepPlan, UndoPlan } from "../../src/model/plan";
import type { Prng } from "./prng";

export interface Graph {
	steps: StepPlan[];
	compensate?: true;
	skip_unchanged?: string[];
}

/** Actions of the one target, and what it can do for those who do not know how a request ended. */
export const ACTIONS = {
	"target.put": { repeatable: true, probe: true },
	"target.push": { repeatable: true, probe: false },
	"target.write": { repeatable: false, probe: true },
	"target.blind": { repeatable: false, probe: false },
	"target.read": { repeatable: true, probe: false },
	"target.take_back": { repeatable: true, probe: false },
	"target.erase": { repeatable: false, probe: false },
} as const;
export type Use = keyof typeof ACTIONS;

/** What each condition gives: true, false, or nothing at all. An event is there whenever one is read. */
export const CONDITIONS: Record<string, boolean | null> = {
	"event.data.n >= 0": true,
	"event.data.n < 0": false,
	"event.data.absent.more == 1": null,
};
export const LIST = "event.data.items";
const NO_LIST = "event.data.n";

const WRITES = ["target.put", "target.push", "target.write", "target.blind"] as const;
const MAX_STEPS = 8;

export function graphOf(prng: Prng, { skipUnchanged }: { skipUnchanged: boolean }): Graph {
	const steps: StepPlan[] = [];
	const count = prng.pick([2, 3, 4, 5, MAX_STEPS]);
	for (let n = 0; n < count; n++) steps.push(stepOf(prng, steps, skipUnchanged && n === 0));
	const skipped = skipUnchanged ? compareFirst(steps) : [];
	const telling = prng.chance(0.4) ? tellingOf(prng) : [];
	return {
		steps: [...steps, ...telling],
		...(prng.chance(0.5) ? { compensate: true as const } : {}),
		...(skipped.length === 0 ? {} : { skip_unchanged: skipped }),
	};
}

function stepOf(prng: Prng, before: readonly StepPlan[], reads: boolean): StepPlan {
	const id = `s${before.length}`;
	const needs = needsOf(
		prng,
		before.map((step) => step.id),
	);
	const condition = prng.chance(0.2) ? { if: prng.pick(conditionsOf(needs)) } : {};
	const common = { id, ...(needs === undefined ? {} : { needs }), ...condition };
	const tolerant = prng.chance(0.15) ? { continue_on_error: true as const } : {};
	const kind = reads ? 0 : prng.next();
	if (kind < 0.15) return { ...common, ...tolerant, ...readingOf(prng) };
	if (kind < 0.27) return { ...common, ...tolerant, ...approvalOf(prng) };
	if (kind < 0.36) return { ...common, ...builtIn("wait"), input: { for: prng.pick(["1s", "10m", "2d"]) } };
	return { ...common, ...tolerant, ...writeOf(prng), ...(kind < 0.52 ? fanOutOf(prng) : {}), ...undoOf(prng) };
}

function needsOf(prng: Prng, before: string[]): NeedsPlan | undefined {
	if (before.length === 0 || prng.chance(0.3)) return undefined;
	const of = before.filter(() => prng.chance(0.45));
	if (of.length === 0) of.push(prng.pick(before));
	const kind = prng.next();
	if (kind < 0.5) return { all: of };
	if (kind < 0.75) return { all: [], some: { at_least: 1, of } };
	return { all: prng.chance(0.3) ? [prng.pick(before)] : [], some: { at_least: prng.between(1, of.length), of } };
}

/** The status of a step can be read where it is needed. */
function conditionsOf(needs: NeedsPlan | undefined): string[] {
	return [...Object.keys(CONDITIONS), ...(needs?.all ?? []).map((id) => `steps.${id}.status == "succeeded"`)];
}

function attemptsOf(prng: Prng, use: Use): AttemptPlan {
	return {
		use,
		connection: "target",
		timeout_ms: 20_000,
		repeatable: ACTIONS[use].repeatable,
		on_unknown: prng.chance(0.3) ? "stop" : "retry",
		attempts: prng.pick([1, 3, 6]),
		base_ms: 1_000,
		cap_ms: 600_000,
	};
}

function readingOf(prng: Prng): Omit<StepPlan, "id"> {
	const fallback = prng.chance(0.5) ? { fallback: { value: prng.pick(["stale", "${{ event.data.n }}"]) } } : {};
	return { ...attemptsOf(prng, "target.read"), reads: true, ...fallback };
}

function writeOf(prng: Prng): AttemptPlan {
	return attemptsOf(prng, prng.pick(WRITES));
}

function fanOutOf(prng: Prng): Pick<StepPlan, "for_each" | "concurrency"> {
	return {
		for_each: prng.chance(0.05) ? NO_LIST : LIST,
		...(prng.chance(0.8) ? { concurrency: prng.between(1, 3) } : {}),
	};
}

function undoOf(prng: Prng): { undo?: UndoPlan } {
	if (prng.chance(0.2)) return {};
	const use = prng.pick(["target.take_back", "target.erase"] as const);
	return { undo: { ...attemptsOf(prng, use), natural: prng.chance(0.7) } };
}

function builtIn(use: "approve" | "wait"): Omit<StepPlan, "id"> {
	const attempts = {
		timeout_ms: 0,
		repeatable: true,
		on_unknown: "retry",
		attempts: 6,
		base_ms: 1,
		cap_ms: 1,
	} as const;
	return { ...attempts, use, connection: null };
}

function approvalOf(prng: Prng): Omit<StepPlan, "id"> {
	const of = prng.pick([["legal"], ["ann", "cyd"], ["legal", "cyd"], ["bob"]]);
	const input = {
		of,
		need: of.length === 1 && of[0] === "bob" ? 1 : prng.between(1, 2),
		within: prng.pick(["2m", "1h", "1d"]),
		on_timeout: prng.chance(0.3) ? "proceed" : "fail",
		self_approval: prng.chance(0.3),
		ask: "Deal ${{ event.data.n }}?",
	};
	return { ...builtIn("approve"), input };
}

function tellingOf(prng: Prng): StepPlan[] {
	const first: StepPlan = { ...writeOf(prng), id: "tell", on_failure: true };
	if (prng.chance(0.5)) return [first];
	return [first, { ...writeOf(prng), id: "tell_more", on_failure: true, needs: { all: ["tell"] } }];
}

/** As a document is compiled: what changes something waits for every reading step before which nothing is changed. */
function compareFirst(steps: StepPlan[]): string[] {
	const isGuarded = ({ reads, use }: StepPlan) => reads !== true && use !== "wait";
	const above = (step: StepPlan): StepPlan[] => {
		const direct = steps.filter(({ id }) => step.needs?.all.includes(id) || step.needs?.some?.of.includes(id));
		return [...direct, ...direct.flatMap(above)];
	};
	const compared = steps.filter((step) => step.reads === true && !above(step).some(isGuarded)).map(({ id }) => id);
	for (const step of steps.filter(isGuarded)) {
		const missing = compared.filter((id) => step.needs?.all.includes(id) !== true);
		step.needs = { ...step.needs, all: [...(step.needs?.all ?? []), ...missing] };
	}
	return compared;
}
