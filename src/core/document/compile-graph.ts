// Which step waits for which: what their authors wrote, and what they read of each other. No step may wait for itself,
// for one that is not there, or for more than can come.

import type { NeedsPlan } from "../../model/plan";
import type { Path } from "../expression/path";
import { checkReads, type Surroundings, unknownStep } from "./check-reads";
import type { CheckedStep } from "./checked-step";
import { readNeeds } from "./read-needs";
import type { Report } from "./schema-issues";

/** What can be needed, and what can be read. */
export interface Graph {
	among: readonly CheckedStep[];
	there: Surroundings;
}

/** The needs of each step by id. */
export function compileGraph({ among, there }: Graph, report: Report): Map<string, NeedsPlan> {
	const ids = new Set(among.map(({ id }) => id));
	const written = new Map(among.map((step) => [step.id, writtenNeeds(step, { ids, there }, report)] as const));
	const needs = new Map(written);
	const reads = new Map<string, ReadonlyMap<string, Path>>();
	for (const step of among) {
		const read = checkReads(step, there, report);
		reads.set(step.id, read);
		const own = needs.get(step.id);
		const ancestors = ancestorsOf(step.id, needs);
		const implied = [...read.keys()].filter((id) => ids.has(id) && !ancestors.has(id));
		if (own !== undefined && implied.length > 0) needs.set(step.id, { ...own, all: [...own.all, ...implied] });
	}
	for (const step of among) reportLateLinks(step, { ids, there, needs }, report);
	// Of steps that share an id, nobody knows which is meant.
	if (ids.size === among.length) reportCircles(among, { written, needs, reads }, report);
	return needs;
}

export function ancestorsOf(
	id: string,
	needs: ReadonlyMap<string, NeedsPlan>,
	neededBy: (needs: NeedsPlan | undefined) => string[] = idsOf,
): ReadonlySet<string> {
	const found = new Set<string>();
	const waiting = [id];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		for (const need of neededBy(needs.get(next))) {
			if (found.has(need)) continue;
			found.add(need);
			waiting.push(need);
		}
	}
	return found;
}

function idsOf(needs: NeedsPlan | undefined): string[] {
	return needs === undefined ? [] : [...needs.all, ...(needs.some?.of ?? [])];
}

function writtenNeeds(
	{ raw, path, id: own }: CheckedStep,
	{ ids, there }: { ids: ReadonlySet<string>; there: Surroundings },
	report: Report,
): NeedsPlan {
	if (raw.needs === undefined) return { all: [] };
	const { listed, atLeast } = readNeeds(raw.needs, [...path, "needs"], report) ?? { listed: [] };
	listed.forEach(({ id, path: place }, i) => {
		const problem = needProblem(id, { own, ids, there });
		if (problem !== undefined) report(place, problem);
		else if (listed.findIndex((other) => other.id === id) < i) report(place, `${id} is named twice`);
	});
	const sound = listed.map(({ id }) => id).filter((id) => ids.has(id) && id !== own);
	return atLeast === undefined ? { all: sound } : { all: [], some: { at_least: atLeast, of: sound } };
}

function needProblem(
	id: string,
	{ own, ids, there }: { own: string; ids: ReadonlySet<string>; there: Surroundings },
): string | undefined {
	if (id === own) return "a step cannot need itself";
	if (ids.has(id)) return undefined;
	if (there.steps.has(id)) return `${id} has ended before the steps of on_failure begin, so leave it out`;
	const steps = new Map([...there.steps].filter(([known]) => ids.has(known)));
	return unknownStep(id, { own, there: { ...there, steps } });
}

/** Whoever asks for votes must do so before they have been given. */
function reportLateLinks(
	{ id, programs }: CheckedStep,
	{ ids, there, needs }: { ids: ReadonlySet<string>; there: Surroundings; needs: ReadonlyMap<string, NeedsPlan> },
	report: Report,
): void {
	const before = ancestorsOf(id, needs, (needed) => needed?.all ?? []);
	for (const { path, program } of programs)
		for (const asked of program.uses.get("approvals") ?? [])
			if (there.steps.get(asked)?.use === "approve" && (before.has(asked) || !ids.has(asked)))
				report(path, `asks for votes on ${asked} when that has ended already; ask in a step that does not wait for it`);
}

interface Edges {
	written: ReadonlyMap<string, NeedsPlan>;
	needs: ReadonlyMap<string, NeedsPlan>;
	/** Where each step reads which others. */
	reads: ReadonlyMap<string, ReadonlyMap<string, Path>>;
}

/** Circles that share a step are told one at a time: mending the one may mend the other. */
function reportCircles(steps: readonly CheckedStep[], edges: Edges, report: Report): void {
	const finished = new Set<string>();
	for (const step of steps) {
		const circle = findCircle(step.id, [], { needs: edges.needs, finished });
		if (circle === undefined) continue;
		for (const id of circle) finished.add(id);
		const pairs = circle.map((id, i) => [id, circle[(i + 1) % circle.length] ?? id] as const);
		const isWritten = (id: string, other: string) => idsOf(edges.written.get(id)).includes(other);
		const told = pairs.map(([id, other]) => `${id} ${isWritten(id, other) ? "needs" : "reads"} ${other}`);
		const [first = "", second = ""] = circle;
		const place = isWritten(first, second) ? undefined : edges.reads.get(first)?.get(second);
		const { path = [] } = steps.find(({ id }) => id === first) ?? {};
		report(place ?? [...path, "needs"], `these steps wait for each other: ${told.join(", ")}`);
	}
}

function findCircle(
	id: string,
	above: string[],
	seen: { needs: ReadonlyMap<string, NeedsPlan>; finished: Set<string> },
): string[] | undefined {
	if (seen.finished.has(id)) return undefined;
	if (above.includes(id)) return above.slice(above.indexOf(id));
	for (const need of idsOf(seen.needs.get(id))) {
		const circle = findCircle(need, [...above, id], seen);
		if (circle !== undefined) return circle;
	}
	seen.finished.add(id);
	return undefined;
}
