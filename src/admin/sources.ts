// Sources: inbound endpoints. Secrets go in and never come out.

import { createRoute, z } from "@hono/zod-openapi";
import { durationBetween } from "../model/duration";
import { SourceInput } from "../model/source";
import { forgetTenant, vaultKeys } from "../registry/cache";
import { findHandedOver } from "../registry/handovers";
import { sealSecret } from "../registry/secrets";
import {
	addSecret,
	deleteSource,
	findSource,
	listSources,
	MAX_LIVE_SECRETS,
	putSource,
	type SourceRow,
} from "../registry/sources";
import { checkJson } from "./body";
import { checkSecrets, checkSource, handsOverSecret } from "./check-connector";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { badCursor, inUse, invalid, notFound, notWritten, problem, problems } from "./problem";
import {
	AnyObject,
	answer,
	etag,
	IfMatch,
	jsonBody,
	NamedParam,
	nextCursor,
	PageParams,
	pageOf,
	pageRequest,
	READ_PROBLEMS,
	revisedAnswer,
	revisionOf,
	TenantParam,
	Time,
	WRITE_PROBLEMS,
} from "./schema";

const DEFAULT_GRACE_MS = 86_400_000;

const Source = z
	.object({
		name: z.string(),
		connector: z.string(),
		config: AnyObject,
		path: z.string().describe("Where its deliveries go to, below the address of the service."),
		secrets: z
			.array(z.object({ id: z.string(), created_at: Time, expires_at: Time.nullable() }))
			.describe("The live signing secrets, newest first, without what they say."),
		awaits_secret: z
			.boolean()
			.describe("True if it has no secret yet, and its system hands one over: see `/handover`."),
		created_at: Time,
		updated_at: Time,
	})
	.openapi("Source");

const Handover = z
	.object({ secret: z.string(), received_at: Time })
	.openapi("Handover", { description: "A signing secret that the sending system has chosen." });

const Input = SourceInput.extend({ config: AnyObject.default({}).describe("Settings of the connector.") }).openapi(
	"SourceInput",
);

const Rotation = z
	.strictObject({
		secret: z.string().min(1).max(4_096).describe("The new secret."),
		grace: durationBetween("0s", "30d")
			.optional()
			.openapi({ type: "string", example: "24h" })
			.describe("How long the secrets before it stay valid; 24h if absent."),
	})
	.openapi("SecretRotation");

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/sources",
	tags: ["sources"],
	summary: "List sources",
	...guarded("read"),
	request: { params: TenantParam, query: PageParams },
	responses: { 200: answer("A page of sources, by name.", pageOf(Source, "SourcePage")), ...READ_PROBLEMS },
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}/sources/{name}",
	tags: ["sources"],
	summary: "Read a source",
	...guarded("read"),
	request: { params: NamedParam },
	responses: { 200: revisedAnswer("The source.", Source), ...READ_PROBLEMS },
});

const put = createRoute({
	method: "put",
	path: "/tenants/{tenant}/sources/{name}",
	tags: ["sources"],
	summary: "Create or replace a source",
	description:
		"A new source needs secrets, unless its system hands one over. Secrets that are given replace all that were there; without, those stay.",
	...guarded("admin", checkJson),
	request: { params: NamedParam, headers: IfMatch, body: jsonBody(Input) },
	responses: {
		200: revisedAnswer("The source, changed.", Source),
		201: revisedAnswer("The source, new.", Source),
		...WRITE_PROBLEMS,
		...problems(409, 412),
	},
});

const remove = createRoute({
	method: "delete",
	path: "/tenants/{tenant}/sources/{name}",
	tags: ["sources"],
	summary: "Delete a source",
	description: "Refused while a current workflow listens to it.",
	...guarded("admin"),
	request: { params: NamedParam },
	responses: { 204: { description: "It is deleted." }, ...READ_PROBLEMS, ...problems(409) },
});

const rotate = createRoute({
	method: "post",
	path: "/tenants/{tenant}/sources/{name}/secrets",
	tags: ["sources"],
	summary: "Add a signing secret and let the others expire",
	...guarded("admin", checkJson),
	request: { params: NamedParam, body: jsonBody(Rotation) },
	responses: { 201: revisedAnswer("The source.", Source), ...WRITE_PROBLEMS, ...problems(409) },
});

const handover = createRoute({
	method: "get",
	path: "/tenants/{tenant}/sources/{name}/handover",
	tags: ["sources"],
	summary: "Read the signing secret that the sending system has handed over",
	description:
		"Only while the source has none. Enter it where the system asks for it; once the system has taken it, add it to the source by POST to `/secrets`. A secret that the system refuses was sent by somebody else.",
	...guarded("admin"),
	request: { params: NamedParam },
	responses: { 200: answer("The last secret that was handed over.", Handover), ...READ_PROBLEMS },
});

export function addSources(app: Admin): void {
	app.openapi(handover, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const found = await findHandedOver(c.env.DB, await vaultKeys(c.env), { tenant, name });
		if (found === null) return notFound(c, `secret that was handed over to ${name}`);
		c.header("cache-control", "no-store");
		return c.json(found, 200);
	});

	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const page = pageRequest(`${tenant}/sources`, c.req.valid("query"));
		if (page === null) return badCursor(c);
		const { items, next } = await listSources(c.env.DB, tenant, page);
		const views = items.map((row) => viewSource(tenant, row, c.get("now")));
		return c.json({ items: views, cursor: nextCursor(`${tenant}/sources`, next) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const row = await findSource(c.env.DB, tenant, name);
		if (row === null) return notFound(c, `source ${name}`);
		return c.json(viewSource(tenant, row, c.get("now")), 200, etag(row.revision));
	});

	app.openapi(put, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const { connector, config, secrets } = c.req.valid("json");
		const errors = await checkSource({ connector, config, secrets });
		if (errors.length > 0) return invalid(c, errors);
		const keys = await vaultKeys(c.env);
		const sealed = await Promise.all((secrets ?? []).map((text) => sealSecret(keys, { tenant, source: name, text })));
		const over = revisionOf(c.req.valid("header")["if-match"]);
		const written = await putSource(c.env.DB, {
			...{ tenant, name, over, now: c.get("now") },
			...{ connector, config, secrets: secrets && sealed, awaits_secret: handsOverSecret(connector) },
		});
		if (!written.ok) {
			return notWritten(c, written.error, { what: `source ${name}`, over, needs: "secrets" });
		}
		forgetTenant(tenant);
		const { source, created } = written.value;
		const view = viewSource(tenant, source, c.get("now"));
		return created ? c.json(view, 201, etag(source.revision)) : c.json(view, 200, etag(source.revision));
	});

	app.openapi(remove, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const deletion = await deleteSource(c.env.DB, tenant, name);
		if (deletion === "missing") return notFound(c, `source ${name}`);
		if (deletion !== "deleted") return inUse(c, `The source ${name}`, deletion.in_use);
		forgetTenant(tenant);
		return c.body(null, 204);
	});

	app.openapi(rotate, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const { secret, grace = DEFAULT_GRACE_MS } = c.req.valid("json");
		const now = c.get("now");
		const before = await findSource(c.env.DB, tenant, name);
		if (before === null) return notFound(c, `source ${name}`);
		const [unusable] = await checkSecrets(before, [secret]);
		if (unusable !== undefined) return invalid(c, [{ ...unusable, path: "secret" }]);
		const sealed = await sealSecret(await vaultKeys(c.env), { tenant, source: name, text: secret });
		const added = await addSecret(c.env.DB, { tenant, name, now, secret: sealed, until: now + grace });
		if (!added.ok && added.error.reason === "missing") return notFound(c, `source ${name}`);
		if (!added.ok) {
			const detail = `${MAX_LIVE_SECRETS} secrets are live already. Wait until one expires, or replace all with PUT.`;
			return problem(c, 409, detail);
		}
		forgetTenant(tenant);
		return c.json(viewSource(tenant, added.value, now), 201, etag(added.value.revision));
	});
}

function viewSource(tenant: string, row: SourceRow, now: number): z.infer<typeof Source> {
	const live = row.secrets.filter(({ expires_at }) => expires_at === null || expires_at > now);
	return {
		name: row.name,
		connector: row.connector,
		config: row.config,
		path: `/in/${tenant}/${row.name}`,
		awaits_secret: live.length === 0 && handsOverSecret(row.connector),
		secrets: live.map(({ id, created_at, expires_at }) => ({ id, created_at, expires_at })),
		created_at: row.created_at,
		updated_at: row.updated_at,
	};
}
