// How systems say hello: a secret that is handed over, an address that is looked at, a challenge, a token in the address,
// and batches of which a part cannot be read.

import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { sign } from "./support/outside";
import { Tenant } from "./support/tenant";

holdClock();

let acme: Tenant;
beforeAll(async () => {
	acme = await Tenant.create();
});

function knock(path: string, init: RequestInit = {}): Promise<Response> {
	return exports.default.fetch(new Request(`https://signalbox.test/in/${acme.name}/${path}`, init));
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
	const json = { "content-type": "application/json", ...headers };
	return knock(path, { method: "POST", headers: json, body: JSON.stringify(body) });
}

async function hexHmac(secret: string, text: string): Promise<string> {
	const encoder = new TextEncoder();
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
	const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
	return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("Notion hands its secret over", () => {
	const TOKEN = "secret_ofNotionsChoice";
	const page = (id: string) => ({
		...{ id, type: "page.created", timestamp: "2026-11-20T09:59:31.285Z", workspace_id: "w", attempt_number: 1 },
		...{ entity: { id: "p-1", type: "page" }, authors: [{ id: "u-1", type: "person" }], data: {} },
	});
	const handover = (source: string) => acme.call("GET", `/sources/${source}/handover`);

	async function signed(source: string, id: string): Promise<number> {
		const body = JSON.stringify(page(id));
		const signature = `sha256=${await hexHmac(TOKEN, body)}`;
		const headers = { "content-type": "application/json", "x-notion-signature": signature };
		return (await knock(source, { method: "POST", headers, body })).status;
	}

	test("which is kept while there is none, shown to the admin, and counts once it is set", async () => {
		const created = await acme.must("PUT", "/sources/wiki", { connector: "notion" });
		expect(created.body).toMatchObject({ awaits_secret: true, secrets: [] });
		expect(await signed("wiki", "e-1")).toBe(401);
		expect((await handover("wiki")).status).toBe(404);

		const answer = await post("wiki", { verification_token: TOKEN });
		expect([answer.status, await answer.json()]).toEqual([200, { events: [] }]);
		expect((await handover("wiki")).body).toEqual({ secret: TOKEN, received_at: expect.any(Number) });
		// Nobody has set it yet: whoever planted it cannot sign with it.
		expect(await signed("wiki", "e-1")).toBe(401);

		expect((await acme.call("POST", "/sources/wiki/secrets", { secret: TOKEN })).body.awaits_secret).toBe(false);
		expect(await signed("wiki", "e-1")).toBe(200);
		expect((await handover("wiki")).status).toBe(404);
	});

	test("and of several that come before, the last is kept", async () => {
		await acme.must("PUT", "/sources/twice", { connector: "notion" });
		for (const token of ["secret_first", TOKEN]) await post("twice", { verification_token: token });
		expect((await handover("twice")).body.secret).toBe(TOKEN);
	});

	test("but nobody can plant one where there is a secret", async () => {
		await acme.must("PUT", "/sources/settled", { connector: "notion", secrets: [TOKEN] });
		expect((await post("settled", { verification_token: "secret_planted" })).status).toBe(401);
		expect((await handover("settled")).status).toBe(404);
	});

	test.each([
		[{}],
		[{ verification_token: 1 }],
		[{ verification_token: "" }],
		[{ verification_token: "x".repeat(5_000) }],
		[[]],
	])("and %j is none", async (body) => {
		await acme.must("PUT", "/sources/odd", { connector: "notion" });
		expect((await post("odd", body)).status).toBe(401);
		expect((await handover("odd")).status).toBe(404);
	});

	test("and a system that does not, needs its secret at once", async () => {
		const refused = await acme.call("PUT", "/sources/gh", { connector: "github" });
		expect([refused.status, refused.body.errors]).toMatchObject([422, [{ path: "secrets" }]]);
	});

	test("and only an admin may read it", async () => {
		const token = await acme.token("read", "operate", "publish");
		expect((await acme.call("GET", "/sources/twice/handover", undefined, token)).status).toBe(403);
	});
});

test("Intercom's look at an address is answered, and nobody else's is", async () => {
	await acme.source("desk", "intercom", "client-secret");
	await acme.source("gh", "github", "secret");
	const look = async (path: string, method = "HEAD") => (await knock(path, { method })).status;
	expect([await look("desk"), await look("gh"), await look("nothing"), await look("desk", "GET")]).toEqual([
		...[200, 405, 404, 405],
	]);
});

test("a token at the end of the address counts where the source looks for it, and leads nowhere elsewhere", async () => {
	await acme.source("status", "statuspage", "a-long-token");
	await acme.source("gh2", "github", "secret");
	const update = {
		id: "u1",
		created_at: "2026-11-20T09:59:50.120Z",
		old_status: "operational",
		new_status: "major_outage",
		component_id: "c1",
	};
	const body = {
		meta: { unsubscribe: "https://x.example/unsubscribe" },
		page: { id: "p1" },
		component_update: update,
		component: { id: "c1", name: "API", status: "major_outage" },
	};
	const statuses: number[] = [];
	for (const path of ["status/a-long-token", "status/another", "status", "gh2/secret", "status/a-long-token/more"]) {
		statuses.push((await post(path, body)).status);
	}
	expect(statuses).toEqual([200, 401, 401, 404, 404]);
});

test("of a batch what can be read acts, and the rest is kept for people", async () => {
	await acme.source("crm", "hubspot", "client-secret");
	await acme.publish({
		name: "w",
		owner: "tests",
		on: { source: "crm", event: "deal.*" },
		steps: [{ id: "w", use: "wait", with: { for: "1s" } }],
	});
	const event = (eventId: number, more: JsonObject = {}) => ({
		...{
			eventId,
			subscriptionId: 1,
			portalId: 2,
			appId: 3,
			occurredAt: 1_795_168_796_000,
			attemptNumber: 0,
			objectId: 991,
		},
		...{ subscriptionType: "object.propertyChange", objectTypeId: "0-3", propertyName: "amount", propertyValue: "1" },
		...{ changeSource: "CRM_UI", sourceId: "userId:1", ...more },
	});
	const body = JSON.stringify([event(1), { nonsense: true }, event(2)]);
	const url = `https://signalbox.test/in/${acme.name}/crm`;
	const proof = await sign({ vendor: "hubspot", secret: "client-secret", body, id: "", at: Date.now(), url });
	const headers = { "content-type": "application/json", ...proof };
	const answer = await knock("crm", { method: "POST", headers, body });
	const told: { events: string[]; unreadable: string; dead_letter: string } = await answer.json();
	expect([answer.status, told.events.length]).toEqual([200, 2]);
	expect(told.unreadable).toMatch(/\b2\b|\b1\b/);
	expect((await acme.must("GET", `/dead-letters/${told.dead_letter}`)).body.letter).toMatchObject({
		class: "unreadable",
	});
});

test("what is kept because it cannot be read holds nothing that is as good as a password", async () => {
	await acme.source("sf", "salesforce", "a-long-token");
	const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><notifications><OrganizationId>00D5e000001FERNEAO</OrganizationId><SessionId>00D!s3cretSession</SessionId><Notification><Id>04l5e00000HUMAN1AA</Id><sObject><Id>0065e00000FERN1AAA</Id></sObject></Notification></notifications></s:Body></s:Envelope>`;
	const answer = await knock("sf/a-long-token", { method: "POST", headers: { "content-type": "text/xml" }, body });
	expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("<Ack>true</Ack>")]);
	const { objects } = await env.ARCHIVE.list({ prefix: `${acme.name}/unreadable/` });
	const kept = await Promise.all(objects.map(async ({ key }) => (await env.ARCHIVE.get(key))?.text()));
	expect(kept.join()).toContain("<SessionId>[redacted]</SessionId>");
	expect(kept.join()).not.toContain("s3cretSession");
});
