// A delivery that was verified but makes no sense to its connector is kept as it came and becomes a dead letter: its
// sender did nothing wrong, and once the connector or its settings are mended it is read again.

import { z } from "zod";
import type { Delivery } from "../connectors/connector";
import { findConnector } from "../connectors/index";
import type { Env } from "../env";
import type { CanonicalEvent } from "../model/event";
import type { KeptDelivery, KeptReading, ReadAgain } from "../model/letter";
import { err, ok, type Result } from "../model/result";
import type { Source } from "../model/source";
import { type TenantConfig, tenantConfig } from "../registry/cache";
import { ledgerOf } from "../stubs";
import { idOf } from "./canonical";
import { keptHeaders } from "./kept-headers";
import { jsonOf, readingOf } from "./reading";
import { routeAll } from "./route";

/** The dead letter's id. Throws if the delivery could not be kept. */
export async function keepUnreadable(
	env: Env,
	source: Source,
	delivery: Delivery,
	{ reason, trust }: { reason: string; trust: CanonicalEvent["trust"] },
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
				trust,
				bytes: delivery.body.byteLength,
				archive: key,
			},
		},
	]);
	return id;
}

/** See `ReadKept`. */
export async function readKept(
	env: Env,
	kept: KeptDelivery,
	{ since, choose }: KeptReading,
): Promise<ReadAgain | null> {
	const now = Date.now();
	const object = await env.ARCHIVE.get(kept.archive);
	if (object === null) return null;
	const body = new Uint8Array(await object.arrayBuffer());
	const delivery = { ...SENT, headers: headersOf(object), body, received_at: kept.received_at };
	const config = await tenantConfig(env, kept.tenant, now, since);
	const read = readBy(config, kept, delivery);
	if (!read.ok) return { events: [], reason: read.error };
	const { events, unread } = read.value;
	const chosen = choose(events.map(({ id }) => id));
	const taken = events.filter(({ id }) => chosen.has(id));
	await routeAll(env, taken, config?.workflows ?? [], now);
	return {
		events: events.map(({ id, event_type, entity_id }) => ({ id, event_type, entity_id })),
		reason: unread.length === 0 ? null : unread.join("; "),
	};
}

/** It was verified when it came, and what its address said is not kept. */
const SENT = { method: "POST", url: "", query: {} };

function readBy(
	config: TenantConfig | null,
	{ source: name, source_system, trust }: KeptDelivery,
	delivery: Delivery,
): Result<{ events: CanonicalEvent[]; unread: string[] }, string> {
	const source = config?.sources.get(name);
	const side = source === undefined ? undefined : findConnector(source.connector)?.source;
	if (source === undefined || side === undefined) return err(`there is no source ${name} now that can be used`);
	if (source.connector !== source_system)
		return err(`it came from ${source_system}, and the source ${name} is one of ${source.connector} now`);
	const taken = { source, side, delivery, trust };
	const json = jsonOf(taken);
	if (!json.ok) return err(json.error.detail);
	const reading = readingOf(taken, json.value);
	if (!reading.ok) return reading;
	if (reading.value.kind === "answer") return err("it is a question of the system itself, and holds no event");
	return ok(reading.value);
}

/** None if the object was tampered with. */
function headersOf({ customMetadata }: R2Object): Record<string, string> {
	try {
		return z.record(z.string(), z.string()).parse(JSON.parse(customMetadata?.headers ?? "{}"));
	} catch {
		return {};
	}
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
