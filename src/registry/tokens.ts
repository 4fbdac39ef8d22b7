// API tokens: who may ask for what. Read from the strongly consistent table on every request, so that a revoked token
// is refused at once. An id is looked up before the tenant is known; the row says whose it is.

import { z } from "zod";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { jsonColumn } from "./row";
import { hashToken, SCOPES, Scope, sameHash, tokenId } from "./token";

/** Last uses are noted to the hour: a write per request would cost more than the knowledge is worth. */
const TOUCH_EVERY_MS = 3_600_000;

const TokenRow = z.object({
	id: z.string(),
	tenant: z.string(),
	title: z.string(),
	hash: z.string(),
	scopes: jsonColumn(z.array(Scope)),
	/** Whom it belongs to; null if to nobody in particular. */
	approver: z.string().nullable(),
	created_by: z.string(),
	created_at: z.int(),
	expires_at: z.int(),
	last_used_at: z.int().nullable(),
});
export type TokenRow = z.infer<typeof TokenRow>;

const COLUMNS = "id, tenant, title, hash, scopes, approver, created_by, created_at, expires_at, last_used_at";

/** Whoever makes a request. `tenant` is null for the root token, which acts for all of them. */
export interface Principal {
	/** As it stands beside what they did: `root` or `token:<id>`. */
	name: string;
	tenant: string | null;
	scopes: readonly Scope[];
	/** The approver whom the token belongs to; null if to nobody in particular. */
	approver: string | null;
	/** The token's row needs a new `last_used_at`. */
	touch: boolean;
}

/** Null for every reason why a token is not valid. `rootHash` is the SHA-256 of the root token, in hex. */
export async function authenticate(
	db: D1Database,
	{ text, rootHash }: { text: string; rootHash: string },
	now: number,
): Promise<Principal | null> {
	const hash = await hashToken(text);
	if (sameHash(hash, rootHash.toLowerCase())) {
		return { name: "root", tenant: null, scopes: SCOPES, approver: null, touch: false };
	}
	const id = tokenId(text);
	if (!id.ok) return null;
	const found = await db.prepare(`SELECT ${COLUMNS} FROM api_tokens WHERE id = ?`).bind(id.value).first();
	if (found === null) return null;
	const row = TokenRow.parse(found);
	if (!sameHash(hash, row.hash) || row.expires_at <= now) return null;
	const touch = now - (row.last_used_at ?? 0) >= TOUCH_EVERY_MS;
	return { name: `token:${row.id}`, tenant: row.tenant, scopes: row.scopes, approver: row.approver, touch };
}

export async function touchToken(db: D1Database, principal: Principal, now: number): Promise<void> {
	const id = principal.name.slice("token:".length);
	await db
		.prepare("UPDATE api_tokens SET last_used_at = ? WHERE tenant = ? AND id = ?")
		.bind(now, principal.tenant, id)
		.run();
}

export async function listTokens(db: D1Database, tenant: string, page: PageRequest): Promise<NamedPage<TokenRow>> {
	const { results } = await db
		.prepare(`SELECT ${COLUMNS} FROM api_tokens WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?`)
		.bind(tenant, page.after, page.limit + 1)
		.all();
	return toPage(z.array(TokenRow).parse(results), page.limit, (row) => row.id);
}

/** False if it names an approver whom the tenant does not have. */
export async function insertToken(db: D1Database, token: Omit<TokenRow, "last_used_at">): Promise<boolean> {
	const { results } = await db
		.prepare(
			`INSERT INTO api_tokens (${COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL
			WHERE ?6 IS NULL OR EXISTS (SELECT 1 FROM approvers WHERE tenant = ?2 AND name = ?6) RETURNING id`,
		)
		.bind(
			token.id,
			token.tenant,
			token.title,
			token.hash,
			JSON.stringify(token.scopes),
			token.approver,
			token.created_by,
			token.created_at,
			token.expires_at,
		)
		.all();
	return results.length === 1;
}

/** False if the tenant has no such token. */
export async function deleteToken(db: D1Database, tenant: string, id: string): Promise<boolean> {
	const { results } = await db
		.prepare("DELETE FROM api_tokens WHERE tenant = ? AND id = ? RETURNING id")
		.bind(tenant, id)
		.all();
	return results.length === 1;
}
