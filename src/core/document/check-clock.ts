// How long an aggregate collects: for a time, or until the next tick of a clock in a time zone.

import { Cron } from "croner";
import type { Path } from "../expression/path";
import { nearest } from "../expression/suggest";
import type { Report } from "./schema-issues";

/** Any time will do to ask whether a clock ever ticks. */
const SOME_TIME = Date.UTC(2024, 0, 1);

export function checkClock(aggregate: object, base: Path, report: Report): void {
	const { window, every, tz }: { window?: unknown; every?: unknown; tz?: unknown } = aggregate;
	if (window !== undefined && every !== undefined)
		report(
			base,
			"has window and every; keep one: window counts from the first event, every ends with a tick of a clock",
		);
	if (window === undefined && every === undefined)
		report(base, "needs an end: window, like window: 15m, or every, like every: 0 9 * * 1-5");
	if (every === undefined && tz !== undefined) report([...base, "tz"], "is the time zone of every, which is not there");
	if (every !== undefined && tz === undefined)
		report([...base, "tz"], "is missing: every ticks in a time zone, like tz: Europe/Berlin");
	const isZone = typeof tz === "string" && isTimeZone(tz);
	if (typeof tz === "string" && !isZone) report([...base, "tz"], unknownZone(tz));
	if (typeof every !== "string") return;
	const problem = cronProblem(every, isZone ? tz : "UTC");
	if (problem !== undefined) report([...base, "every"], problem);
}

function cronProblem(every: string, timezone: string): string | undefined {
	const fields = every.trim().split(/\s+/);
	if (fields.length !== 5 || every.length > 120)
		return `must have five fields: minute, hour, day, month, weekday, like 0 9 * * 1-5; this has ${fields.length}`;
	try {
		const cron = new Cron(every, { timezone, paused: true, mode: "5-part" });
		return cron.nextRun(new Date(SOME_TIME)) === null ? "never ticks: there is no such day" : undefined;
	} catch (error) {
		const detail = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
		return `is not a cron expression: ${detail}`;
	}
}

/** An offset is no time zone: it knows no summer. */
function isTimeZone(name: string): boolean {
	if (!/^[A-Za-z]/.test(name)) return false;
	try {
		return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
	} catch {
		return false;
	}
}

function unknownZone(name: string): string {
	const near = nearest(name, Intl.supportedValuesOf("timeZone"));
	return `is not an IANA time zone${near === undefined ? "; write one like Europe/Berlin" : `; did you mean ${near}?`}`;
}
