// Times as Jira writes them.

import type { Json } from "../../model/json";
import { parseTime } from "../inbound/read";

/** Epoch milliseconds of `2026-11-20T09:59:58.000+0000`: RFC 3339, but for the colon in its zone. */
export function jiraTime(value: Json | undefined): number | undefined {
	return typeof value === "string" ? parseTime(value.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")) : undefined;
}

/** True if what was written at these times, the newest first, goes back to before `at`: nothing since can be missing. */
export function goesBackBefore(at: number, times: (number | undefined)[]): boolean {
	let oldest = Number.POSITIVE_INFINITY;
	for (const time of times) {
		if (time === undefined || time > oldest) return false;
		oldest = time;
	}
	return oldest < at;
}
