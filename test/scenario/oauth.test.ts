// A system that wants OAuth, from the connection over the admin API to what arrives there, and what every setting of it
// makes different.

import { expect, test } from "vitest";
import type { Arrived } from "../../scripts/support/receiver";
import { OAuth } from "../../src/core/token-settings";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { workflow } from "./support/documents";
import { arrivedAt, script, systemAt } from "./support/outside";
import { paid, prove } from "./support/prove";
import { Tenant } from "./support/tenant";
import { pass, TELLING_MS, until } from "./support/time";

const clock = holdClock();

const MINUTE = 60_000;
const GRANT = { status: 200, body: { access_token: "granted-token", refresh_token: "next-one", expires_in: 3_600 } };

function given(acme: Tenant, parts: JsonObject = {}): JsonObject {
	const token_url = systemAt(acme.place("auth"));
	return { token_url, client_id: "client", client_secret: "secret", refresh_token: "consented", ...parts };
}

/** A tenant whose only system acts by OAuth, with these settings besides. */
async function acting(parts: JsonObject = {}): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	await script(acme.place("auth"), GRANT);
	await acme.connect("out", { credentials: { oauth: given(acme, parts) } });
	await acme.publish(workflow("w", "shop", {}));
	return acme;
}

/** With which token an order is told, and what the endpoint was asked for it. */
async function told(parts: JsonObject = {}): Promise<{ bearer: string | undefined; asked: Arrived | undefined }> {
	const acme = await acting(parts);
	await acme.take(paid("o-1"));
	const [request] = await acme.arrived("out", 1);
	return { bearer: request?.headers.authorization, asked: (await arrivedAt(acme.place("auth")))[0] };
}

async function form(parts: JsonObject = {}): Promise<JsonObject> {
	return Object.fromEntries(new URLSearchParams((await told(parts)).asked?.body));
}

const BASIC = `Basic ${btoa("client:secret")}`;

prove("OAuth", OAuth.shape, {
	token_url: async () => {
		const acme = await Tenant.create();
		await script(acme.place("elsewhere"), GRANT);
		const { bearer, asked } = await told({ token_url: systemAt(acme.place("elsewhere")) });
		expect([bearer, asked]).toEqual(["Bearer granted-token", undefined]);
		expect(await arrivedAt(acme.place("elsewhere"))).toHaveLength(1);
	},
	client_id: async () => expect(await form({ auth: "body", client_id: "other" })).toMatchObject({ client_id: "other" }),
	client_secret: async () =>
		expect((await told({ client_secret: "other" })).asked?.headers.authorization).toBe(`Basic ${btoa("client:other")}`),
	refresh_token: async () =>
		expect(await form({ refresh_token: "other" })).toEqual({ grant_type: "refresh_token", refresh_token: "other" }),
	scope: async () => expect(await form({ scope: "a b" })).toMatchObject({ scope: "a b" }),
	auth: async () => {
		expect((await told({ auth: "basic" })).asked?.headers.authorization).toBe(BASIC);
		expect((await told({ auth: "body" })).asked?.headers.authorization).toBeUndefined();
	},
	grant: async () => expect(await form({ grant: "client_credentials" })).toEqual({ grant_type: "client_credentials" }),
	access_token: async () =>
		expect(await told({ access_token: "given" })).toEqual({ bearer: "Bearer given", asked: undefined }),
	expires_at: async () => {
		const inTime = await told({ access_token: "given", expires_at: clock.now() + 120_000 });
		expect(inTime).toEqual({ bearer: "Bearer given", asked: undefined });
		const over = await told({ access_token: "given", expires_at: clock.now() - 1 });
		expect(over.bearer).toBe("Bearer granted-token");
	},
});

test("a system that ends its tokens early is told all the same, and once", async () => {
	const acme = await acting();
	await script(acme.place("auth"), GRANT, { status: 200, body: { access_token: "second-token" } });
	await script(acme.place("out"), { status: 401 }, { status: 200 });
	await acme.take(paid("o-1"));
	await acme.stepIs("waiting", 1);
	await pass(MINUTE);
	const requests = await acme.arrived("out", 2);
	expect(requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer granted-token", "Bearer second-token"]);
	expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
	await acme.stepIs("succeeded", 2);
});

test("consent that was withdrawn becomes a dead letter, and is retried after it was given again", async () => {
	const acme = await acting();
	await script(acme.place("auth"), { status: 400, body: { error: "invalid_grant" } });
	await acme.take(paid("o-1"));
	await acme.stepIs("failed");
	await pass(TELLING_MS);
	const letter = await until("there is a letter", async () => (await acme.letters())[0]);
	expect(letter).toMatchObject({ class: "auth", reason: expect.stringContaining("consent must be given again") });
	await script(acme.place("auth"), GRANT);
	const oauth = given(acme, { refresh_token: "consented-again" });
	await acme.connect("out", { credentials: { oauth } });
	await acme.must("POST", `/dead-letters/${letter.id}/retry`, {});
	const [request] = await acme.arrived("out", 1);
	expect(request?.headers.authorization).toBe("Bearer granted-token");
	const said = JSON.stringify([await acme.runs(), (await acme.must("GET", "/connections/out")).body]);
	expect(said).not.toMatch(/granted-token|next-one|consented/);
});

const BARE = { token_url: systemAt("/auth"), client_id: "client" };

test.each<[JsonObject, string]>([
	[{ ...BARE, grant: "refresh_token" }, "credentials.oauth.refresh_token"],
	[{ ...BARE, grant: "client_credentials" }, "credentials.oauth.client_secret"],
	[{ ...BARE, refresh_token: "r", token_url: "nowhere" }, "credentials.oauth.token_url"],
	[{ ...BARE, refresh_token: "r", acess_token: "t" }, "credentials.oauth"],
])("settings like %j are refused with the place that is wrong", async (oauth, path) => {
	const acme = await Tenant.create();
	const body = { connector: "http", owner: "tests", config: { base_url: systemAt("") }, credentials: { oauth } };
	const answer = await acme.call("PUT", "/connections/out", body);
	expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
});
