// What an answer carries of what was said in attempts. A run can have a thousand steps, each tried twenty times; an
// answer that held all of it would be too large to be sent.

import type { Entry } from "../model/ledger";

/** Well under the platform's limit for what one object answers another. */
const EXCHANGE_BYTES = 4_000_000;

/** The newest exchanges stay whole; instead of the others stands how much was left out. */
export function withinBounds(entries: readonly Entry[], bytes = EXCHANGE_BYTES): Entry[] {
	let rest = bytes;
	return entries.toReversed().map(spend).reverse();

	function spend(entry: Entry): Entry {
		const { exchange } = entry.data;
		if (exchange === undefined) return entry;
		const size = JSON.stringify(exchange).length;
		rest -= size;
		return rest >= 0 ? entry : { ...entry, data: { ...entry.data, exchange: `left out: ${size} bytes` } };
	}
}
