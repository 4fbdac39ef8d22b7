// Time in scenarios. Objects see the held clock, and their alarms ring when a test lets it pass; the platform's queues
// and the outside world keep the real time, so what they bring about is waited for.

import { vi } from "vitest";
import { ring } from "./entities";

const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 20;
/** Facts leave their Entity within this, and steps that the queue lost are not yet sent again. */
export const TELLING_MS = 6_000;

/** Lets time pass: everything that falls due by then is done. */
export async function pass(ms: number): Promise<void> {
	vi.setSystemTime(Date.now() + ms);
	await ring();
}

/** Waits until `look` gives something, and rings what is due meanwhile. */
export async function until<T>(
	what: string,
	look: () => Promise<T | false | null | undefined>,
	meanwhile: () => Promise<void> = ring,
): Promise<T> {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		const seen = await look();
		if (seen !== false && seen !== null && seen !== undefined) return seen;
		if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
		await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		await meanwhile();
	}
}
