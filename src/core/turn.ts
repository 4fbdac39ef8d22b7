// A turn: everything that one input changes in one Entity. It is written in one commit, whole or not at all; what it
// sends is sent after that commit and again until it is known to have left.

import type { Acted, Receipt, Run, Window } from "../model/entity";
import type { CanonicalEvent } from "../model/event";
import type { Fact } from "../model/fact";
import type { ReadEvent } from "./run/scope";

export interface EntityState {
	tenant: string;
	key: string;
	/** The number of the last commit. */
	n: number;
	/** Open windows by workflow. */
	windows: Map<string, Window>;
	/** Runs that are open, or that an operator may resume, by id. */
	runs: Map<string, Run>;
	/** What workflows that skip the unchanged last acted on, by workflow. */
	acted: Map<string, Acted>;
	/** The bodies of events that are kept here. */
	read: ReadEvent;
}

export interface Turn {
	n: number;
	now: number;
	/** The event that is just being accepted, which no row holds yet. */
	arriving: CanonicalEvent | null;
	/** A receipt to insert, with the facts that travel with it. */
	receipt: { receipt: Receipt; facts: Fact[] } | null;
	/** A receipt to rewrite, because its event was delivered again. */
	duplicate: { receipt: Receipt; facts: Fact[] } | null;
	/** By workflow; null closes the window. */
	windows: Map<string, Window | null>;
	/** By id, with the facts that travel with each. */
	runs: Map<string, { run: Run; facts: Fact[] }>;
	/** By workflow; null forgets it. */
	acted: Map<string, Acted | null>;
	dispatch: { run: string; step: string }[];
}

export function beginTurn(state: EntityState, now: number): Turn {
	return {
		n: state.n + 1,
		now,
		arriving: null,
		receipt: null,
		duplicate: null,
		windows: new Map(),
		runs: new Map(),
		acted: new Map(),
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
	for (const [workflow, acted] of turn.acted) {
		if (acted === null) state.acted.delete(workflow);
		else state.acted.set(workflow, acted);
	}
}

/** What the workflow last acted on here; null if there is nothing to compare with. */
export function actedIn(state: EntityState, turn: Turn, workflow: string): Acted | null {
	const changed = turn.acted.get(workflow);
	return changed === undefined ? (state.acted.get(workflow) ?? null) : changed;
}

export function eventIn(state: EntityState, turn: Turn, id: string): CanonicalEvent | null {
	return turn.arriving?.id === id ? turn.arriving : state.read(id);
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
