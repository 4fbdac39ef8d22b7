// Every setting of a source makes a difference, and here is which: each is tried with a delivery that only it lets in, or
// reads in its way. A setting that is added must be proved here too.

import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectors } from "../../src/connectors/index";
import type { CanonicalEvent } from "../../src/model/event";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { workflow } from "./support/documents";
import { storedEvent, watch } from "./support/entities";
import { gitHub, SECRETS, type Sent, standard, stripe } from "./support/senders";
import { Tenant } from "./support/tenant";

holdClock();

let acme: Tenant;
beforeAll(async () => {
	acme = await Tenant.create();
	await acme.connect("out");
});
beforeEach(() => watch(acme.name));

const SECRET = "a-secret-of-a-source";
let serial = 0;

/** What becomes of a delivery at a source with these settings: its status, and the event. */
async function at(
	connector: string,
	config: JsonObject,
	{ headers = {}, query = "", body }: { headers?: Record<string, string>; query?: string; body: string },
	secret = SECRET,
): Promise<{ status: number; event?: CanonicalEvent }> {
	serial += 1;
	const name = `source-${serial}`;
	await acme.source(name, connector, secret, config);
	await acme.publish(workflow("all", name, {}));
	const { status, body: answer } = await acme.deliver({ source: `${name}${query}`, headers, body });
	const [id] = (answer.events ?? []) as string[];
	return { status, event: id === undefined ? undefined : await storedEvent(acme.name, id) };
}

function bodyOf(more: JsonObject = {}): string {
	serial += 1;
	return JSON.stringify({ id: `d-${serial}`, type: "order.paid", data: { id: "o-1" }, ...more });
}

function keysOf(connector: string): string[] {
	const config = connectors[connector]?.source?.config as unknown as { shape?: object } | undefined;
	return Object.keys(config?.shape ?? {});
}

type Proofs = Record<string, () => Promise<void>>;

/** Settings that several connectors share are proved once. */
function prove(connector: string, proofs: Proofs, shared: string[] = []): void {
	describe(connector, () => {
		test.each(Object.entries(proofs))("%s", (_, proof) => proof());
		test("and there is no other setting", () => {
			expect([...Object.keys(proofs), ...shared].sort()).toEqual(keysOf(connector).sort());
			expect(keysOf(connector)).not.toEqual([]);
		});
	});
}

const TOKEN = { "x-webhook-token": SECRET };

/** An event that a source with a token and these settings reads from this body. */
async function read(
	config: JsonObject,
	body: JsonObject,
	headers: Record<string, string> = {},
): Promise<CanonicalEvent> {
	const { status, event } = await at("token", config, { headers: { ...TOKEN, ...headers }, body: bodyOf(body) });
	if (event === undefined) throw new Error(`no event: ${status}`);
	return event;
}

const mapping: Proofs = {
	event_id: async () => {
		const twice = async (config: JsonObject) => {
			const ids = [];
			for (let n = 0; n < 2; n++) ids.push((await read(config, { delivery: "same" })).id);
			return ids;
		};
		// Sources have their own ids, so each pair goes to one source.
		await acme.source("ids", "token", SECRET, { event_id: "delivery" });
		await acme.publish(workflow("ids", "ids", {}));
		const send = () => acme.take({ source: "ids", headers: TOKEN, body: bodyOf({ delivery: "same" }) });
		expect(await send()).toBe(await send());
		expect(new Set(await twice({})).size).toBe(2);
		const { event } = await at(
			"token",
			{ event_id: "header:x-id" },
			{ headers: { ...TOKEN, "x-id": "h-1" }, body: '{"type":"a.b","data":{"id":1}}' },
		);
		expect(event?.entity).toEqual({ type: "a", id: "1" });
	},
	event_type: async () => {
		expect((await read({ event_type: "topic" }, { topic: "cart.dropped" })).event_type).toBe("cart.dropped");
		expect((await read({ event_type: "value:fixed.type" }, {})).event_type).toBe("fixed.type");
		expect((await read({ event_type: ["nowhere", "header:x-topic"] }, {}, { "x-topic": "by.header" })).event_type).toBe(
			"by.header",
		);
	},
	entity_type: async () => {
		expect((await read({}, {})).entity.type).toBe("order");
		expect((await read({ entity_type: "data.kind" }, { data: { id: "o-1", kind: "basket" } })).entity.type).toBe(
			"basket",
		);
	},
	entity_id: async () => {
		expect((await read({ entity_id: "data.number" }, { data: { number: 42 } })).entity.id).toBe("42");
		expect(
			(await read({ entity_id: ["data.a", "data.items.0.id"] }, { data: { items: [{ id: "deep" }] } })).entity.id,
		).toBe("deep");
	},
	occurred_at: async () => {
		const noon = "2031-12-31T12:00:00.000Z";
		expect((await read({ occurred_at: "data.at" }, { data: { id: "o-1", at: noon } })).timestamp).toBe(noon);
	},
	actor_kind: async () => {
		expect((await read({}, { actor: { kind: "user" } })).actor.kind).toBe("human");
		expect((await read({ actor_kind: "by.what" }, { by: { what: "bot" } })).actor.kind).toBe("automation");
		expect((await read({}, {})).actor.kind).toBe("unknown");
	},
	actor_id: async () => expect((await read({ actor_id: "by.id" }, { by: { id: 7 } })).actor.id).toBe("7"),
	actor_kinds: async () => {
		const config = { actor_kinds: { Mensch: "human", user: "system" } };
		expect((await read(config, { actor: { kind: "Mensch" } })).actor.kind).toBe("human");
		expect((await read(config, { actor: { kind: "user" } })).actor.kind).toBe("system");
	},
	own: async () => {
		const body = { actor: { kind: "user", id: "us" } };
		expect((await read({}, body)).actor.kind).toBe("human");
		expect((await read({ own: ["us"] }, body)).actor).toEqual({ kind: "self", id: "us" });
	},
};

async function status(config: JsonObject, how: { headers?: Record<string, string>; query?: string }): Promise<number> {
	return (await at("token", config, { ...how, body: bodyOf() })).status;
}

prove("token", {
	header: async () => {
		expect(await status({ header: "x-my-token" }, { headers: { "x-my-token": SECRET } })).toBe(200);
		expect(await status({ header: "x-my-token" }, { headers: TOKEN })).toBe(401);
	},
	query: async () => {
		expect(await status({ query: "key" }, { query: `?key=${SECRET}` })).toBe(200);
		expect(await status({ query: "key" }, { query: `?token=${SECRET}` })).toBe(401);
		expect(await status({}, { query: `?token=${SECRET}` })).toBe(200);
	},
	places: async () => {
		const bearer = { authorization: `Bearer ${SECRET}` };
		expect(await status({}, { headers: bearer })).toBe(200);
		expect(await status({ places: ["header"] }, { headers: bearer })).toBe(401);
		expect(await status({ places: ["bearer"] }, { headers: TOKEN })).toBe(401);
		// The first place that holds anything counts.
		const wrong = { headers: { "x-webhook-token": "wrong", ...bearer } };
		expect([await status({}, wrong), await status({ places: ["bearer", "header"] }, wrong)]).toEqual([401, 200]);
	},
	...mapping,
});

type Hash = "SHA-1" | "SHA-256" | "SHA-512";

async function mac(
	text: string,
	{ hash = "SHA-256", key = SECRET }: { hash?: Hash; key?: string | Uint8Array<ArrayBuffer> } = {},
) {
	const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key;
	const imported = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]);
	return new Uint8Array(await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text)));
}

function hex(bytes: Uint8Array): string {
	return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes));
}

/** True if the settings let the delivery in, and a source without them does not. */
async function onlyWith(
	config: JsonObject,
	without: JsonObject,
	headers: Record<string, string>,
	body: string,
	secret = SECRET,
): Promise<void> {
	expect((await at("hmac", config, { headers, body }, secret)).status).toBe(200);
	expect((await at("hmac", without, { headers, body }, secret)).status).toBe(401);
}

const TIMED = { signed: "{timestamp}.{body}", timestamp_header: "x-time" };

/** A delivery that was signed so long ago. */
async function timed(
	agoMs: number,
	unit: "s" | "ms" = "s",
): Promise<{ headers: Record<string, string>; body: string }> {
	const body = bodyOf();
	const time = String(Math.floor((Date.now() - agoMs) / (unit === "s" ? 1_000 : 1)));
	return { body, headers: { "x-time": time, "x-signature": hex(await mac(`${time}.${body}`)) } };
}

prove(
	"hmac",
	{
		signature_header: async () => {
			const body = bodyOf();
			await onlyWith({ signature_header: "x-mac" }, {}, { "x-mac": hex(await mac(body)) }, body);
		},
		signature_format: async () => {
			const body = bodyOf();
			const list = `${"0".repeat(64)},${hex(await mac(body))}`;
			await onlyWith({ signature_format: "list" }, {}, { "x-signature": list }, body);
			await onlyWith({ signature_format: "fields" }, {}, { "x-signature": `v0=x,v1=${hex(await mac(body))}` }, body);
		},
		prefix: async () => {
			const body = bodyOf();
			await onlyWith({ prefix: "sha256=" }, {}, { "x-signature": `sha256=${hex(await mac(body))}` }, body);
		},
		separator: async () => {
			const body = bodyOf();
			const list = `${"0".repeat(64)}; ${hex(await mac(body))}`;
			await onlyWith(
				{ signature_format: "list", separator: ";" },
				{ signature_format: "list" },
				{ "x-signature": list },
				body,
			);
		},
		signature_field: async () => {
			const body = bodyOf();
			const fields = { "x-signature": `s=${hex(await mac(body))}` };
			await onlyWith(
				{ signature_format: "fields", signature_field: "s" },
				{ signature_format: "fields" },
				fields,
				body,
			);
		},
		hash: async () => {
			const body = bodyOf();
			await onlyWith({ hash: "SHA-512" }, {}, { "x-signature": hex(await mac(body, { hash: "SHA-512" })) }, body);
			await onlyWith({ hash: "SHA-1" }, {}, { "x-signature": hex(await mac(body, { hash: "SHA-1" })) }, body);
		},
		encoding: async () => {
			const body = bodyOf();
			await onlyWith({ encoding: "base64" }, {}, { "x-signature": base64(await mac(body)) }, body);
		},
		key_encoding: async () => {
			const body = bodyOf();
			const key = crypto.getRandomValues(new Uint8Array(32));
			const headers = { "x-signature": hex(await mac(body, { key })) };
			await onlyWith({ key_encoding: "base64" }, {}, headers, body, base64(key));
		},
		key_prefix: async () => {
			const body = bodyOf();
			const key = crypto.getRandomValues(new Uint8Array(32));
			const headers = { "x-signature": hex(await mac(body, { key })) };
			const secret = `whsec_${base64(key)}`;
			await onlyWith({ key_encoding: "base64", key_prefix: "whsec_" }, {}, headers, body, secret);
			const without = { connector: "hmac", config: { key_encoding: "base64" }, secrets: [secret] };
			expect((await acme.call("PUT", "/sources/without-prefix", without)).status).toBe(422);
		},
		signed: async () => {
			const body = bodyOf();
			await onlyWith({ signed: "v1:{body}" }, {}, { "x-signature": hex(await mac(`v1:${body}`)) }, body);
		},
		timestamp_header: async () => {
			expect((await at("hmac", TIMED, await timed(0))).event?.trust).toBe("signed");
			expect((await at("hmac", TIMED, await timed(301_000))).status).toBe(401);
			const body = bodyOf();
			const untimed = await at("hmac", {}, { headers: { "x-signature": hex(await mac(body)) }, body });
			expect(untimed.event?.trust).toBe("signed_untimed");
		},
		timestamp_field: async () => {
			const config = { signature_format: "fields", signed: "{timestamp}.{body}", timestamp_field: "t" };
			const signed = async (agoMs: number) => {
				const body = bodyOf();
				const time = Math.floor((Date.now() - agoMs) / 1_000);
				return { body, headers: { "x-signature": `t=${time},v1=${hex(await mac(`${time}.${body}`))}` } };
			};
			expect((await at("hmac", config, await signed(0))).status).toBe(200);
			expect((await at("hmac", config, await signed(301_000))).status).toBe(401);
		},
		timestamp_unit: async () => {
			expect((await at("hmac", { ...TIMED, timestamp_unit: "ms" }, await timed(0, "ms"))).status).toBe(200);
			expect((await at("hmac", TIMED, await timed(0, "ms"))).status).toBe(401);
		},
		tolerance_sec: async () => {
			expect((await at("hmac", { ...TIMED, tolerance_sec: 10 }, await timed(11_000))).status).toBe(401);
			expect((await at("hmac", { ...TIMED, tolerance_sec: 3_600 }, await timed(3_599_000))).status).toBe(200);
		},
		id_header: async () => {
			const body = bodyOf();
			const headers = { "x-id": "d-1", "x-signature": hex(await mac(`d-1.${body}`)) };
			const config = { signed: "{id}.{body}", id_header: "x-id" };
			expect((await at("hmac", config, { headers, body })).status).toBe(200);
			expect((await at("hmac", config, { headers: { ...headers, "x-id": "d-2" }, body })).status).toBe(401);
		},
	},
	Object.keys(mapping),
);

function accepted(connector: string, config: JsonObject, sent: Sent, secret: string) {
	return at(connector, config, sent, secret);
}

prove(
	"standard-webhooks",
	{
		headers: async () => {
			const sent = await standard("user.created", { id: "u-1" });
			const svix = Object.fromEntries(
				Object.entries(sent.headers).map(([name, value]) => [name.replace(/^webhook-/, "svix-"), value]),
			);
			const config = { headers: "svix" };
			expect((await accepted("standard-webhooks", config, { ...sent, headers: svix }, SECRETS.accounts)).status).toBe(
				200,
			);
			expect((await accepted("standard-webhooks", config, sent, SECRETS.accounts)).status).toBe(401);
			expect((await accepted("standard-webhooks", {}, sent, SECRETS.accounts)).status).toBe(200);
		},
	},
	Object.keys(mapping).filter((key) => key !== "event_id"),
);

prove("github", {
	own: async () => {
		const sent = await gitHub({ sender: { id: 7, login: "our-app[bot]", type: "Bot" } });
		expect((await accepted("github", {}, sent, SECRETS.github)).event?.actor.kind).toBe("automation");
		expect((await accepted("github", { own: ["7"] }, sent, SECRETS.github)).event?.actor.kind).toBe("self");
	},
});

prove("stripe", {
	own_key_prefix: async () => {
		const object = { id: "ch_1", object: "charge" };
		const ours = () => stripe("charge.updated", object, { request: { id: "req_1", idempotency_key: "crm-17" } });
		expect((await accepted("stripe", {}, await ours(), SECRETS.stripe)).event?.actor.kind).toBe("unknown");
		expect((await accepted("stripe", { own_key_prefix: "crm-" }, await ours(), SECRETS.stripe)).event?.actor.kind).toBe(
			"self",
		);
	},
});
