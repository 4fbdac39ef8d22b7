// What there is to compare with: Hono alone, and Hono with one Durable Object that inserts the body.

import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";

export class Entity extends DurableObject {
	constructor(ctx: DurableObjectState, env: unknown) {
		super(ctx, env as never);
		ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS body (id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID");
	}

	async insert(id: string, text: string): Promise<void> {
		this.ctx.storage.sql.exec("INSERT INTO body (id, text) VALUES (?, ?)", id, text);
	}
}

export class Connection extends DurableObject {}
export class Ledger extends DurableObject {}

const app = new Hono<{ Bindings: { ENTITY: DurableObjectNamespace<Entity> } }>();
app.post("/hono", (c) => c.json({ ok: true }));
app.post("/insert/:key", async (c) => {
	const text = await c.req.text();
	await c.env.ENTITY.getByName(c.req.param("key")).insert(crypto.randomUUID(), text);
	return c.json({ ok: true });
});

export default { fetch: app.fetch, async queue() {} };
