// One party calls another. The call may be late, it may never arrive, and it may succeed without the caller hearing of it.

import type { World } from "./world";

/** What a caller gets to know of a call that did not come back. Not an error: a stack for each would take a fifth of the time. */
export class Lost {
	constructor(readonly why: string) {}
}

/** How long a caller waits before it takes a call for lost. */
const PATIENCE_MS = 10_000;

export type Answer<T> = { ok: true; value: T } | { ok: false };

/** `work` happens elsewhere and may fail with `Lost`; `answered` happens here, once. */
export function call<T>(world: World, work: () => T | Promise<T>, answered: (answer: Answer<T>) => void): void {
	if (world.trouble("loss")) {
		world.after(PATIENCE_MS, () => answered({ ok: false }));
		return;
	}
	world.after(world.latency(), () =>
		attempt(world, work, (answer) => {
			const isHeard = !world.trouble("loss");
			if (isHeard) world.after(world.latency(), () => answered(answer));
			else world.after(PATIENCE_MS, () => answered({ ok: false }));
		}),
	);
}

function attempt<T>(world: World, work: () => T | Promise<T>, done: (answer: Answer<T>) => void): void {
	const failed = (error: unknown) => {
		if (error instanceof Lost) done({ ok: false });
		else world.fail(error);
	};
	try {
		const value = work();
		if (value instanceof Promise) value.then((value) => done({ ok: true, value }), failed);
		else done({ ok: true, value });
	} catch (error) {
		failed(error);
	}
}
