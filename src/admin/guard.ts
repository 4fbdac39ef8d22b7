// Who may pass. A token is checked before anything else of a request is looked at; another tenant's things answer as
// if they did not exist, whatever the token allows.

import type { Context, MiddlewareHandler } from "hono";
import { findTenant } from "../registry/tenants";
import type { Scope } from "../registry/token";
import { authenticate, type Principal, touchToken } from "../registry/tokens";
import type { AdminEnv } from "./context";
import { problem } from "./problem";

/** Route members for everyone whose token has this scope: the check, and what the API's description says of it. */
export function guarded(scope: Scope, ...more: MiddlewareHandler<AdminEnv>[]) {
	return { security: [{ token: [scope] }], middleware: [requireScope(() => scope), ...more] };
}

/** The same for those who may vote: `approve` for a token that belongs to an approver, `operate` for any other. */
export function guardedForVoters(...more: MiddlewareHandler<AdminEnv>[]) {
	const scopeOf = ({ approver }: Principal): Scope => (approver === null ? "operate" : "approve");
	return {
		security: [{ token: ["operate"] }, { token: ["approve"] }],
		middleware: [requireScope(scopeOf), ...more],
	};
}

/** The same for the root token alone. */
export function guardedByRoot(...more: MiddlewareHandler<AdminEnv>[]) {
	return { security: [{ token: ["root"] }], middleware: [requireRoot, ...more] };
}

function requireScope(scopeFor: (principal: Principal) => Scope): MiddlewareHandler<AdminEnv> {
	return async function requireScope(c, next) {
		const principal = await identify(c);
		if (principal === null) return unauthorized(c);
		const tenant = c.req.param("tenant");
		if (tenant !== undefined && !(await isVisible(c, principal, tenant))) return noTenant(c, tenant);
		const scope = scopeFor(principal);
		if (!principal.scopes.includes(scope)) return forbidden(c, scope);
		await next();
	};
}

const requireRoot: MiddlewareHandler<AdminEnv> = async function requireRoot(c, next) {
	const principal = await identify(c);
	if (principal === null) return unauthorized(c);
	const tenant = c.req.param("tenant") ?? "";
	if (principal.tenant === null) return await next();
	return principal.tenant === tenant ? forbidden(c, "root") : noTenant(c, tenant);
};

export function noTenant(c: Context, tenant: string) {
	return problem(c, 404, `There is no tenant ${tenant} that this token can see.`);
}

async function identify(c: Context<AdminEnv>): Promise<Principal | null> {
	const [, text] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
	if (text === undefined) return null;
	const now = c.get("now");
	const principal = await authenticate(c.env.DB, { text, rootHash: c.env.ROOT_TOKEN_SHA256 ?? "" }, now);
	if (principal === null) return null;
	if (principal.touch) c.executionCtx.waitUntil(touchToken(c.env.DB, principal, now));
	c.set("principal", principal);
	return principal;
}

/** A token's tenant exists as long as the token; for the root token it is looked up. */
async function isVisible(c: Context<AdminEnv>, principal: Principal, tenant: string): Promise<boolean> {
	if (principal.tenant !== null) return principal.tenant === tenant;
	return (await findTenant(c.env.DB, tenant)) !== null;
}

function unauthorized(c: Context) {
	const headers = { "www-authenticate": 'Bearer realm="signalbox"' };
	return problem(c, 401, "Send a valid API token as Authorization: Bearer sb_….", { headers });
}

function forbidden(c: Context, scope: Scope | "root") {
	const headers = { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` };
	const detail = scope === "root" ? "Only the root token may do this." : `This needs a token with the scope ${scope}.`;
	return problem(c, 403, detail, { headers });
}
