// Health: whether this deployment can do its work. Needs no token, and tells no more than which part fails.

import { createRoute, z } from "@hono/zod-openapi";
import type { Env } from "../env";
import { vaultKeys } from "../registry/cache";
import type { Admin } from "./context";
import { answer } from "./schema";

const Verdict = z.enum(["ok", "failing"]);

const Health = z
	.object({
		status: Verdict,
		checks: z.object({
			database: Verdict.describe("The registry answers, and its migrations are applied."),
			vault: Verdict.describe("VAULT_KEYS holds usable keys."),
			root_token: Verdict.describe("ROOT_TOKEN_SHA256 is a SHA-256 in hex."),
		}),
	})
	.openapi("Health");

const health = createRoute({
	method: "get",
	path: "/health",
	tags: ["service"],
	summary: "Tell whether the service can work",
	request: {},
	responses: { 200: answer("It can.", Health), 503: answer("It cannot; the log says more.", Health) },
});

export function addHealth(app: Admin): void {
	app.openapi(health, async (c) => {
		const [database, vault, root_token] = await Promise.all([
			verdict("database", () => c.env.DB.prepare("SELECT revision FROM tenants LIMIT 1").first()),
			verdict("vault", () => vaultKeys(c.env)),
			verdict("root_token", async () => checkRootToken(c.env)),
		]);
		const checks = { database, vault, root_token };
		const status = Object.values(checks).includes("failing") ? "failing" : "ok";
		return c.json({ status, checks }, status === "ok" ? 200 : 503);
	});
}

function checkRootToken({ ROOT_TOKEN_SHA256 }: Env): void {
	if (!/^[0-9a-f]{64}$/i.test(ROOT_TOKEN_SHA256 ?? "")) {
		throw new Error("ROOT_TOKEN_SHA256 must be the SHA-256 of the root token: 64 hex digits");
	}
}

async function verdict(check: string, run: () => Promise<unknown>): Promise<z.infer<typeof Verdict>> {
	try {
		await run();
		return "ok";
	} catch (error) {
		console.error(JSON.stringify({ at: "admin.health", check, error: String(error) }));
		return "failing";
	}
}
