// Lists that begin with the newest, where one page may say enough.

import type { Json } from "../../model/json";
import { parseTime, valueAt } from "../inbound/read";

/** True if the list is sorted as asked for, the newest first, and its oldest was created before that time. */
export function goesBackBefore(at: number, list: Json[]): boolean {
	let oldest = Number.POSITIVE_INFINITY;
	for (const item of list) {
		const createdAt = parseTime(valueAt(item, "created_at"));
		if (createdAt === undefined || createdAt > oldest) return false;
		oldest = createdAt;
	}
	return oldest < at;
}
