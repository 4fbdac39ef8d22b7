// How many requests of a connection are under way, over all batches. A batch holds its lanes until a stated time, so
// that a consumer that died holds them no longer.

export interface Held {
	lanes: number;
	/** That were admitted with it. */
	steps: number;
	until: number;
	/** The batch said that it is not done yet. */
	slow: boolean;
}

/** By batch. */
export type Lanes = ReadonlyMap<string, Held>;

export function lanesInUse(lanes: Lanes, now: number): number {
	let sum = 0;
	for (const held of lanes.values()) if (held.until > now) sum += held.lanes;
	return sum;
}

/** How many steps may still be under way, or before it. */
export function stepsUnderWay(lanes: Lanes, now: number): number {
	let sum = 0;
	for (const held of lanes.values()) if (held.until > now) sum += held.steps;
	return sum;
}

/** When lanes are free again, if nobody says so before. */
export function firstEnd(lanes: Lanes, now: number): number {
	return Math.min(...[...lanes.values()].map(({ until }) => until).filter((until) => until > now));
}

/** The batch holds so many lanes from now on, instead of those that it had. */
export function holdLanes(lanes: Lanes, batch: string, held: Held, now: number): Lanes {
	const living = [...lanes].filter(([name, { until }]) => name !== batch && until > now);
	return new Map(held.lanes > 0 ? [...living, [batch, held]] : living);
}

/** Some batch has been at it for longer than batches are. */
export function isSlow(lanes: Lanes, now: number): boolean {
	return [...lanes.values()].some(({ slow, until }) => slow && until > now);
}

export function releaseLanes(lanes: Lanes, batch: string): Lanes {
	return new Map([...lanes].filter(([name]) => name !== batch));
}
