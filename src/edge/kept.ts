// A delivery that was verified but makes no sense to its connector is kept as it came and becomes a dead letter: its
// sender did nothing wrong, and once the connector or its settings are mended it is read again.

import { z } from "zod";
import type { Delivery } from "../connectors/connector";
import { findConnector } from "../connectors/index";
import { RECEIPT_MS } from "../core/accept";
import type { Env } from "../env";
import type { CanonicalEvent } from "../model/event";
import type { KeptDelivery, ReadAgain } from "../model/letter";
import type { Source } from "../model/source";
import { forgetTenant, tenantConfig } from "../registry/cache";
import { ledgerOf } from "../stubs";
import { idOf } from "./canonical";
import { jsonOf, readingOf } from "./reading";
import { routeAll } from "./route";

/** Request headers that a second reading may need. */
const KEPT_HEADERS =
	/^(content-type|user-agent|ce-.*|.*-(event|topic|id|identifier|type|action|delivery|timestamp|triggered-at))$/;
/** Of what an object of the archive may carry along. */
const HEADERS_CHARS = 1_500;

/** The dead letter's id. `taken`: how many of its events could be read. Throws if the delivery could not be kept. */
export async function keepUnreadable(
	env: Env,
	source: Source,
	delivery: Delivery,
	{ reason, taken }: { reason: string; taken: number },
): Promise<string> {
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
				taken,
				archive: key,
			},
		},
	]);
	return id;
}

/**
 * What a kept delivery holds, by the settings that its source has now; unless it is only looked at, its events are taken
 * in. Throws if that cannot be done at present.
 */
export async function readKept(env: Env, kept: KeptDelivery, isLook: boolean): Promise<ReadAgain> {
	const now = Date.now();
	if (kept.taken_at !== null && now - kept.taken_at > RECEIPT_MS - HOUR_MS) return unread(TAKEN_LONG_AGO);
	const object = await env.ARCHIVE.get(kept.archive);
	if (object === null) return unread("what was kept of it is not there any more; discard the letter");
	const body = new Uint8Array(await object.arrayBuffer());
	const delivery = { ...SENT, headers: headersOf(object), body, received_at: kept.received_at };
	const known = await readWith(env, kept, { delivery, now });
	// The copy of the settings that the isolate has may be the one that could not read it.
	if (known.reading.reason !== null) forgetTenant(kept.tenant);
	const { config, reading } = known.reading.reason === null ? known : await readWith(env, kept, { delivery, now });
	if (!isLook) await routeAll(env, reading.events, config?.workflows ?? [], now);
	const events = reading.events.map(({ id, event_type, entity_id }) => ({ id, event_type, entity_id }));
	return { events, reason: reading.reason };
}

const HOUR_MS = 3_600_000;
const TAKEN_LONG_AGO =
	"some of its events were acted on seven days ago, and would be acted on once more; have the others sent anew, and discard the letter";
/** It was verified when it came, and what its address said is not kept. */
const SENT = { method: "POST", url: "", query: {} };

function unread(reason: string): ReadAgain {
	return { events: [], reason };
}

async function readWith(
	env: Env,
	{ tenant, source: name }: KeptDelivery,
	{ delivery, now }: { delivery: Delivery; now: number },
) {
	const config = await tenantConfig(env, tenant, now);
	const source = config?.sources.get(name);
	const side = source === undefined ? undefined : findConnector(source.connector)?.source;
	const fail = (reason: string) => ({ config, reading: { events: [] as CanonicalEvent[], reason } });
	if (source === undefined || side === undefined) return fail(`there is no source ${name} any more that can be used`);
	const json = jsonOf({ source, side, delivery });
	if (!json.ok) return fail(json.error.detail);
	const reading = readingOf({ source, side, delivery }, json.value);
	if (!reading.ok) return fail(reading.error);
	if (reading.value.kind === "answer") return fail("it is a question of the system itself, and holds no event");
	const { events, unread } = reading.value;
	return { config, reading: { events, reason: unread.length === 0 ? null : unread.join("; ") } };
}

function headersOf({ customMetadata }: R2Object): Record<string, string> {
	const headers = z.record(z.string(), z.string()).safeParse(JSON.parse(customMetadata?.headers ?? "{}"));
	return headers.data ?? {};
}

/** As many as fit, and none that carries a secret, whatever its name is. */
function keptHeaders({ secrets, config }: Source, { headers }: Delivery): Record<string, string> {
	const settings = JSON.stringify(config).toLowerCase();
	let chars = 0;
	const kept = Object.entries(headers).filter(([name, value]) => {
		const isRead = KEPT_HEADERS.test(name) || settings.includes(`"header:${name}"`);
		if (!isRead || secrets.some((secret) => value.includes(secret))) return false;
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
