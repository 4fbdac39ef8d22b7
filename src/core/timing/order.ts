// Which of two events of one entity is the newer: by the source's own sequence where both have one, else by the
// time at the source. Arrival decides only between equals.

import type { OrderKey } from "../../model/event";

/** True if `next`, which arrived after `prev`, also stands at or after it at the source. */
export function isNotOlder(next: OrderKey, prev: OrderKey): boolean {
	if (next.sequence !== undefined && prev.sequence !== undefined) {
		return compareSequences(next.sequence, prev.sequence) >= 0;
	}
	return next.timestamp >= prev.timestamp;
}

/** Sequences are strings because some exceed 2^53; whole numbers compare by value, anything else as text. */
function compareSequences(a: string, b: string): number {
	if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return a < b ? -1 : a > b ? 1 : 0;
	const x = a.replace(/^0+/, "");
	const y = b.replace(/^0+/, "");
	if (x.length !== y.length) return x.length - y.length;
	return x < y ? -1 : x > y ? 1 : 0;
}
