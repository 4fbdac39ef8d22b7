// Reading runs back: one by one, in a list, and those that nobody has heard to end.

import type { Page, RunQuery, RunSummary, RunView } from "../model/ledger";
import { chunkReader, findEntries, type ReadChunk } from "./entries";
import { withinBounds } from "./exchanges";
import { isOpen, runViewOf } from "./run-view";
import { overdue } from "./waiting";
import { walk } from "./walk";

export function listRuns(sql: SqlStorage, query: RunQuery): Page<RunSummary> {
	const read = chunkReader(sql);
	return walk(sql, read, query, (entry) => {
		if (entry.kind !== "run.started" || entry.run === undefined) return null;
		if (query.workflow !== undefined && entry.workflow !== query.workflow) return null;
		const run = viewRun(sql, read, entry.run);
		return run === null || (query.status !== undefined && run.status !== query.status) ? null : summaryOf(run);
	});
}

/** With `step`, only the facts of that step, its items and their undoing are among its facts. */
export function findRun(sql: SqlStorage, id: string, step?: string): RunView | null {
	const run = viewRun(sql, chunkReader(sql), id);
	if (run === null) return null;
	const facts = step === undefined ? run.facts : run.facts.filter((fact) => isOf(step, fact.step));
	return { ...run, facts: withinBounds(facts) };
}

function isOf(step: string, told: string | undefined): boolean {
	return told === step || told?.startsWith(`${step}.`) === true;
}

export function findRunSummary(sql: SqlStorage, id: string): RunSummary | null {
	const run = viewRun(sql, chunkReader(sql), id);
	return run === null ? null : summaryOf(run);
}

function viewRun(sql: SqlStorage, read: ReadChunk, id: string): RunView | null {
	return runViewOf((findEntries(sql, read, traceOfRun(id)) ?? []).filter((entry) => entry.run === id));
}

function summaryOf({ steps: _, facts: __, ...summary }: RunView): RunSummary {
	return summary;
}

/** All that it does is wait, until a time that is still to come: there is nothing to look after before that. */
function isAtEase({ steps }: RunView, now: number): boolean {
	const waiting = steps.filter(({ status }) => status === "waiting");
	const isBusy = steps.some(({ status }) => status === "running" || status === "undoing");
	return !isBusy && waiting.length > 0 && waiting.every(({ until = 0 }) => until > now);
}

/** `run_<trace>.<workflow>` */
export function traceOfRun(run: string): string {
	return run.slice("run_".length, run.indexOf("."));
}

/** Runs of the recent chunks that started before `before` and have not ended, and waits that should be over since. */
export function unfinishedRuns(sql: SqlStorage, before: number): { run: string; entity_key: string }[] {
	const read = chunkReader(sql);
	const goesOn = new Set<string>();
	const over = new Set<string>();
	const { items } = walk(sql, read, { limit: Number.POSITIVE_INFINITY }, ({ kind, run = "", entity_key = "", at }) => {
		if (kind === "run.finished" && !goesOn.has(run)) over.add(run);
		// Whatever was told after its end may have opened it again.
		goesOn.add(run);
		return kind === "run.started" && at < before && !over.has(run) ? { run, entity_key } : null;
	});
	const recent = items.filter(({ run }) => {
		const view = viewRun(sql, read, run);
		return view !== null && isOpen(view.status) && !isAtEase(view, before);
	});
	const known = new Set(recent.map(({ run }) => run));
	return [...recent, ...overdue(sql, before).filter(({ run }) => !known.has(run))];
}
