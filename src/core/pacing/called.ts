// Those who were called because there is room, and are not here yet. Their room is kept for them, but not for ever.

import type { Wanted } from "../../model/message";
import { idOf } from "./parking";

/** Who was called should be here within this. */
export const CALLED_MS = 5_000;

/** By step: until when its room is kept. */
export type Called = ReadonlyMap<string, number>;

/** They were called: their room is kept. */
export function call(called: Called, steps: readonly Wanted[], now: number): Called {
	return new Map([...living(called, now), ...steps.map((step) => [idOf(step), now + CALLED_MS] as const)]);
}

/** It does not come after all. */
export function callOff(called: Called, step: Wanted): Called {
	return new Map([...called].filter(([id]) => id !== idOf(step)));
}

/** Those who are still under way, and which of the steps are back. */
export function welcome(called: Called, steps: readonly Wanted[], now: number): [Called, Wanted[]] {
	const left = new Map(living(called, now));
	return [left, steps.filter((step) => left.delete(idOf(step)))];
}

export function underWay(called: Called, now: number): number {
	return living(called, now).length;
}

function living(called: Called, now: number): [string, number][] {
	return [...called].filter(([, until]) => until > now);
}
