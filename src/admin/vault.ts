// The vault, as far as operators deal with it: before a key is taken out of VAULT_KEYS, nothing may be under it any more.

import { createRoute, z } from "@hono/zod-openapi";
import { vaultKeys } from "../registry/cache";
import { rewrapTenant } from "../registry/rewrap";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { answer, READ_PROBLEMS, TenantParam } from "./schema";

const Rewrapped = z
	.object({
		rewrapped: z.int().describe("How many secrets were put under the newest key now; the others were already."),
		failed: z.array(z.object({ record: z.string(), reason: z.string() })),
	})
	.openapi("Rewrapped");

const rewrap = createRoute({
	method: "post",
	path: "/tenants/{tenant}/rewrap",
	tags: ["tenants"],
	summary: "Put all secrets under the newest key of VAULT_KEYS",
	...guarded("admin"),
	request: { params: TenantParam },
	responses: { 200: answer("Nothing but what failed is under an older key.", Rewrapped), ...READ_PROBLEMS },
});

export function addVault(app: Admin): void {
	app.openapi(rewrap, async (c) => {
		const { tenant } = c.req.valid("param");
		return c.json(await rewrapTenant(c.env.DB, await vaultKeys(c.env), tenant), 200);
	});
}
