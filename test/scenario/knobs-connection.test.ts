// Every setting of a connection and every input of an action makes a difference in what leaves, and here is which.

import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Arrived } from "../../scripts/support/receiver";
import { connectors, findAction } from "../../src/connectors/index";
import { ConnectionInput } from "../../src/model/connection";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { cel } from "./support/documents";
import { storedRuns } from "./support/entities";
import { systemAt } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";

holdClock();

interface Sending {
	connector?: "http" | "slack";
	config?: JsonObject;
	credentials?: JsonObject;
	with?: JsonObject;
}

async function perform({ connector = "http", with: input = {}, ...connection }: Sending): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	await acme.connect("out", { connector, ...connection });
	const use = connector === "http" ? "http.request" : "slack.post_message";
	const steps = [{ id: "tell", use, connection: "out", with: input }];
	await acme.publish({ name: "w", owner: "tests", on: { source: "shop", event: "*" }, steps });
	await acme.take(shop("order.paid", { id: "o-1" }));
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

function prove(what: string, keys: object, proofs: Record<string, () => Promise<void>>): void {
	describe(what, () => {
		test.each(Object.entries(proofs))("%s", (_, proof) => proof());
		test("and there is no other", () => expect(Object.keys(proofs).sort()).toEqual(Object.keys(keys).sort()));
	});
}

function shapeOf(schema: unknown): object {
	const { shape } = schema as { shape?: object };
	if (shape === undefined) throw new Error("not the schema of an object");
	return shape;
}

const http = connectors.http?.connection;
const slack = connectors.slack?.connection;
const MESSAGE = { channel: "C1", text: "hi" };

prove("a connection", ConnectionInput.shape, {
	connector: async () => {
		expect((await sent({ connector: "slack", with: MESSAGE })).path).toBe("/chat.postMessage");
		expect((await sent({ connector: "http" })).path).toBe("");
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
});

prove("http settings", shapeOf(http?.config), {
	base_url: async () => {
		const acme = await Tenant.create();
		const elsewhere = systemAt(acme.place("elsewhere"));
		await perform({ config: { base_url: elsewhere } });
		expect(await acme.arrived("elsewhere", 1)).toHaveLength(1);
	},
	headers: async () => {
		const config = { headers: { "x-plain": "1", accept: "text/plain" } };
		expect((await sent({ config })).headers).toMatchObject({ "x-plain": "1", accept: "text/plain" });
	},
});

prove("http credentials", shapeOf(http?.credentials), {
	headers: async () => {
		const { headers } = await sent({
			credentials: { headers: { "x-api-key": "k" } },
			with: { headers: { "x-own": "1" } },
		});
		expect(headers).toMatchObject({ "x-api-key": "k", "x-own": "1" });
	},
});

prove("http.request", shapeOf(findAction("http.request")?.input), {
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

prove("slack settings", shapeOf(slack?.config), {
	base_url: async () => expect((await sent({ connector: "slack", with: MESSAGE })).path).toBe("/chat.postMessage"),
});

prove("slack credentials", shapeOf(slack?.credentials), {
	token: async () => {
		const credentials = { token: "xoxb-mine" };
		expect((await sent({ connector: "slack", credentials, with: MESSAGE })).headers.authorization).toBe(
			"Bearer xoxb-mine",
		);
	},
});

prove("slack.post_message", shapeOf(findAction("slack.post_message")?.input), {
	channel: async () => expect((await sent({ connector: "slack", with: MESSAGE })).json.channel).toBe("C1"),
	text: async () => expect((await sent({ connector: "slack", with: MESSAGE })).json.text).toBe("hi"),
	blocks: async () => {
		const blocks = [{ type: "divider" }];
		expect((await sent({ connector: "slack", with: { ...MESSAGE, blocks } })).json.blocks).toEqual(blocks);
	},
	thread_ts: async () => {
		expect((await sent({ connector: "slack", with: { ...MESSAGE, thread_ts: "1.2" } })).json.thread_ts).toBe("1.2");
	},
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

test("every connector that acts is proved here", () => {
	const acting = Object.values(connectors).filter(({ actions }) => actions !== undefined);
	const actions = acting.flatMap(({ id, actions }) => Object.keys(actions ?? {}).map((action) => `${id}.${action}`));
	expect(actions.sort()).toEqual(["http.request", "slack.post_message"]);
});
