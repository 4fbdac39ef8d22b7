// A delivery that was verified but makes no sense to its connector is kept as it came and becomes a dead letter: its
// sender did nothing wrong, and once the connector or its settings are mended it can be read.

import type { Delivery } from "../connectors/connector";
import type { Env } from "../env";
import type { Source } from "../model/source";
import { ledgerOf } from "../stubs";
import { idOf } from "./canonical";

/** Request headers that a second reading may need; credentials are not among them. */
const KEPT_HEADERS =
	/^(content-type|user-agent|webhook-id|x-github-(event|delivery|hook-id)|.*-(event|topic|id|type))$/;

/** The dead letter's id. Throws if the delivery could not be kept. */
export async function keepUnreadable(env: Env, source: Source, delivery: Delivery, reason: string): Promise<string> {
	const trace_id = idOf(source.tenant, source.name, "unreadable", new TextDecoder().decode(delivery.body));
	const id = `dl_${trace_id}`;
	const key = `${source.tenant}/unreadable/${trace_id}`;
	const headers = Object.fromEntries(Object.entries(delivery.headers).filter(([name]) => KEPT_HEADERS.test(name)));
	await env.ARCHIVE.put(key, delivery.body, {
		customMetadata: { source: source.name, headers: JSON.stringify(headers).slice(0, 1_500) },
	});
	await ledgerOf(env, source.tenant).append([
		{
			id: `unreadable:${delivery.received_at}`,
			at: delivery.received_at,
			tenant: source.tenant,
			kind: "delivery.unreadable",
			trace_id,
			classification: "internal",
			data: {
				id,
				class: "unreadable",
				reason,
				source: source.name,
				source_system: source.connector,
				bytes: delivery.body.byteLength,
				archive: key,
			},
		},
	]);
	return id;
}
