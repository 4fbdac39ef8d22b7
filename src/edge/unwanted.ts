// An event that no workflow wants is a fact and nothing more: why none did stands in it, and no Entity hears of it.

import { homeKey } from "../core/accept";
import { eventReceived } from "../core/facts";
import type { Env } from "../env";
import type { AcceptInput } from "../model/entity";
import type { Json } from "../model/json";

/** A message of the journal takes 128 KB; of each of two lists as many of the first stay as fit. */
const LIST_BYTES = 50_000;

export async function recordUnwanted(env: Env, input: AcceptInput, now: number): Promise<void> {
	const tenant = input.event.tenant_id;
	const { data, ...fact } = eventReceived({ tenant, key: homeKey(input.event) }, input, [], now);
	const changed = fitting(data.changed);
	const unmatched = fitting(data.unmatched);
	const left_out = changed.left_out + unmatched.left_out;
	const fitted = {
		...data,
		changed: changed.kept,
		unmatched: unmatched.kept,
		...(left_out === 0 ? {} : { left_out }),
	};
	// An id of its own: delivered again the event may be wanted, and then that is another fact.
	await env.JOURNAL.send({ tenant, facts: [{ ...fact, id: "unwanted", data: fitted }] });
}

function fitting(list: Json | undefined): { kept: Json[]; left_out: number } {
	const all = Array.isArray(list) ? list : [];
	let bytes = 0;
	const kept = all.filter((item) => {
		bytes += new TextEncoder().encode(JSON.stringify(item)).byteLength;
		return bytes <= LIST_BYTES;
	});
	return { kept, left_out: all.length - kept.length };
}
