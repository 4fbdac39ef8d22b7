// A delivery that was verified but makes no sense to its connector is kept as it came and becomes a dead letter: its
// sender did nothing wrong, and once the connector or its settings are mended it can be read.

import type { Delivery } from "../connectors/connector";
import { findConnector } from "../connectors/index";
import type { Env } from "../env";
import type { Source } from "../model/source";
import { ledgerOf } from "../stubs";
import { idOf } from "./canonical";

/** Request headers that a second reading may need. */
const KEPT_HEADERS =
	/^(content-type|user-agent|ce-.*|.*-(event|topic|id|identifier|type|action|delivery|timestamp|triggered-at))$/;
/** Of what an object of the archive may carry along. */
const HEADERS_CHARS = 1_500;

/** The dead letter's id. Throws if the delivery could not be kept. */
export async function keepUnreadable(env: Env, source: Source, delivery: Delivery, reason: string): Promise<string> {
	const trace_id = idOf(source.tenant, source.name, "unreadable", new TextDecoder().decode(delivery.body));
	const id = `dl_${trace_id}`;
	const key = `${source.tenant}/unreadable/${trace_id}`;
	await env.ARCHIVE.put(key, withoutSecrets(source, delivery.body), {
		customMetadata: { source: source.name, headers: JSON.stringify(keptHeaders(source, delivery)) },
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

/** As many as fit, and none that carries a secret, whatever its name is. */
function keptHeaders({ secrets }: Source, { headers }: Delivery): Record<string, string> {
	let chars = 0;
	const kept = Object.entries(headers).filter(([name, value]) => {
		if (!KEPT_HEADERS.test(name) || secrets.some((secret) => value.includes(secret))) return false;
		const size = JSON.stringify([name, value]).length;
		if (chars + size > HEADERS_CHARS) return false;
		chars += size;
		return true;
	});
	return Object.fromEntries(kept);
}

/** As it came, but for what is as good as a password. */
function withoutSecrets({ connector }: Source, body: Uint8Array): Uint8Array | string {
	const patterns = findConnector(connector)?.source?.secrets_in_body ?? [];
	if (patterns.length === 0) return body;
	const text = new TextDecoder().decode(body);
	return patterns.reduce(
		(kept, pattern) => kept.replace(pattern, (whole, secret) => whole.replace(secret, "[redacted]")),
		text,
	);
}
