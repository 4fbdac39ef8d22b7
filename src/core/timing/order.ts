// Which of two events of one entity is the newer: by the source's own sequence where both have one, else by the
// time at the source. Arrival decides only between equals.

import type { OrderKey } from "../../model/event";

/** True if `next`, which arrived after `prev`, also stands at or after it at the source. */
export function isNotOlder(next: OrderKey, prev: OrderKey): boolean {
	if (next.sequence !== undefined && prev.sequence !== undefined) return isNotLower(next.sequence, prev.sequence);
	return next.timestamp >= prev.timestamp;
}

const WHOLE_NUMBER = /^\d+$/;

/** Sequences are strings because some exceed 2^53; whole numbers compare by value, anything else as text. */
function isNotLower(next: string, prev: string): boolean {
	if (!WHOLE_NUMBER.test(next) || !WHOLE_NUMBER.test(prev)) return next >= prev;
	const x = next.replace(/^0+/, "");
	const y = prev.replace(/^0+/, "");
	return x.length === y.length ? x >= y : x.length > y.length;
}
