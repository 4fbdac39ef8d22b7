// How many requests of a connection are under way, over all batches. A batch holds its lanes until a stated time, so
// that a consumer that died holds them no longer.

export interface Held {
	lanes: number;
	/** Of those steps whose batch said that it is not done yet, how many are not over. */
	left: number;
	until: number;
	/** Nothing of it ended for a while. */
	slow: boolean;
}

/** By batch. */
export type Lanes = ReadonlyMap<string, Held>;

export function lanesInUse(lanes: Lanes, now: number): number {
	return living(lanes, now).reduce((sum, held) => sum + held.lanes, 0);
}

/** How many steps are known not to be over. */
export function stepsLeft(lanes: Lanes, now: number): number {
	return living(lanes, now).reduce((sum, held) => sum + held.left, 0);
}

/** When lanes are free again, if nobody says so before. */
export function firstEnd(lanes: Lanes, now: number): number {
	return Math.min(...living(lanes, now).map(({ until }) => until));
}

/** The batch holds so many lanes from now on, instead of those that it had. */
export function holdLanes(lanes: Lanes, batch: string, held: Held, now: number): Lanes {
	const others = [...lanes].filter(([name, { until }]) => name !== batch && until > now);
	return new Map(held.lanes > 0 ? [...others, [batch, held]] : others);
}

/** Some batch has been at it for long, and nothing of it ends. */
export function isSlow(lanes: Lanes, now: number): boolean {
	return living(lanes, now).some(({ slow }) => slow);
}

export function releaseLanes(lanes: Lanes, batch: string): Lanes {
	return new Map([...lanes].filter(([name]) => name !== batch));
}

function living(lanes: Lanes, now: number): Held[] {
	return [...lanes.values()].filter(({ until }) => until > now);
}
