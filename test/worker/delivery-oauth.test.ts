// A connection by OAuth: one request for a token however many ask, nothing given out before it is stored, and work that
// waits for its token instead of failing.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { firstHeld } from "../../src/core/token";
import { OAuth } from "../../src/core/token-settings";
import type { Attempt } from "../../src/delivery/attempt";
import { Access } from "../../src/delivery/token-access";
import { tokenExchange } from "../../src/delivery/token-endpoint";
import { settingsOf } from "../../src/delivery/token-settings";
import { TokenStore } from "../../src/delivery/token-store";
import type { JsonObject } from "../../src/model/json";
import type { Authorization, ConnectionCalls } from "../../src/model/message";
import { connectionName } from "../../src/model/names";
import { connectionOf } from "../../src/stubs";
import { must } from "./admin";
import { TEST_SETTINGS } from "./settings";
import { holdClock } from "./support/clock";
import { refusalOf } from "./support/entity";
import { Office, type OfficeStep, type Started } from "./support/office";
import { holdQueues } from "./support/queues";
import { Target } from "./support/receiver";
import type { Answer } from "./support/receiver-setup";

const queues = holdQueues();
const clock = holdClock();

afterEach(() => vi.restoreAllMocks());

const HOUR_S = 3_600;
const MINUTE = 60_000;
const STEP: OfficeStep = { id: "tell", connection: "out" };

/** An answer that grants the n-th pair. */
function grants(n: number, parts: Partial<Answer> = {}): Answer {
	const body = { access_token: `access-${n}`, refresh_token: `refresh-${n}`, expires_in: HOUR_S, token_type: "Bearer" };
	return { body, ...parts };
}

class Shop {
	private constructor(
		readonly office: Office,
		readonly api: Target,
		readonly endpoint: Target,
	) {}

	/** A connection whose token endpoint answers like this, and that has got no token yet. */
	static async open(answers: Answer[], parts: JsonObject = {}): Promise<Shop> {
		const shop = new Shop(await Office.open(queues), new Target(), await new Target().answers(...answers));
		await shop.give(parts);
		return shop;
	}

	oauth(parts: JsonObject = {}): JsonObject {
		const token_url = `${this.endpoint.url}/token`;
		return { token_url, client_id: "client", client_secret: "very-secret", refresh_token: "refresh-0", ...parts };
	}

	/** Puts the connection's credentials. */
	async give(parts: JsonObject = {}): Promise<void> {
		await this.office.connect("out", this.api.url, { credentials: { oauth: this.oauth(parts) } });
	}

	/** A new stub every time: one whose object was reset stays broken. */
	get calls(): ConnectionCalls {
		return connectionOf(env, this.office.tenant, "out");
	}

	get stub(): DurableObjectStub {
		return env.CONNECTION.getByName(connectionName(this.office.tenant, "out"));
	}

	async authorize(parts: JsonObject = {}): Promise<Authorization> {
		return this.calls.authorize(await settingsOf(this.oauth(parts)));
	}

	/** The token that is given out now. */
	async token(parts: JsonObject = {}): Promise<string> {
		const authorization = await this.authorize(parts);
		return authorization.state === "go" ? authorization.token : authorization.state;
	}

	/** The refresh tokens that the endpoint was shown, in order. */
	async shown(): Promise<(string | null)[]> {
		return (await this.endpoint.arrived()).map(({ body }) => new URLSearchParams(body).get("refresh_token"));
	}

	async abort(): Promise<void> {
		await runInDurableObject(this.stub, (_, state) => state.abort("the test pulls the plug")).catch(() => {});
	}

	/** Delivers what there is, and again after so much time. */
	async deliverAfter(run: Started, ms: number): Promise<void> {
		clock.advance(ms);
		await run.home.ring();
		await this.office.deliver();
	}

	async bearers(): Promise<(string | undefined)[]> {
		return (await this.api.arrived()).map(({ headers }) => headers.authorization);
	}
}

async function stepOf({ home, run }: Started) {
	return (await home.storedRun(run)).steps[0];
}

/** As long as a test needs it, saving does this before it is done. */
function beforeSaving(act: (nth: number) => Promise<void> | void): void {
	const save = TokenStore.prototype.save;
	let nth = 0;
	vi.spyOn(TokenStore.prototype, "save").mockImplementation(async function (this: TokenStore, held) {
		await act(++nth);
		return save.call(this, held);
	});
}

describe("one request", () => {
	test("is under way, however many ask", async () => {
		const shop = await Shop.open([grants(1, { after: 200 }), grants(2)]);
		const tokens = await Promise.all(Array.from({ length: 50 }, () => shop.token()));
		expect(new Set(tokens)).toEqual(new Set(["access-1"]));
		expect(await shop.shown()).toEqual(["refresh-0"]);
	});

	test("lasts until shortly before the token expires, and the next one shows the next refresh token", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		expect(await shop.token()).toBe("access-1");
		clock.advance(HOUR_S * 1_000 - 90_001);
		expect(await shop.token()).toBe("access-1");
		clock.advance(31_000);
		expect(await shop.token()).toBe("access-2");
		expect(await shop.shown()).toEqual(["refresh-0", "refresh-1"]);
	});

	test("is made for the client alone where that is the grant", async () => {
		const shop = await Shop.open([grants(1)], { grant: "client_credentials", auth: "body", scope: "all" });
		expect(await shop.token({ grant: "client_credentials", auth: "body", scope: "all" })).toBe("access-1");
		const [request] = await shop.endpoint.arrived();
		expect(request?.body).toBe("grant_type=client_credentials&scope=all&client_id=client&client_secret=very-secret");
	});

	test("is not made where the operator gave a token that is still good", async () => {
		const parts = { access_token: "given", expires_at: clock.now() + 10 * MINUTE };
		const shop = await Shop.open([grants(1)], parts);
		expect(await shop.token(parts)).toBe("given");
		clock.advance(9 * MINUTE);
		expect(await shop.token(parts)).toBe("access-1");
	});
});

describe("a new pair", () => {
	test("is given to nobody before it is stored", async () => {
		const shop = await Shop.open([grants(1)]);
		const stored = Promise.withResolvers<void>();
		beforeSaving((nth) => (nth === 3 ? stored.promise : undefined));
		const asked = shop.authorize();
		expect(await asked).toMatchObject({ state: "wait" });
		stored.resolve();
		await expect.poll(() => shop.token()).toBe("access-1");
		expect(await shop.shown()).toEqual(["refresh-0"]);
	});

	test("is used after the object died right after it was stored", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		expect(await shop.token()).toBe("access-1");
		await shop.abort();
		expect(await shop.token()).toBe("access-1");
		clock.advance(HOUR_S * 1_000);
		expect(await shop.token()).toBe("access-2");
		expect(await shop.shown()).toEqual(["refresh-0", "refresh-1"]);
	});

	test("that is lost because the object died before it was stored is asked for again with the old refresh token", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		beforeSaving(async (nth) => {
			if (nth === 3) await shop.abort();
		});
		await refusalOf(shop.authorize());
		vi.restoreAllMocks();
		expect(await shop.token()).toBe("access-2");
		expect(await shop.shown()).toEqual(["refresh-0", "refresh-0"]);
	});

	test("that is lost for good says that consent must be given again", async () => {
		const shop = await Shop.open([
			grants(1, { ill: "cut" }),
			{ status: 400, body: { error: "invalid_grant", error_description: "refresh-0 was used before" } },
		]);
		expect(await shop.authorize()).toMatchObject({ state: "wait" });
		clock.advance(2_000);
		expect(await shop.authorize()).toEqual({
			...{ state: "refused", class: "auth" },
			reason: expect.stringMatching(/invalid_grant, after an answer was lost .*consent must be given again/),
		});
		await shop.abort();
		expect(await shop.authorize()).toMatchObject({ state: "refused" });
		expect(await shop.shown()).toEqual(["refresh-0", "refresh-0"]);
	});

	test("stands in the storage as nobody can read it", async () => {
		const shop = await Shop.open([grants(1)]);
		await shop.token();
		const stored = JSON.stringify(await runInDurableObject(shop.stub, (_, { storage }) => [...storage.kv.list()]));
		expect(stored).toContain("v1.k2.");
		expect(stored).not.toMatch(/access-1|refresh-|very-secret/);
	});
});

describe("new credentials", () => {
	test("reset everything, and a batch that still knows the old ones changes nothing", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		await shop.token();
		const parts = { refresh_token: "consented" };
		await shop.give(parts);
		expect(await shop.token(parts)).toBe("access-2");
		expect(await shop.token()).toBe("access-2");
		expect(await shop.token(parts)).toBe("access-2");
		expect(await shop.shown()).toEqual(["refresh-0", "consented"]);
	});

	test("that come while a request is under way are not answered with what it brings", async () => {
		const shop = await Shop.open([grants(1, { after: 300 }), grants(2)]);
		const before = shop.token();
		await expect.poll(() => shop.shown()).toHaveLength(1);
		const parts = { refresh_token: "consented" };
		await shop.give(parts);
		expect(await shop.token(parts)).toBe("access-2");
		expect(await before).toBe("access-1");
	});

	test("that are the same keep what was granted since", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		await shop.token();
		await shop.give();
		clock.advance(HOUR_S * 1_000);
		expect(await shop.token()).toBe("access-2");
		expect(await shop.shown()).toEqual(["refresh-0", "refresh-1"]);
	});

	test("end the wait for people", async () => {
		const shop = await Shop.open([{ status: 401, body: { error: "invalid_client" } }, grants(1)]);
		expect(await shop.authorize()).toMatchObject({ state: "refused" });
		clock.advance(11_000);
		expect(await shop.authorize()).toMatchObject({ state: "refused" });
		expect(await shop.authorize({ refresh_token: "stale" })).toMatchObject({ state: "refused" });
		expect(await shop.shown()).toHaveLength(1);
		await shop.give();
		clock.advance(11_000);
		expect(await shop.token()).toBe("access-1");
	});
});

describe("work", () => {
	test("goes out with the token, asked for once for a batch", async () => {
		const shop = await Shop.open([grants(1)]);
		const first = await shop.office.start("forward", [STEP]);
		await shop.office.startAgain("forward", [STEP]);
		expect(await shop.office.deliver()).toEqual(["acked", "acked"]);
		expect(await shop.bearers()).toEqual(["Bearer access-1", "Bearer access-1"]);
		expect(await stepOf(first)).toMatchObject({ status: "succeeded", attempts: 1 });
	});

	test("whose token is refused is done with the next one under the same key", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		await shop.api.answers({ status: 401 }, { body: { done: true } });
		const run = await shop.office.start("forward", [STEP]);
		await shop.office.deliver();
		expect(await stepOf(run)).toMatchObject({ status: "waiting", attempts: 1 });
		await shop.deliverAfter(run, 2_000);
		expect(await stepOf(run)).toMatchObject({ status: "succeeded", attempts: 2 });
		expect(await shop.bearers()).toEqual(["Bearer access-1", "Bearer access-2"]);
		const keys = (await shop.api.arrived()).map(({ headers }) => headers["idempotency-key"]);
		expect(new Set(keys).size).toBe(1);
	});

	test("that is refused with a fresh token too ends as auth", async () => {
		const shop = await Shop.open([grants(1), grants(2), grants(3)]);
		await shop.api.answers({ status: 401 });
		const run = await shop.office.start("forward", [STEP]);
		await shop.office.deliver();
		await shop.deliverAfter(run, 2_000);
		expect(await stepOf(run)).toMatchObject({
			...{ status: "failed", class: "auth", attempts: 2 },
			reason: expect.stringContaining("just renewed: check what the connection's client may do"),
		});
		expect(await shop.shown()).toEqual(["refresh-0", "refresh-1"]);
	});

	test("of which the first step shows that the token is refused keeps the rest back, and none is failed", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		await shop.api.answers(...Array.from({ length: 6 }, () => ({ status: 401 })), {});
		const runs = [await shop.office.start("forward", [STEP])];
		for (let n = 1; n < 10; n++) runs.push(await shop.office.startAgain("forward", [STEP]));
		await shop.office.deliver();
		const refused = (await shop.api.arrived()).length;
		expect(refused).toBeLessThanOrEqual(6);
		clock.advance(2_000);
		for (const { home } of runs) await home.ring();
		await shop.office.deliver();
		const statuses = await Promise.all(runs.map(async (run) => (await stepOf(run))?.status));
		expect(new Set(statuses)).toEqual(new Set(["succeeded"]));
		expect(await shop.shown()).toEqual(["refresh-0", "refresh-1"]);
	});

	test("whose look for an earlier attempt was refused looks again with the next token", async () => {
		const shop = await Shop.open([grants(1), grants(2)]);
		const authorization = await shop.authorize();
		if (authorization.state !== "go") throw new Error(authorization.state);
		const access = new Access(env, { tenant: shop.office.tenant, connection: "out" }, authorization.serial);
		const unclear: Attempt = {
			outcome: { kind: "unknown", reason: "it cannot be seen", timed_out: false },
			exchange: { probe: { response: { status: 200, headers: {}, body: "" } } },
			looked: { refused: { why: "unauthorized" } },
		};
		expect(await access.judge(unclear)).toEqual(unclear);
		expect(await shop.token()).toBe("access-2");
	});

	test("without consent ends as auth, says what to do, and never reaches the target", async () => {
		const shop = await Shop.open([{ status: 400, body: { error: "invalid_grant" } }]);
		const run = await shop.office.start("forward", [STEP]);
		expect(await shop.office.deliver()).toEqual(["acked"]);
		expect(await stepOf(run)).toMatchObject({
			...{ status: "failed", class: "auth" },
			reason: expect.stringContaining("consent must be given again: get a new refresh token"),
		});
		expect(await shop.api.arrived()).toEqual([]);
	});

	test.each<[string, Answer]>([
		["fails", { status: 500 }],
		["is overloaded", { status: 429, headers: { "retry-after": "2" } }],
		["breaks the connection", { ill: "reset" }],
		["answers too late", grants(9, { after: 1_500 })],
	])("waits while the endpoint %s, which costs no attempt", async (_, answer) => {
		const shop = await Shop.open([answer, grants(1)]);
		const run = await shop.office.start("forward", [STEP]);
		expect(await shop.office.deliver()).toEqual(["acked"]);
		expect(await stepOf(run)).toMatchObject({ status: "waiting", attempts: 0 });
		expect(await shop.api.arrived()).toEqual([]);
		if (answer.after !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.after));
		await shop.deliverAfter(run, 5_000);
		expect(await stepOf(run)).toMatchObject({ status: "succeeded", attempts: 1 });
	});

	test("waits as long as the endpoint asks", async () => {
		const shop = await Shop.open([{ status: 429, headers: { "retry-after": "120" } }, grants(1)]);
		const run = await shop.office.start("forward", [STEP]);
		await shop.office.deliver();
		expect((await stepOf(run))?.due_at).toBeGreaterThanOrEqual(clock.now() + 2 * MINUTE);
		clock.advance(2 * MINUTE - 1);
		expect(await shop.authorize()).toEqual({ state: "wait", ms: 1 });
		clock.advance(1);
		expect(await shop.token()).toBe("access-1");
	});

	test("goes on with a token that is still good while the endpoint fails", async () => {
		const shop = await Shop.open([grants(1), { status: 503 }, grants(2)]);
		await shop.token();
		clock.advance((HOUR_S - 30) * 1_000);
		expect([await shop.token(), await shop.token()]).toEqual(["access-1", "access-1"]);
		expect(await shop.shown()).toHaveLength(2);
		clock.advance(30_000);
		expect(await shop.token()).toBe("access-2");
	});

	test("of other connections does not wait for an endpoint that hangs", async () => {
		const shop = await Shop.open([{ ill: "hang" }]);
		const other = await new Target().answers({});
		await shop.office.connect("other", other.url);
		const waiting = await shop.office.start("forward", [STEP]);
		const going = await shop.office.start("elsewhere", [{ ...STEP, connection: "other" }]);
		const startedAt = performance.now();
		await shop.office.deliver();
		expect(performance.now() - startedAt).toBeLessThan(4_000);
		expect(await stepOf(going)).toMatchObject({ status: "succeeded" });
		expect(await stepOf(waiting)).toMatchObject({ status: "waiting", attempts: 0 });
		const [request] = await other.arrived();
		expect(request?.headers.authorization).toBeUndefined();
	});

	test("of another tenant has a token of its own", async () => {
		const [mine, theirs] = [await Shop.open([grants(1)]), await Shop.open([grants(2)])];
		expect([await mine.token(), await theirs.token()]).toEqual(["access-1", "access-2"]);
		await mine.calls.refuse(2);
		expect(await theirs.token()).toBe("access-2");
		expect(await theirs.shown()).toHaveLength(1);
	});
});

describe("nobody sees", () => {
	const SECRETS = /access-\d|refresh-\d|very-secret|Y2xpZW50OnZlcnktc2VjcmV0/;

	test("a token or a secret in what is told, logged or answered", async () => {
		const logged: unknown[] = [];
		for (const level of ["log", "warn", "error"] as const)
			vi.spyOn(console, level).mockImplementation((...args) => void logged.push(...args));
		const echo = { error: "very-secret", error_description: "refresh-0 refresh-1 access-1" };
		const shop = await Shop.open([{ status: 500, body: echo }, grants(1), { status: 400, body: echo }]);
		await shop.api.answers({ status: 401, body: { seen: "Bearer access-1" } });
		const run = await shop.office.start("forward", [STEP]);
		await shop.office.deliver();
		await shop.deliverAfter(run, 5_000);
		await shop.deliverAfter(run, 5_000);
		expect(await stepOf(run)).toMatchObject({ status: "failed", class: "auth" });
		const facts = await shop.office.facts(run, clock.advance);
		const { body } = await must("GET", shop.office.path("/connections/out"));
		expect(body.state.token.last_error).toMatch(/^the token endpoint answered 400; correct the connection's/);
		expect(await shop.shown()).toHaveLength(3);
		expect([facts.length > 0, logged.length > 0]).toEqual([true, true]);
		expect(JSON.stringify([facts, logged, body])).not.toMatch(SECRETS);
	});

	test("but when it expires and when it was granted", async () => {
		const shop = await Shop.open([grants(1)]);
		const stateOf = async () => (await must("GET", shop.office.path("/connections/out"))).body.state.token;
		expect(await stateOf()).toBeUndefined();
		await shop.token();
		await shop.abort();
		const now = clock.now();
		expect(await stateOf()).toEqual({ expires_at: now + HOUR_S * 1_000, refreshed_at: now, last_error: null });
	});
});

describe("the guard", () => {
	const oauth = OAuth.parse({ token_url: "http://127.0.0.1/token", client_id: "c", refresh_token: "r" });
	const guarded = (token_url: string) =>
		tokenExchange({ ...env, ALLOW_PRIVATE_EGRESS: "false" }, { ...oauth, token_url }, "r");

	test.each([
		["http://auth.partner.com/token", "token_url: only https is allowed, not http"],
		["https://169.254.169.254/token", "token_url: an address must be a host name, not an IP address"],
		["https://vault.internal/token", "token_url: names under .internal are not public"],
		["https://auth.partner.com:8443/token", "token_url: only the default port is allowed, not 8443"],
	])("lets no secret go to %s", (url, error) => expect(guarded(url)).toEqual({ ok: false, error }));

	test("lets it go to its own host", () => expect(guarded("https://auth.partner.com/token").ok).toBe(true));
});

test("a database that cannot be read delays the renewal, and a token that is good is used meanwhile", async () => {
	const shop = await Shop.open([grants(1), grants(2)]);
	await shop.token();
	clock.advance((HOUR_S - 30) * 1_000);
	const statements: D1PreparedStatement = Object.getPrototypeOf(env.DB.prepare("SELECT 1"));
	const failing = vi.spyOn(statements, "first").mockRejectedValue(new Error("D1 is down"));
	expect(await shop.token()).toBe("access-1");
	clock.advance(30_000);
	expect(await shop.authorize()).toMatchObject({ state: "wait" });
	expect(await shop.calls.state()).toMatchObject({ token: { last_error: expect.stringContaining("D1 is down") } });
	failing.mockRestore();
	clock.advance(10_000);
	expect(await shop.token()).toBe("access-2");
	expect(await shop.shown()).toEqual(["refresh-0", "refresh-1"]);
});

test("a connection that is given static credentials forgets its tokens", async () => {
	const shop = await Shop.open([grants(1)]);
	await shop.token();
	await shop.office.connect("out", shop.api.url, { credentials: {} });
	expect(await shop.authorize({ refresh_token: "other" })).toMatchObject({ state: "wait" });
	expect(await runInDurableObject(shop.stub, (_, { storage }) => [...storage.kv.list()])).toEqual([]);
	expect(await shop.calls.state()).not.toHaveProperty("token");
});

describe("after a change of VAULT_KEYS", () => {
	const [newest = "", oldest = ""] = TEST_SETTINGS.VAULT_KEYS.split(",");
	const held = firstHeld("s", OAuth.parse({ token_url: "https://a.b/c", client_id: "c", refresh_token: "r" }), 1);
	const at = { tenant: "acme", connection: "out" };

	test("what cannot be opened any more holds work back, and is not written over until there are new credentials", async () => {
		const shop = await Shop.open([grants(1)]);
		const settings = await settingsOf(shop.oauth());
		const gone = { ...env, VAULT_KEYS: "k0:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=" };
		const place = { tenant: shop.office.tenant, connection: "out" };
		const kept = () => runInDurableObject(shop.stub, (_, { storage }) => JSON.stringify(storage.kv.get("tokens")));
		await runInDurableObject(shop.stub, (_, { storage }) =>
			new TokenStore(gone, storage, place).save({ ...held, settings }),
		);
		const before = await kept();
		expect(await shop.authorize()).toMatchObject({ state: "wait" });
		expect(await shop.calls.state()).toMatchObject({
			token: { last_error: expect.stringContaining("sealed with key k0, which VAULT_KEYS does not hold") },
		});
		expect(await kept()).toBe(before);
		await shop.give({ refresh_token: "consented" });
		clock.advance(11_000);
		expect(await shop.token({ refresh_token: "consented" })).toBe("access-1");
	});

	test("what is stored is put under the newest key when it is next looked at, and stays if it cannot be", async () => {
		const stub = env.CONNECTION.getByName(connectionName("acme", "vault"));
		await runInDurableObject(stub, async (_, { storage }) => {
			const under = (keys: string, place = at) => new TokenStore({ ...env, VAULT_KEYS: keys }, storage, place);
			await under(oldest).save(held);
			expect(await under(newest).load()).toEqual({
				ok: false,
				error: { settings: "s", reason: expect.stringContaining("sealed with key k1") },
			});
			expect(await under(`${newest},${oldest}`).load()).toEqual({ ok: true, value: held });
			expect(await under(newest).load()).toEqual({ ok: true, value: held });
			expect((await under(newest, { ...at, tenant: "other" }).load()).ok).toBe(false);
		});
	});
});
