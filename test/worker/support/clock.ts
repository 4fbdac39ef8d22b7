// The time that objects see, held still. It lies ahead of the real time, so that no alarm rings by itself: the platform's
// scheduler keeps the real one.

import { afterAll, beforeAll, vi } from "vitest";

const START = Date.UTC(2032, 0, 1, 9);

export interface Clock {
	now: () => number;
	/** Milliseconds. */
	advance: (ms: number) => void;
}

/** Holds the clock for the tests of a file. */
export function holdClock(): Clock {
	beforeAll(() => {
		vi.useFakeTimers({ toFake: ["Date"], now: START });
	});
	afterAll(() => {
		vi.useRealTimers();
	});
	return {
		now: () => Date.now(),
		advance: (ms) => {
			vi.setSystemTime(Date.now() + ms);
		},
	};
}
