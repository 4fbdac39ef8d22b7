// Who may do what: every route of the description, with every token that must not pass.

import { beforeAll, describe, expect, test } from "vitest";
import { SCOPES, type Scope } from "../../src/registry/token";
import { call, GITHUB, must, publish, SLACK, setUpTenant, tokenFor, tokenOf, workflow } from "./admin";
import { describedRoutes, type Route } from "./routes";

const routes = await describedRoutes();
const ofTenants = routes.filter(({ path }) => path.includes("{tenant}"));
const withToken = routes.filter(({ scope }) => scope !== null);

const tokens = new Map<Scope | "all", string>();

beforeAll(async () => {
	for (const tenant of ["a", "b"]) {
		await setUpTenant(tenant);
		await publish(tenant, workflow("tell-ops"));
		await must("PUT", `/tenants/${tenant}/approvers/ann`, { body: { title: "Ann" } });
	}
	tokens.set("all", await tokenOf("a", "ann", ...SCOPES));
	for (const scope of SCOPES) {
		tokens.set(scope, scope === "approve" ? await tokenOf("a", "ann") : await tokenFor("a", scope));
	}
});

/** A request to a route, about things that exist in the tenant where names can be known. */
function request(route: Route, tenant: string): [method: string, path: string] {
	const names: Record<string, string> = { tenant, version: "1", id: "x" };
	const thing = /\/(sources|connections|workflows|approvers)\//.exec(route.path)?.[1] ?? "";
	names.name = { sources: "github", connections: "chat", workflows: "tell-ops", approvers: "ann" }[thing] ?? "x";
	return [route.method, route.path.replaceAll(/\{(\w+)\}/g, (_, name) => names[name] ?? "x")];
}

/** A body that passes its route's schema, so that a refusal can only be about the token. */
function bodyFor({ method, path }: Route): unknown {
	const bodies: Record<string, unknown> = {
		"PUT /tenants/{tenant}": {},
		"PUT /tenants/{tenant}/sources/{name}": GITHUB,
		"PUT /tenants/{tenant}/connections/{name}": SLACK,
		"POST /tenants/{tenant}/sources/{name}/secrets": { secret: "stolen" },
		"POST /tenants/{tenant}/workflows": workflow("intruder"),
		"POST /tenants/{tenant}/workflows/{name}/rollback": { version: 1 },
		"POST /tenants/{tenant}/workflows/{name}/pause": {},
		"PUT /tenants/{tenant}/approvers/{name}": { title: "Intruder" },
		"POST /tenants/{tenant}/runs/{id}/cancel": { reason: "because" },
		"POST /tenants/{tenant}/runs/{id}/resume": {},
		"POST /tenants/{tenant}/runs/{id}/rerun": {},
		"POST /tenants/{tenant}/runs/{id}/approve": { step: "sign_off" },
		"POST /tenants/{tenant}/dead-letters/{id}/discard": { reason: "because" },
		"POST /tenants/{tenant}/dead-letters/{id}/patch": { with: {} },
		"POST /tenants/{tenant}/dead-letters/discard": { select: {}, reason: "because", expect: 0 },
		"POST /tenants/{tenant}/dead-letter-groups/{id}/acknowledge": {},
		"POST /tenants/{tenant}/dead-letter-groups/{id}/resolve": {},
		"POST /tenants/{tenant}/dead-letter-groups/{id}/ignore": {},
		"POST /tenants/{tenant}/dead-letter-groups/{id}/reopen": {},
		"POST /tenants/{tenant}/replays": { select: {}, preview: false, expect: 0 },
		"POST /tenants/{tenant}/tokens": { title: "intruder", scopes: ["admin"] },
	};
	return bodies[`${method} ${path}`];
}

test("there are routes to walk", () => {
	expect(ofTenants.length).toBeGreaterThan(30);
	expect(withToken.length).toBe(routes.length - 3);
});

describe("a token of one tenant on another's routes", () => {
	test.each(ofTenants)("$method $path is a 404", async (route) => {
		const [method, path] = request(route, "b");
		const token = tokens.get("all") ?? "";
		const answer = await call(method, path, { token, body: bodyFor(route) });
		expect([answer.status, answer.body.detail]).toEqual([404, "There is no tenant b that this token can see."]);
	});

	test.each(ofTenants)("$method $path is the same 404 for a tenant that does not exist", async (route) => {
		const [method, path] = request(route, "nobody");
		const answer = await call(method, path, { token: tokens.get("all") ?? "", body: bodyFor(route) });
		expect([answer.status, answer.body.detail]).toEqual([404, "There is no tenant nobody that this token can see."]);
	});

	test("has changed nothing there", async () => {
		expect((await must("GET", "/tenants/b/tokens")).body.items).toEqual([]);
		expect((await must("GET", "/tenants/b/workflows")).body.items.map((item: { name: string }) => item.name)).toEqual([
			"tell-ops",
		]);
		expect((await must("GET", "/tenants/b/sources/github")).body.secrets.length).toBe(1);
		expect((await must("GET", "/tenants/b/approvers")).body.items.map((item: { title: string }) => item.title)).toEqual(
			["Ann"],
		);
		expect((await must("GET", "/tenants/b/workflows/tell-ops")).body.paused_at).toBeNull();
	});
});

describe("a token that lacks the scope", () => {
	const lacking = withToken.flatMap((route) =>
		SCOPES.filter((scope) => !route.scopes.includes(scope)).map((scope) => ({ ...route, held: scope })),
	);

	test.each(lacking)("$method $path with $held is a 403 that names $scope", async ({ held, ...route }) => {
		const [method, path] = request(route, "a");
		const answer = await call(method, path, { token: tokens.get(held) ?? "", body: bodyFor(route) });
		expect(answer.status).toBe(403);
		expect(answer.body.detail).toContain(route.scope);
		expect(answer.headers.get("www-authenticate")).toContain(`scope="${route.scope}"`);
	});

	test("has changed nothing", async () => {
		expect((await must("GET", "/tenants/a/tokens?limit=100")).body.items.length).toBe(SCOPES.length + 1);
		expect((await must("GET", "/tenants/a/workflows/tell-ops/versions")).body.items.length).toBe(1);
	});
});

describe("a token that has the scope, and only that", () => {
	const reads = withToken.filter(({ method, scope }) => method === "GET" && scope !== "root");

	test.each(reads)("$method $path with $scope passes", async (route) => {
		const [method, path] = request(route, "a");
		const answer = await call(method, path, { token: tokens.get(route.scope as Scope) ?? "" });
		expect([200, 404]).toContain(answer.status);
		if (answer.status === 404) expect(answer.body.detail).toMatch(/ (x|handed over to github)\.$/);
	});

	test("writes pass too", async () => {
		const token = await tokenFor("a", "admin");
		expect((await call("PUT", "/tenants/a/sources/github", { token, body: GITHUB })).status).toBe(200);
		const publisher = await tokenFor("a", "publish");
		expect((await call("POST", "/tenants/a/workflows", { token: publisher, body: workflow("tell-ops") })).status).toBe(
			200,
		);
		const operator = await tokenFor("a", "operate");
		expect((await call("POST", "/tenants/a/dead-letters/x/retry", { token: operator })).body.detail).toContain(
			"letter x",
		);
	});
});

describe("without a token", () => {
	test.each(withToken)("$method $path is a 401", async (route) => {
		const [method, path] = request(route, "a");
		expect((await call(method, path, { token: null, body: bodyFor(route) })).status).toBe(401);
	});

	test("the health and the description can be read", async () => {
		expect((await call("GET", "/health", { token: null })).status).toBe(200);
		expect((await call("GET", "/openapi.json", { token: null })).status).toBe(200);
	});
});
