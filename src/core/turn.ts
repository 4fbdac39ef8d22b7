// A turn: everything that one input changes in one Entity. It is written in one commit, whole or not at all; what it
// sends is sent after that commit and again until it is known to have left.

import type { Receipt, Run, Window } from "../model/entity";
import type { Fact } from "../model/fact";

export interface EntityState {
	tenant: string;
	key: string;
	/** The number of the last commit. */
	n: number;
	/** Open windows by workflow. */
	windows: Map<string, Window>;
	/** Runs that are open, or that an operator may resume, by id. */
	runs: Map<string, Run>;
}

export interface Turn {
	n: number;
	now: number;
	/** A receipt to insert, with the facts that travel with it. */
	receipt: { receipt: Receipt; facts: Fact[] } | null;
	/** A receipt to rewrite, because its event was delivered again. */
	duplicate: { receipt: Receipt; facts: Fact[] } | null;
	/** By workflow; null closes the window. */
	windows: Map<string, Window | null>;
	/** By id, with the facts that travel with each. */
	runs: Map<string, { run: Run; facts: Fact[] }>;
	dispatch: { run: string; step: string }[];
}

export function beginTurn(state: EntityState, now: number): Turn {
	return {
		n: state.n + 1,
		now,
		receipt: null,
		duplicate: null,
		windows: new Map(),
		runs: new Map(),
		dispatch: [],
	};
}

export function isEmpty(turn: Turn): boolean {
	return turn.receipt === null && turn.duplicate === null && turn.windows.size === 0 && turn.runs.size === 0;
}

/** The state after the turn. The maps are the caller's own and are changed in place. */
export function applyTurn(state: EntityState, turn: Turn): void {
	if (isEmpty(turn)) return;
	state.n = turn.n;
	for (const [workflow, window] of turn.windows) {
		if (window === null) state.windows.delete(workflow);
		else state.windows.set(workflow, window);
	}
	for (const [id, { run }] of turn.runs) state.runs.set(id, run);
}

export function windowIn(state: EntityState, turn: Turn, workflow: string): Window | null {
	const changed = turn.windows.get(workflow);
	return changed === undefined ? (state.windows.get(workflow) ?? null) : changed;
}

export function runIn(state: EntityState, turn: Turn, id: string): Run | undefined {
	return turn.runs.get(id)?.run ?? state.runs.get(id);
}

export function putRun(turn: Turn, run: Run, facts: Fact[]): void {
	const before = turn.runs.get(run.id)?.facts ?? [];
	turn.runs.set(run.id, { run, facts: [...before, ...facts] });
}
