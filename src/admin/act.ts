// What an operator does to a thing that no event is about, as the journal tells it.

import type { Env } from "../env";
import type { Fact } from "../model/fact";
import type { JsonObject } from "../model/json";
import { hashDocument } from "../registry/hash";
import { ledgerOf } from "../stubs";

const TRACE_ID_LENGTH = 32;

export interface Act {
	kind: Fact["kind"];
	/** Tells acts of one kind apart; the same act told twice is one fact. */
	key: string;
	/** Kind and name of the thing: all that is done to it is one trace. */
	to: [what: string, name: string];
	workflow?: string;
	at: number;
	by: string;
	data?: JsonObject;
}

export async function tellAct(env: Env, tenant: string, { kind, key, to, at, by, data, ...about }: Act): Promise<void> {
	const [what, name] = to;
	const trace_id = (await hashDocument([what, tenant, name])).slice(0, TRACE_ID_LENGTH);
	const fact: Fact = {
		...{ id: `${kind}:${key}`, at, tenant, kind, trace_id, ...about },
		actor: by,
		classification: "internal",
		data: { by, ...data },
	};
	await ledgerOf(env, tenant).append([fact]);
}
