// Requests that the admin API refuses, each with its status and a part of what it says. They are about the tenant `acme`
// with the source `github`, the connection `chat` of slack and the connection `web` of http.

import { type Call, GITHUB, SLACK, workflow } from "./admin";

export interface Refusal {
	name: string;
	method: string;
	path: string;
	status: number;
	/** Part of the detail, or of an error's path and message. */
	says: string;
	options?: Call;
}

export const json = { "content-type": "application/json" };
const yaml = { "content-type": "application/yaml" };
const step = { id: "tell", use: "slack.post_message", connection: "chat", with: { channel: "C1", text: "hi" } };

export const routing: Refusal[] = [
	{ name: "an unknown route", method: "GET", path: "/nothing", status: 404, says: "openapi.json" },
	{
		name: "an unknown route without a token",
		method: "GET",
		path: "/nothing",
		status: 404,
		says: "no route",
		options: { token: null },
	},
	{ name: "the base", method: "GET", path: "", status: 404, says: "no route" },
	{ name: "a wrong method", method: "PATCH", path: "/tenants/acme", status: 405, says: "GET, PUT, DELETE" },
	{ name: "a wrong method on a list", method: "DELETE", path: "/tenants/acme/events", status: 405, says: "GET" },
	{ name: "a trailing slash", method: "GET", path: "/tenants/acme/", status: 404, says: "no route" },
];

export const reading: Refusal[] = [
	{ name: "an unknown tenant", method: "GET", path: "/tenants/nobody", status: 404, says: "no tenant nobody" },
	{
		name: "a list of an unknown tenant",
		method: "GET",
		path: "/tenants/nobody/events",
		status: 404,
		says: "no tenant nobody",
	},
	{ name: "an unknown source", method: "GET", path: "/tenants/acme/sources/none", status: 404, says: "no source none" },
	{
		name: "an unknown connection",
		method: "GET",
		path: "/tenants/acme/connections/none",
		status: 404,
		says: "no connection none",
	},
	{
		name: "an unknown workflow",
		method: "GET",
		path: "/tenants/acme/workflows/none",
		status: 404,
		says: "no current workflow none",
	},
	{
		name: "the versions of none",
		method: "GET",
		path: "/tenants/acme/workflows/none/versions",
		status: 404,
		says: "no workflow none",
	},
	{
		name: "an unknown version",
		method: "GET",
		path: "/tenants/acme/workflows/none/versions/1",
		status: 404,
		says: "no version 1",
	},
	{
		name: "a version that is no number",
		method: "GET",
		path: "/tenants/acme/workflows/none/versions/x",
		status: 400,
		says: "path.version",
	},
	{
		name: "an unknown event",
		method: "GET",
		path: `/tenants/acme/events/evt_${"0".repeat(32)}`,
		status: 404,
		says: "no event",
	},
	{ name: "an event's id of no form", method: "GET", path: "/tenants/acme/events/x", status: 404, says: "no event x" },
	{ name: "an unknown trace", method: "GET", path: "/tenants/acme/traces/x", status: 404, says: "no trace x" },
	{ name: "an unknown run", method: "GET", path: "/tenants/acme/runs/x", status: 404, says: "no run x" },
	{
		name: "an unknown dead letter",
		method: "GET",
		path: "/tenants/acme/dead-letters/x",
		status: 404,
		says: "no dead letter x",
	},
	{
		name: "a name that cannot be one",
		method: "GET",
		path: "/tenants/acme/sources/Not_A_Name",
		status: 400,
		says: "path.name",
	},
	{
		name: "a limit of nothing",
		method: "GET",
		path: "/tenants/acme/sources?limit=0",
		status: 400,
		says: "query.limit",
	},
	{
		name: "a limit of too many",
		method: "GET",
		path: "/tenants/acme/runs?limit=101",
		status: 400,
		says: "query.limit",
	},
	{
		name: "a limit that is no number",
		method: "GET",
		path: "/tenants/acme/runs?limit=many",
		status: 400,
		says: "query.limit",
	},
	{
		name: "a limit given twice",
		method: "GET",
		path: "/tenants/acme/runs?limit=1&limit=2",
		status: 400,
		says: "query.limit",
	},
	{ name: "an unknown filter", method: "GET", path: "/tenants/acme/runs?workflw=x", status: 400, says: "workflw" },
	{
		name: "an unknown status",
		method: "GET",
		path: "/tenants/acme/runs?status=done",
		status: 400,
		says: "query.status",
	},
	{
		name: "an unknown class",
		method: "GET",
		path: "/tenants/acme/dead-letters?class=odd",
		status: 400,
		says: "query.class",
	},
	...[
		"tenants",
		...["sources", "connections", "workflows", "events", "runs", "dead-letters", "tokens"].map(
			(list) => `tenants/acme/${list}`,
		),
	].map((list) => ({
		...{ name: `a cursor of ${list} that is none`, method: "GET", path: `/${list}?cursor=x.00000000` },
		...{ status: 400, says: "query.cursor" },
	})),
];

const put = (path: string, body: unknown): Pick<Refusal, "method" | "path" | "options"> => ({
	method: "PUT",
	path: `/tenants/acme/${path}`,
	options: { body },
});

export const writing: Refusal[] = [
	{ name: "malformed JSON", ...put("sources/a", '{"connector": '), status: 400, says: "line 1, column 15" },
	{
		name: "a key given twice",
		...put("sources/a", '{"connector":"a",\n"connector":"b"}'),
		status: 400,
		says: "line 2, column 1 the key connector is given twice",
	},
	{
		name: "JSON that is nested too deeply",
		...put("sources/a", `{"config":${"[".repeat(9_000)}${"]".repeat(9_000)}}`),
		status: 400,
		says: "deeper than 64",
	},
	{
		name: "another content type",
		method: "PUT",
		path: "/tenants/acme/sources/a",
		options: { body: "a: 1", headers: yaml },
		status: 415,
		says: "application/json",
	},
	{
		name: "no body",
		method: "PUT",
		path: "/tenants/acme/sources/a",
		options: { headers: json },
		status: 400,
		says: "Unexpected end of JSON",
	},
	{ name: "a body that is no object", ...put("sources/a", "[]"), status: 422, says: "expected object" },
	{ name: "a body over 256 KB", ...put("sources/a", { connector: "x".repeat(263_000) }), status: 413, says: "256 KB" },
	{ name: "an unknown key", ...put("sources/a", { ...GITHUB, secret: "x" }), status: 422, says: "secret" },
	{
		name: "an unknown connector",
		...put("sources/a", { ...GITHUB, connector: "gitlabb" }),
		status: 422,
		says: "connector there is no connector gitlabb; use one of github, hmac",
	},
	{
		name: "a connector named like a property",
		...put("sources/a", { ...GITHUB, connector: "constructor" }),
		status: 422,
		says: "there is no connector constructor",
	},
	{
		name: "a connector that receives nothing",
		...put("sources/a", { ...GITHUB, connector: "slack" }),
		status: 422,
		says: "slack cannot be used here",
	},
	{
		name: "settings that the connector refuses",
		...put("sources/a", { ...GITHUB, config: { oen: [] } }),
		status: 422,
		says: "config",
	},
	{
		name: "a new source without secrets",
		...put("sources/a", { connector: "github" }),
		status: 422,
		says: "secrets is required for a new one",
	},
	{ name: "no secret at all", ...put("sources/a", { ...GITHUB, secrets: [] }), status: 422, says: "secrets" },
	{ name: "an empty secret", ...put("sources/a", { ...GITHUB, secrets: [""] }), status: 422, says: "secrets[0]" },
	{
		name: "a secret that is no key",
		...put("sources/a", { connector: "standard-webhooks", secrets: ["whsec_!!!"] }),
		status: 422,
		says: "secrets[0] is not a key",
	},
	{
		name: "a tenant's title that is empty",
		method: "PUT",
		path: "/tenants/acme",
		options: { body: { title: "" } },
		status: 422,
		says: "title",
	},
	{
		name: "a tenant's name that cannot be one",
		method: "PUT",
		path: "/tenants/Acme",
		options: { body: {} },
		status: 400,
		says: "path.tenant",
	},
	{
		name: "a tenant's name that is too long",
		method: "PUT",
		path: `/tenants/${"a".repeat(64)}`,
		options: { body: {} },
		status: 400,
		says: "path.tenant",
	},
	{
		name: "a rotation without a secret",
		method: "POST",
		path: "/tenants/acme/sources/github/secrets",
		options: { body: {} },
		status: 422,
		says: "secret",
	},
	{
		name: "a grace without a unit",
		method: "POST",
		path: "/tenants/acme/sources/github/secrets",
		options: { body: { secret: "x", grace: "5" } },
		status: 422,
		says: "90s",
	},
	{
		name: "a grace of too long",
		method: "POST",
		path: "/tenants/acme/sources/github/secrets",
		options: { body: { secret: "x", grace: "31d" } },
		status: 422,
		says: "between 0s and 30d",
	},
	{
		name: "a rotation of no source",
		method: "POST",
		path: "/tenants/acme/sources/none/secrets",
		options: { body: { secret: "x" } },
		status: 404,
		says: "no source none",
	},
	{
		name: "a connection without credentials",
		...put("connections/a", { connector: "slack", owner: "ops" }),
		status: 422,
		says: "credentials is required for a new one",
	},
	{
		name: "credentials that the connector refuses",
		...put("connections/a", { ...SLACK, credentials: { tokn: "x" } }),
		status: 422,
		says: "credentials",
	},
	{
		name: "a connection of a connector that only receives",
		...put("connections/a", { ...SLACK, connector: "github" }),
		status: 422,
		says: "github cannot be used here",
	},
	{
		name: "a connection without an owner",
		...put("connections/a", { ...SLACK, owner: undefined }),
		status: 422,
		says: "owner",
	},
	{
		name: "a token without scopes",
		method: "POST",
		path: "/tenants/acme/tokens",
		options: { body: { title: "x", scopes: [] } },
		status: 422,
		says: "scopes",
	},
	{
		name: "a token with an unknown scope",
		method: "POST",
		path: "/tenants/acme/tokens",
		options: { body: { title: "x", scopes: ["root"] } },
		status: 422,
		says: "scopes[0]",
	},
	{
		name: "a token for ever",
		method: "POST",
		path: "/tenants/acme/tokens",
		options: { body: { title: "x", scopes: ["read"], expires_in: "4000d" } },
		status: 422,
		says: "between 1m and 400d",
	},
	{
		name: "a discard without a reason",
		method: "POST",
		path: "/tenants/acme/dead-letters/x/discard",
		options: { body: { reason: "  " } },
		status: 422,
		says: "reason",
	},
	{
		name: "a retry of nothing",
		method: "POST",
		path: "/tenants/acme/dead-letters/x/retry",
		status: 404,
		says: "no dead letter x",
	},
];

export const publishing: Refusal[] = [
	{ name: "broken YAML", body: "name: a\n owner: b", headers: yaml, status: 400, says: "line" },
	{
		name: "a key given twice in YAML",
		body: "name: a\nname: b",
		headers: yaml,
		status: 400,
		says: "line 2, column 1 the key name is given twice",
	},
	{ name: "YAML sent as JSON", body: "name: a", headers: json, status: 400, says: "not one JSON document" },
	{
		name: "an unknown content type",
		body: "<a/>",
		headers: { "content-type": "text/xml" },
		status: 415,
		says: "application/yaml",
	},
	{
		name: "no content type",
		body: workflow("a"),
		headers: { "content-type": "" },
		status: 415,
		says: "application/yaml",
	},
	{ name: "an empty document", body: "", headers: yaml, status: 400, says: "is empty" },
	{ name: "a document that lacks everything", body: {}, status: 422, says: "name" },
	{ name: "an unknown key", body: workflow("a", { step: [] }), status: 422, says: "step" },
	{
		name: "an unknown action",
		body: workflow("a", { steps: [{ ...step, use: "slack.post" }] }),
		status: 422,
		says: "steps[0].use",
	},
	{
		name: "a missing source",
		body: workflow("a", { on: { source: "gitlab", event: "*" } }),
		status: 422,
		says: "on.source there is no source gitlab; create it with PUT /admin/v1/tenants/acme/sources/gitlab, or use github",
	},
	{
		name: "a missing connection",
		body: workflow("a", { steps: [{ ...step, connection: "chatt" }] }),
		status: 422,
		says: "steps[0].connection there is no connection chatt",
	},
	{
		name: "a connection of another connector",
		body: workflow("a", { steps: [{ ...step, connection: "web" }] }),
		status: 422,
		says: "web is a connection of http, and slack.post_message needs one of slack, or use chat",
	},
	{ name: "a dry run with a typing error", body: workflow("a"), query: "?dryrun=true", status: 400, says: "dryrun" },
	{ name: "a dry run of maybe", body: workflow("a"), query: "?dry_run=maybe", status: 400, says: "query.dry_run" },
].map(({ body, headers, query = "", ...rest }) => ({
	...rest,
	...{ method: "POST", path: `/tenants/acme/workflows${query}`, options: { body, headers } },
}));

const rollback = (body: unknown) => ({
	method: "POST",
	path: "/tenants/acme/workflows/none/rollback",
	options: { body },
});
export const rolling: Refusal[] = [
	{ name: "a rollback to nowhere", ...rollback({}), status: 422, says: "version" },
	{ name: "a rollback to version 0", ...rollback({ version: 0 }), status: 422, says: "version" },
	{ name: "a rollback of no workflow", ...rollback({ version: 1 }), status: 404, says: "no version 1" },
	{
		name: "a retirement of no workflow",
		method: "DELETE",
		path: "/tenants/acme/workflows/none",
		status: 404,
		says: "no current workflow none",
	},
];
