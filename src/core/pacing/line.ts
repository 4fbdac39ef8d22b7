// When a step that could not go comes back. Each workflow stands in a line of its own, and each step in it gets a time
// of its own: they do not return all at once, and the steps of one workflow are not behind all those of another.

export interface Place {
	/** The first and the end of the last of the times that were given. */
	from: number;
	until: number;
	/** How many were given. */
	steps: number;
	/** When the next of them is back. */
	back_at: number;
	/** How often in a row the workflow came away with nothing. */
	turns: number;
}

/** By workflow. */
export type Line = ReadonlyMap<string, Place>;

/** A line reaches no further than this: who would come later comes at some time before, and looks again. */
const LONGEST_LINE_MS = 900_000;
/** Who is due is expected for this long: what it is to get is kept for it. */
const EXPECTED_MS = 2_000;

export interface Booking {
	now: number;
	/** Nobody comes before this. */
	floor: number;
	/** Between two steps of the connection. */
	spacing_ms: number;
	/** In [0, 1). */
	random: number;
}

/** The line with one more step of the workflow in it, and when that step comes back. */
export function book(line: Line, workflow: string, { now, floor, spacing_ms, random }: Booking): [Line, number] {
	const known = line.get(workflow);
	const before = known !== undefined && known.until > now ? known : undefined;
	const width = spacing_ms * (known === undefined ? line.size + 1 : line.size);
	const at = Math.max(before?.until ?? 0, floor);
	const isFull = at - floor > LONGEST_LINE_MS;
	const backAt = isFull ? floor + random * LONGEST_LINE_MS : at + random * width;
	const place: Place = {
		from: before?.from ?? at,
		until: isFull ? at : at + width,
		steps: (before?.steps ?? 0) + 1,
		back_at: Math.min(before?.back_at ?? Infinity, backAt),
		turns: known?.turns ?? 0,
	};
	return [new Map(line).set(workflow, place), Math.ceil(backAt)];
}

/** Without those whose last step should be back by now. */
export function standing(line: Line, now: number): Line {
	return new Map([...line].filter(([, { until }]) => until + EXPECTED_MS > now));
}

/** The workflow came: with nothing, or it got something. */
export function served(line: Line, workflow: string, got: number, now: number): Line {
	const known = line.get(workflow);
	if (known === undefined) return line;
	const back_at = known.back_at > now ? known.back_at : Math.max(now, known.until);
	return new Map(line).set(workflow, { ...known, back_at, turns: got > 0 ? 0 : known.turns + 1 });
}

/** Who should be here at this moment and is not among those who are. */
export function expected(line: Line, present: ReadonlySet<string>, now: number): [string, Place][] {
	return [...line].filter(
		([workflow, { back_at }]) => !present.has(workflow) && back_at <= now && now < back_at + EXPECTED_MS,
	);
}

/** How many are still to come back: an estimate, since those who came are not counted one by one. */
export function waitingIn(line: Line, now: number): number {
	let sum = 0;
	for (const { from, until, steps } of line.values()) {
		if (now < from) sum += steps;
		else if (now < until) sum += (steps * (until - now)) / (until - from);
	}
	return Math.round(sum);
}
