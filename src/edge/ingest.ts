// The door: raw bytes in, verified, normalized, matched, and answered with 200 once every event is safe.

import type { Context } from "hono";
import type { Delivery, Verification } from "../connectors/connector";
import { connectors } from "../connectors/index";
import { verify } from "../connectors/verify/verify";
import type { Env } from "../env";
import type { CanonicalEvent } from "../model/event";
import type { Json } from "../model/json";
import type { Source } from "../model/source";
import { type TenantConfig, tenantConfig } from "../registry/cache";
import { readBody } from "./body";
import { handOver } from "./handover";
import { keepUnreadable } from "./kept";
import { isWellFormed, statedKind } from "./parse";
import { NO_SOURCE, notPost, problem } from "./problem";
import { jsonOf, kindOf, readingOf, type Taken } from "./reading";
import { routeAll } from "./route";

const MAX_BODY_BYTES = 1_048_576;

/** One answer for every reason: whoever cannot sign learns nothing. */
const UNVERIFIED = "Check the signing secret of this source, and that the body arrives unchanged and in time.";

const UNUSABLE =
	"This source cannot be used at the moment; its owner finds the reason in the admin API. Send it again later.";

/** What GitHub sends unless it is told otherwise. */
const FORM = "The body is a form. Set the content type of the webhook to application/json, where it is sent from.";

function takesPathToken(scheme: Verification): boolean {
	return scheme.kind === "token" && scheme.places.some((place) => place.in === "path");
}

type Place = Pick<Taking, "config" | "source" | "side">;

/** Where a request goes to, or the answer to one that goes nowhere. */
async function findPlace(c: Context<{ Bindings: Env }>, now: number): Promise<Place | Response> {
	const { tenant = "", source: name = "" } = c.req.param();
	const config = await tenantConfig(c.env, tenant, now);
	const source = config?.sources.get(name);
	const side = source === undefined ? undefined : connectors[source.connector]?.source;
	if (config != null && source !== undefined && side !== undefined) {
		const isLost = c.req.param("token") !== undefined && !takesPathToken(side.verification(source.config));
		return isLost ? problem(c, 404, NO_SOURCE) : { config, source, side };
	}
	const isUnusable = config?.problems.some((one) => one.kind === "source" && one.name === name);
	return isUnusable === true ? problem(c, 503, UNUSABLE) : problem(c, 404, NO_SOURCE);
}

/** For systems that look whether there is anything at an address before they send to it. */
export async function greet(c: Context<{ Bindings: Env }>, now: number): Promise<Response> {
	const place = await findPlace(c, now);
	if (place instanceof Response) return place;
	return place.side.checked_by_head ? c.body(null, 200) : notPost(c);
}

export async function ingest(c: Context<{ Bindings: Env }>, now: number): Promise<Response> {
	const place = await findPlace(c, now);
	if (place instanceof Response) return place;
	const { source, side } = place;
	const body = await readBody(c.req.raw, MAX_BODY_BYTES);
	if (!body.ok) return problem(c, body.error.status, body.error.detail);
	const delivery = deliveryOf(c, body.value, now);
	if (await handOver(c.env, place, delivery)) return c.json({ events: [] });
	const verdict = await verify(delivery, side.verification(source.config), source.secrets, now);
	if (!verdict.ok) {
		log("unverified", source, { reason: verdict.error });
		return problem(c, 401, UNVERIFIED);
	}
	const json = jsonOf({ ...place, delivery });
	if (!json.ok) {
		const kind = kindOf(place);
		if (kind === "json" && statedKind(delivery.headers) === "form") return problem(c, 400, FORM);
		// What is in the system's own format, and more than we take, would be lost by a refusal: few would send it again.
		const isItsFormat = isWellFormed(delivery.body, kind);
		return isItsFormat ? unreadable(c, { ...place, delivery }, json.error.detail) : problem(c, 400, json.error.detail);
	}
	return take(c, { ...place, delivery }, json.value);
}

interface Taking extends Taken {
	config: TenantConfig;
}

async function take(c: Context<{ Bindings: Env }>, taking: Taking, json: Json): Promise<Response> {
	const reading = readingOf(taking, json);
	if (!reading.ok) return unreadable(c, taking, reading.error);
	if (reading.value.kind === "answer") {
		return c.body(reading.value.body, 200, { "content-type": reading.value.content_type });
	}
	const { events, unread } = reading.value;
	try {
		await routeAll(c.env, events, taking.config.workflows, taking.delivery.received_at);
	} catch (error) {
		log("unstored", taking.source, { error: String(error) });
		return problem(c, 503, "Nothing is lost if the delivery is sent again.");
	}
	if (unread.length > 0) return unreadable(c, taking, unread.join("; "), events);
	return stored200(c, taking, { events: idsOf(events) });
}

function idsOf(events: CanonicalEvent[]): string[] {
	return events.map((event) => event.id);
}

/** In the words that the system wants to read, or in ours. */
function stored200(c: Context, { side, source }: Taking, told: object): Response {
	const own = side.acknowledgement?.(source.config);
	return own === undefined ? c.json(told) : c.body(own.body, 200, { "content-type": own.content_type });
}

async function unreadable(
	c: Context<{ Bindings: Env }>,
	taking: Taking,
	reason: string,
	events: CanonicalEvent[] = [],
): Promise<Response> {
	const { source, side, delivery } = taking;
	try {
		const id = await keepUnreadable(c.env, source, delivery, { reason, trust: side.trust(source.config) });
		log("unreadable", source, { reason, dead_letter: id });
		return stored200(c, taking, { events: idsOf(events), unreadable: reason, dead_letter: id });
	} catch (error) {
		log("unstored", source, { error: String(error) });
		return problem(c, 503, "Nothing is lost if the delivery is sent again.");
	}
}

function deliveryOf(c: Context<{ Bindings: Env }>, body: Uint8Array, now: number): Delivery {
	const { token } = c.req.param();
	const { pathname, search } = new URL(c.req.url);
	return {
		method: c.req.method,
		// Senders sign the address that they were given; what arrives here may have come through a proxy.
		url: c.env.PUBLIC_URL ? c.env.PUBLIC_URL.replace(/\/+$/, "") + pathname + search : c.req.url,
		...(token !== undefined && { path_token: token }),
		headers: Object.fromEntries(c.req.raw.headers),
		query: c.req.query(),
		body,
		received_at: now,
	};
}

/** What the journal cannot tell, never a body or a header: whatever was stored stands there. */
function log(what: string, source: Source, more: Record<string, unknown>): void {
	console.log(JSON.stringify({ at: `edge.${what}`, tenant: source.tenant, source: source.name, ...more }));
}
