// Every setting of a connection and every input of an action makes a difference in what leaves, and here is which.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Arrived } from "../../scripts/support/receiver";
import { actionNames, connectors, findAction } from "../../src/connectors/index";
import { ConnectionInput, ConnectionLimits } from "../../src/model/connection";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { cel, step, workflow } from "./support/documents";
import { storedRuns } from "./support/entities";
import { script, systemAt } from "./support/outside";
import { type Proofs, paid, prove } from "./support/prove";
import { type Acting, Tenant } from "./support/tenant";
import { pass, until } from "./support/time";

holdClock();

const SECOND = 1_000;

interface Sending {
	use?: string;
	config?: JsonObject;
	credentials?: JsonObject;
	with?: JsonObject;
}

async function perform({ use = "http.request", with: input = {}, ...connection }: Sending): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	await acme.connect("out", { connector: use.split(".")[0] as Acting, ...connection });
	const steps = [{ id: "tell", use, connection: "out", with: input }];
	await acme.publish(workflow("w", "shop", {}, { steps }));
	await acme.take(paid("o-1"));
	return acme;
}

/** The request that arrives at the system `out`, its path without what the test put in front. */
async function sent(sending: Sending): Promise<Arrived & { json: JsonObject }> {
	const acme = await perform(sending);
	const [request] = await acme.arrived("out", 1);
	if (request === undefined) throw new Error("nothing arrived");
	const json = request.body.startsWith("{") ? JSON.parse(request.body) : {};
	return { ...request, path: request.path.slice(acme.place("out").length), json };
}

/** The path that arrives where the connection's base_url leads. */
async function elsewhere(sending: Sending): Promise<string> {
	const acme = await Tenant.create();
	const base_url = systemAt(acme.place("elsewhere"));
	await perform({ ...sending, config: { base_url } });
	const [request] = await acme.arrived("elsewhere", 1);
	return request?.path.slice(acme.place("elsewhere").length) ?? "";
}

/** What a connection sends that has OAuth in the place of a token. */
async function byOAuth(sending: Sending): Promise<void> {
	const acme = await Tenant.create();
	const token_url = systemAt(acme.place("auth"));
	await script(acme.place("auth"), { status: 200, body: { access_token: "granted" } });
	const oauth = { token_url, client_id: "client", refresh_token: "consented" };
	expect((await sent({ ...sending, credentials: { oauth } })).headers.authorization).toBe("Bearer granted");
}

/** The connectors whose every knob is turned over the whole path. Those of all connectors are in `test/connectors/`. */
const PROVED = ["github", "http", "slack"];

/** What has its proofs, as the last test counts. */
const proved = new Set<string>();

function proveAction(use: string, proofs: Proofs): void {
	proved.add(use);
	prove(use, shapeOf(findAction(use)?.input), proofs);
}

function proveConnection(connector: Acting, part: "config" | "credentials", proofs: Proofs): void {
	proved.add(`${connector} ${part}`);
	prove(`${connector} ${part}`, shapeOf(connectors[connector]?.connection?.[part]), proofs);
}

function shapeOf(schema: unknown): object {
	const { shape } = schema as { shape?: object };
	if (shape === undefined) throw new Error("not the schema of an object");
	return shape;
}

const POST = { use: "slack.post_message" };
const MESSAGE = { channel: "C1", text: "hi" };

prove("a connection", ConnectionInput.shape, {
	connector: async () => {
		expect((await sent({ ...POST, with: MESSAGE })).path).toBe("/chat.postMessage");
		expect((await sent({ use: "http.request" })).path).toBe("");
	},
	owner: async () => {
		const acme = await Tenant.create();
		await acme.connect("out");
		expect((await acme.must("GET", "/connections/out")).body).toMatchObject({ owner: "tests" });
	},
	config: async () =>
		expect((await sent({ config: { headers: { "x-of": "config" } } })).headers["x-of"]).toBe("config"),
	credentials: async () => {
		const credentials = { headers: { authorization: "Bearer secret" } };
		expect((await sent({ credentials })).headers.authorization).toBe("Bearer secret");
		expect((await sent({})).headers.authorization).toBeUndefined();
	},
	limits: async () => {
		const acme = await bearing({ requests: 2, per: "1h" });
		expect(await acme.bodiesAt("out")).toHaveLength(1);
		expect((await acme.must("GET", "/connections/out")).body.state).toMatchObject({ waiting: 4 });
		expect(await borne({})).toBe(5);
	},
});

/** A tenant whose five requests have left as far as these limits let them, at once and after so much time. */
async function bearing(limits: JsonObject, ms = 0): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	await acme.connect("out", { limits });
	await acme.publish(workflow("w", "shop", {}));
	for (let n = 1; n <= 5; n++) await acme.take(paid(`o-${n}`));
	await acme.idle();
	await pass(ms);
	await acme.idle();
	return acme;
}

/** How many of them have left. Who has to wait is back within twice the time that a request takes. */
async function borne(limits: JsonObject, ms = 0): Promise<number> {
	return (await (await bearing(limits, ms)).bodiesAt("out")).length;
}

/** How many of six requests are under way at once, and all of them leave in the end. */
async function underWay(limits: JsonObject): Promise<number> {
	const acme = await Tenant.create("shop");
	await acme.connect("out", { limits });
	await script(acme.place("out"), { status: 200, after: 1_500 });
	const steps = Array.from({ length: 6 }, (_, n) => step(`tell_${n}`, { n }));
	await acme.publish(workflow("w", "shop", {}, { steps }));
	await acme.take(paid("o-1"));
	await acme.arrived("out", limits.concurrency === undefined ? 6 : Number(limits.concurrency));
	await new Promise((resolve) => setTimeout(resolve, 400));
	const first = (await acme.bodiesAt("out")).length;
	await until("all are told", async () => {
		await pass(SECOND);
		// Time passes faster here than requests end, so that a lease may run out and its step come once more.
		return new Set((await acme.bodiesAt("out")).map(({ n }) => n)).size === 6;
	});
	return first;
}

prove("limits of a connection", ConnectionLimits.shape, {
	requests: async () => {
		expect(await borne({ requests: 2, per: "1m", burst: 1 }, 29 * SECOND)).toBe(1);
		expect(await borne({ requests: 6, per: "1m", burst: 1 }, 29 * SECOND)).toBe(2);
	},
	per: async () => {
		expect(await borne({ requests: 2, per: "2m", burst: 1 }, 45 * SECOND)).toBe(1);
		expect(await borne({ requests: 2, per: "20s", burst: 1 }, 45 * SECOND)).toBe(2);
	},
	burst: async () => {
		expect(await borne({ requests: 10, per: "1h" })).toBe(1);
		expect(await borne({ requests: 10, per: "1h", burst: 3 })).toBe(3);
	},
	concurrency: async () => {
		expect(await underWay({ concurrency: 1 })).toBe(1);
		expect(await underWay({ concurrency: 2 })).toBe(2);
		expect(await underWay({})).toBe(6);
	},
});

proveConnection("http", "config", {
	base_url: async () => expect(await elsewhere({ with: { path: "/x" } })).toBe("/x"),
	headers: async () => {
		const config = { headers: { "x-plain": "1", accept: "text/plain" } };
		expect((await sent({ config })).headers).toMatchObject({ "x-plain": "1", accept: "text/plain" });
	},
});

proveConnection("http", "credentials", {
	headers: async () => {
		const { headers } = await sent({
			credentials: { headers: { "x-api-key": "k" } },
			with: { headers: { "x-own": "1" } },
		});
		expect(headers).toMatchObject({ "x-api-key": "k", "x-own": "1" });
	},
	oauth: () => byOAuth({}),
});

proveAction("http.request", {
	method: async () => {
		for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"])
			expect((await sent({ with: { method } })).method).toBe(method);
	},
	path: async () =>
		expect((await sent({ with: { path: `/tickets/${cel("event.entity.id")}` } })).path).toBe("/tickets/o-1"),
	url: async () => {
		const acme = await Tenant.create();
		await perform({ with: { url: `${systemAt(acme.place("elsewhere"))}/x` }, config: { base_url: systemAt("") } });
		expect((await acme.arrived("elsewhere", 1))[0]?.path).toBe(`${acme.place("elsewhere")}/x`);
	},
	headers: async () => expect((await sent({ with: { headers: { "x-a": "b" } } })).headers["x-a"]).toBe("b"),
	query: async () => {
		const query = { a: "b&c", n: 1, yes: true };
		expect((await sent({ with: { path: "/s?x=1", query } })).path).toBe("/s?x=1&a=b%26c&n=1&yes=true");
	},
	body: async () => {
		expect(await sent({ with: { body: { a: [1] } } })).toMatchObject({
			...{ body: '{"a":[1]}', headers: { "content-type": "application/json" } },
		});
		expect((await sent({ with: { body: "as it is" } })).body).toBe("as it is");
	},
});

const GET = { use: "http.get" };

proveAction("http.get", {
	path: async () =>
		expect(await sent({ ...GET, with: { path: "/deals/1" } })).toMatchObject({ method: "GET", path: "/deals/1" }),
	url: async () => {
		const acme = await Tenant.create();
		await perform({
			...GET,
			with: { url: `${systemAt(acme.place("elsewhere"))}/x` },
			config: { base_url: systemAt("") },
		});
		expect((await acme.arrived("elsewhere", 1))[0]?.path).toBe(`${acme.place("elsewhere")}/x`);
	},
	headers: async () => expect((await sent({ ...GET, with: { headers: { "x-a": "b" } } })).headers["x-a"]).toBe("b"),
	query: async () =>
		expect((await sent({ ...GET, with: { path: "/s", query: { a: "b&c" } } })).path).toBe("/s?a=b%26c"),
});

proveConnection("slack", "config", {
	base_url: async () => expect(await elsewhere({ ...POST, with: MESSAGE })).toBe("/chat.postMessage"),
});

proveConnection("slack", "credentials", {
	token: async () => {
		const credentials = { token: "xoxb-mine" };
		expect((await sent({ ...POST, credentials, with: MESSAGE })).headers.authorization).toBe("Bearer xoxb-mine");
	},
	oauth: () => byOAuth({ ...POST, with: MESSAGE }),
});

proveAction("slack.post_message", {
	channel: async () => expect((await sent({ ...POST, with: MESSAGE })).json.channel).toBe("C1"),
	text: async () => expect((await sent({ ...POST, with: MESSAGE })).json.text).toBe("hi"),
	blocks: async () => {
		const blocks = [{ type: "divider" }];
		expect((await sent({ ...POST, with: { ...MESSAGE, blocks } })).json.blocks).toEqual(blocks);
	},
	thread_ts: async () => {
		expect((await sent({ ...POST, with: { ...MESSAGE, thread_ts: "1.2" } })).json.thread_ts).toBe("1.2");
	},
});

const PLACE = { channel: "C1", ts: "1.2" };
const UPDATE = { use: "slack.update_message", with: { ...PLACE, text: "new" } };
const DELETE = { use: "slack.delete_message", with: PLACE };

proveAction("slack.update_message", {
	channel: async () => expect(await sent(UPDATE)).toMatchObject({ path: "/chat.update", json: { channel: "C1" } }),
	ts: async () => expect((await sent(UPDATE)).json.ts).toBe("1.2"),
	text: async () => expect((await sent(UPDATE)).json.text).toBe("new"),
	blocks: async () => {
		const blocks = [{ type: "divider" }];
		expect((await sent({ ...UPDATE, with: { ...UPDATE.with, blocks } })).json.blocks).toEqual(blocks);
		expect((await sent(UPDATE)).json.blocks).toBeUndefined();
	},
});

proveAction("slack.delete_message", {
	channel: async () => expect(await sent(DELETE)).toMatchObject({ path: "/chat.delete", json: { channel: "C1" } }),
	ts: async () => expect((await sent(DELETE)).json.ts).toBe("1.2"),
});

const REPO = { owner: "acme", repo: "shop" };

/** An action on something of that repository. */
function onGitHub(action: string, input: JsonObject): (more?: JsonObject) => ReturnType<typeof sent> {
	return (more = {}) => sent({ use: `github.${action}`, with: { ...REPO, ...input, ...more } });
}

const getIssue = onGitHub("get_issue", { number: 7 });
const createIssue = onGitHub("create_issue", { title: "Broken" });
const closeIssue = onGitHub("close_issue", { number: 7 });
const createComment = onGitHub("create_comment", { number: 7, body: "Done." });
const deleteComment = onGitHub("delete_comment", { id: 42 });

proveConnection("github", "config", {
	base_url: async () =>
		expect(await elsewhere({ use: "github.get_issue", with: { ...REPO, number: 7 } })).toBe(
			"/repos/acme/shop/issues/7",
		),
});

proveConnection("github", "credentials", {
	token: async () => {
		const sending = { use: "github.get_issue", with: { ...REPO, number: 7 }, credentials: { token: "mine" } };
		expect((await sent(sending)).headers.authorization).toBe("Bearer mine");
	},
	oauth: () => byOAuth({ use: "github.get_issue", with: { ...REPO, number: 7 } }),
});

proveAction("github.create_issue", {
	owner: async () => expect((await createIssue({ owner: "else" })).path).toBe("/repos/else/shop/issues"),
	repo: async () => expect((await createIssue({ repo: "else" })).path).toBe("/repos/acme/else/issues"),
	title: async () => expect(await createIssue()).toMatchObject({ method: "POST", json: { title: "Broken" } }),
	body: async () =>
		expect((await createIssue({ body: "It does not start." })).json.body).toMatch(/^It does not start.\n/),
	labels: async () => expect((await createIssue({ labels: ["bug"] })).json.labels).toEqual(["bug"]),
	assignees: async () => expect((await createIssue({ assignees: ["dana"] })).json.assignees).toEqual(["dana"]),
});

proveAction("github.close_issue", {
	owner: async () => expect((await closeIssue({ owner: "else" })).path).toBe("/repos/else/shop/issues/7"),
	repo: async () => expect((await closeIssue({ repo: "else" })).path).toBe("/repos/acme/else/issues/7"),
	number: async () =>
		expect(await closeIssue({ number: 8 })).toMatchObject({ method: "PATCH", path: "/repos/acme/shop/issues/8" }),
	state_reason: async () => {
		expect((await closeIssue()).json).toEqual({ state: "closed", state_reason: "completed" });
		expect((await closeIssue({ state_reason: "not_planned" })).json.state_reason).toBe("not_planned");
	},
});

proveAction("github.create_comment", {
	owner: async () => expect((await createComment({ owner: "else" })).path).toBe("/repos/else/shop/issues/7/comments"),
	repo: async () => expect((await createComment({ repo: "else" })).path).toBe("/repos/acme/else/issues/7/comments"),
	number: async () => expect((await createComment({ number: 8 })).path).toBe("/repos/acme/shop/issues/8/comments"),
	body: async () =>
		expect(await createComment()).toMatchObject({ method: "POST", json: { body: expect.stringMatching(/^Done.\n/) } }),
});

proveAction("github.delete_comment", {
	owner: async () => expect((await deleteComment({ owner: "else" })).path).toBe("/repos/else/shop/issues/comments/42"),
	repo: async () => expect((await deleteComment({ repo: "else" })).path).toBe("/repos/acme/else/issues/comments/42"),
	id: async () =>
		expect(await deleteComment({ id: 43 })).toMatchObject({
			method: "DELETE",
			path: "/repos/acme/shop/issues/comments/43",
		}),
});

proveAction("github.get_issue", {
	owner: async () => expect((await getIssue({ owner: "else" })).path).toBe("/repos/else/shop/issues/7"),
	repo: async () => expect((await getIssue({ repo: "else" })).path).toBe("/repos/acme/else/issues/7"),
	number: async () =>
		expect(await getIssue({ number: 8 })).toMatchObject({ method: "GET", path: "/repos/acme/shop/issues/8" }),
});

test("private addresses are reached only where the service is told to", async () => {
	const bindings = env as unknown as Record<string, unknown>;
	for (const setting of ["false", "TRUE", "1", "", undefined]) {
		bindings.ALLOW_PRIVATE_EGRESS = setting;
		const acme = await perform({});
		await acme.idle();
		const [run] = await storedRuns(acme.name);
		expect([setting, run?.steps[0]]).toMatchObject([
			...[setting, { status: "failed", class: "policy", reason: "only https is allowed, not http" }],
		]);
	}
	bindings.ALLOW_PRIVATE_EGRESS = "true";
	await sent({});
});

test("every action of the connectors that are proved here is", () => {
	const connections = PROVED.flatMap((id) => [`${id} config`, `${id} credentials`]);
	const actions = actionNames().filter((use) => PROVED.some((id) => use.startsWith(`${id}.`)));
	expect([...proved].sort()).toEqual([...actions, ...connections].sort());
});
