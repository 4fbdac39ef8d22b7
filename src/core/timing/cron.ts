// Clock windows: five-field cron expressions in a time zone, daylight saving included.

import { Cron } from "croner";

/** The first tick strictly after `now`, in epoch milliseconds. Publishing refuses expressions that never tick. */
export function nextTick(expression: string, tz: string | undefined, now: number): number {
	const next = new Cron(expression, { timezone: tz ?? "UTC", paused: true, mode: "5-part" }).nextRun(new Date(now));
	if (next === null)
		throw new Error(`the cron expression "${expression}" has no tick after ${new Date(now).toISOString()}`);
	return next.getTime();
}
