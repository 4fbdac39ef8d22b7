// Pauses that a target asked for: of the whole connection, or of a part of it that the target named.

/** Epoch milliseconds by scope; the whole connection is `WHOLE`. */
export type Pauses = ReadonlyMap<string, number>;

export const WHOLE = "";

/** When a request that concerns this scope may go; 0 if it never had to wait. */
export function pausedUntil(pauses: Pauses, scope: string | undefined): number {
	return Math.max(pauses.get(WHOLE) ?? 0, scope === undefined ? 0 : (pauses.get(scope) ?? 0));
}

/** A pause is never shortened by a later answer. Those that are over are forgotten. */
export function addPause(pauses: Pauses, scope: string, until: number, now: number): Pauses {
	const living = new Map([...pauses].filter(([, end]) => end > now));
	return living.set(scope, Math.max(living.get(scope) ?? 0, until));
}
