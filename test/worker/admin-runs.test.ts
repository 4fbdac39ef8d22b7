// What operators do with whole runs: look at what is waited for, cancel, resume, run again.

import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { CanonicalEvent } from "../../src/model/event";
import type { Fact } from "../../src/model/fact";
import { entityName } from "../../src/model/names";
import type { Plan, StepPlan } from "../../src/model/plan";
import { entityOf, ledgerOf } from "../../src/stubs";
import { asks, factsOf, joins, sleeps, started, T0 } from "../ledger/story";
import { type Answer, call, must, publish, setUpTenant, tokenFor, workflow } from "./admin";

const KEY = "e:github/issue/1";

let tenant: string;
let base: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `runs-${count}`;
	base = `/tenants/${tenant}`;
	await setUpTenant(tenant);
});

function traceOf(n: number): string {
	return n.toString(16).padStart(32, "0");
}

function step(id: string, parts: Partial<StepPlan>): StepPlan {
	return {
		...{ id, use: "http.request", connection: "web", timeout_ms: 1_000, repeatable: true, on_unknown: "retry" },
		...{ attempts: 1, base_ms: 100, cap_ms: 100, ...parts },
	};
}

/** Fails at once, and again whenever it is tried. */
const failing = step("tell", { if: "event.data.missing == 1" });
const sleeping = step("nap", { use: "wait", connection: null, input: { for: "1h" } });

/** A run of version 7 of `tell-ops`, which was never published. Resolves once the journal tells of it. */
async function run(n: number, ...steps: StepPlan[]): Promise<string> {
	await accept(n, { steps });
	const id = `run_${traceOf(n)}.tell-ops`;
	await told(id, () => true);
	return id;
}

async function accept(n: number, parts: Partial<Plan>): Promise<void> {
	const trace_id = traceOf(n);
	const event: CanonicalEvent = {
		...{ id: `evt_${trace_id}`, tenant_id: tenant, source: "github", source_system: "github" },
		...{ event_type: "issue.opened", native_type: "issues.opened" },
		...{ entity: { type: "issue", id: "1" }, entity_id: "github/issue/1", actor: { kind: "human" } },
		...{ timestamp: "2026-11-20T10:00:00.000Z", received_at: "2026-11-20T10:00:00.000Z" },
		...{ changes: [], data: {}, trust: "signed_untimed", schema_version: 1 },
		trace: { trace_id, hops: 0, path: [] },
	};
	const plan: Plan = {
		...{ workflow: "tell-ops", version: 7, entity_key: KEY, priority: "normal" },
		...{ timing: { kind: "immediate" }, steps: [failing], ...parts },
	};
	await entityOf(env, tenant, plan.entity_key).accept({ event: JSON.stringify(event), plans: [plan], unmatched: [] });
}

/** The run, once the journal tells of it what is asked. */
async function told(id: string, wanted: (body: Answer["body"]) => boolean): Promise<Answer["body"]> {
	const read = () => call("GET", `${base}/runs/${id}`);
	const isTold = async () => {
		await ring();
		const { status, body } = await read();
		return status === 200 && wanted(body);
	};
	await expect.poll(isTold).toBe(true);
	return (await read()).body;
}

/** Facts wait a few seconds for company, unless the alarm rings. */
const ring = () => runDurableObjectAlarm(env.ENTITY.getByName(entityName(tenant, KEY)));

const waiting = async () => {
	await ring();
	return (await must("GET", `${base}/waiting`)).body.items;
};

const post = (id: string, what: string, body: unknown = {}, token?: string) =>
	call("POST", `${base}/runs/${id}/${what}`, { body, ...(token === undefined ? {} : { token }) });

const kinds = ({ facts }: Answer["body"]) => facts.map(({ kind }: Fact) => kind);

/** A version of `tell-ops` that does nothing, and thus succeeds; its number is 1. */
const harmless = () => publish(tenant, workflow("tell-ops", { steps: [{ ...idle(), if: "false" }] }));
const idle = () => ({ id: "tell", use: "slack.post_message", connection: "chat", with: { channel: "C1", text: "hi" } });

describe("a run that waits", () => {
	test("is cancelled once, with a reason, by somebody", async () => {
		const id = await run(1, sleeping, failing);
		expect((await must("GET", `${base}/waiting`)).body.items).toMatchObject([{ kind: "time", step: "nap", run: id }]);
		const token = await tokenFor(tenant, "operate");
		const cancelled = await post(id, "cancel", { reason: "a mistake" }, token);
		expect([cancelled.status, cancelled.body]).toEqual([202, { id }]);
		const body = await told(id, ({ status }) => status === "cancelled");
		expect(body.steps).toMatchObject([
			{ id: "nap", status: "cancelled", reason: expect.stringContaining("cancelled by") },
			{ id: "tell", status: "failed", class: "expression" },
		]);
		expect(body.facts.find(({ kind }: Fact) => kind === "run.cancelled")).toMatchObject({
			actor: `token:${token.split("_")[1]}`,
			data: { reason: "a mistake", compensate: false },
		});
		expect((await must("GET", `${base}/waiting`)).body.items).toEqual([]);
		expect(
			(await must("GET", `${base}/runs?status=cancelled`)).body.items.map((one: { id: string }) => one.id),
		).toEqual([id]);
		const again = await post(id, "cancel", { reason: "again" });
		expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining("Read it again") } });
		const resumed = await post(id, "resume");
		expect(resumed).toMatchObject({ status: 409, body: { detail: expect.stringContaining(`runs/${id}/rerun`) } });
		const letter = await must("GET", `${base}/dead-letters?state=open`);
		const retried = await call("POST", `${base}/dead-letters/${letter.body.items[0].id}/retry`);
		expect(retried).toMatchObject({ status: 409, body: { detail: expect.stringContaining(`runs/${id}/rerun`) } });
	});

	test("is not resumed as long as it goes on", async () => {
		const id = await run(1, sleeping);
		const refused = await post(id, "resume");
		expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("Wait for its end") } });
	});
});

describe("people who are asked", () => {
	const input = { of: ["legal"], need: 2, within: "1h", ask: "Ship it?" };
	const ballot = { teams: ["legal"], identities: [], vote: "approve" as const };
	const asking = step("sign_off", { use: "approve", connection: null, input });

	test("are listed with who has voted, until enough have", async () => {
		const id = await run(1, asking);
		const entity = entityOf(env, tenant, KEY);
		expect(await waiting()).toMatchObject([{ kind: "approval", step: "sign_off", ask: "Ship it?", approved: 0 }]);
		await entity.vote(id, "sign_off", { ...ballot, approver: "ann", by: "approver:ann" });
		await expect
			.poll(waiting)
			.toMatchObject([{ approved: 1, need: 2, votes: [{ by: "approver:ann", vote: "approve" }] }]);
		expect((await must("GET", `${base}/runs/${id}`)).body.waits).toMatchObject([{ step: "sign_off", approved: 1 }]);
		await entity.vote(id, "sign_off", { ...ballot, approver: "ben", by: "approver:ben" });
		await expect.poll(waiting).toEqual([]);
		const body = await told(id, ({ status }) => status === "succeeded");
		expect(body).toMatchObject({ steps: [{ id: "sign_off", status: "succeeded" }], waits: [] });
	});
});

test("a join is listed with what it lacks, until its run has begun", async () => {
	const branches = { ci: "required" as const, qa: "required" as const };
	const join = {
		kind: "join" as const,
		branches,
		need: 2,
		by: 3_600_000,
		on_short: "fail" as const,
		late: "ignore" as const,
	};
	await accept(1, { timing: join, branch: "ci" });
	await expect
		.poll(waiting)
		.toMatchObject([{ kind: "join", have: ["ci"], missing: ["qa"], run: `run_${traceOf(1)}.tell-ops` }]);
	await accept(2, { timing: join, branch: "qa" });
	await expect.poll(waiting).toEqual([]);
	await told(`run_${traceOf(1)}.tell-ops`, ({ status }) => status === "failed");
});

describe("a run that failed", () => {
	test("is resumed at its failed steps, on its own version", async () => {
		const id = await run(1, failing);
		await told(id, ({ status }) => status === "failed");
		expect((await post(id, "resume")).status).toBe(202);
		const body = await told(id, (read) => kinds(read).filter((kind: string) => kind === "run.finished").length === 2);
		expect(body).toMatchObject({ status: "failed", version: 7 });
		expect(body.facts.find(({ kind }: Fact) => kind === "run.resumed").data).toMatchObject({
			by: "root",
			version: 7,
			from_version: 7,
		});
	});

	test.each([["current" as const], [1]])("is resumed on version %s, which then is its own", async (version) => {
		await harmless();
		const id = await run(1, failing);
		await told(id, ({ status }) => status === "failed");
		expect((await post(id, "resume", { version })).status).toBe(202);
		const body = await told(id, ({ status }) => status === "succeeded");
		expect(body).toMatchObject({ version: 1, steps: [{ id: "tell", status: "skipped" }] });
	});

	test("runs again under a name, once for each name", async () => {
		const id = await run(1, failing);
		const again = await post(id, "rerun", { name: "after-the-fix" });
		expect([again.status, again.body]).toEqual([
			202,
			{ id: `${id}.after-the-fix`, repeats: id, name: "after-the-fix" },
		]);
		const body = await told(again.body.id, ({ status }) => status === "failed");
		expect(body).toMatchObject({ repeats: id, version: 7, workflow: "tell-ops" });
		expect((await post(id, "rerun", { name: "after-the-fix" })).body).toEqual(again.body);
		const nameless = await post(id, "rerun");
		expect(nameless.body).toMatchObject({ name: expect.stringMatching(/^again-[0-9a-f]{8}$/), repeats: id });
		expect(nameless.body.id).toBe(`${id}.${nameless.body.name}`);
		await told(nameless.body.id, () => true);
		expect((await must("GET", `${base}/runs`)).body.items.length).toBe(3);
		const taken = await post(again.body.id, "rerun", { name: "after-the-fix" });
		expect(taken).toMatchObject({ status: 409, body: { detail: expect.stringContaining("Choose another name") } });
	});

	test("runs again on the current version", async () => {
		await harmless();
		const id = await run(1, failing);
		const again = await post(id, "rerun", { version: "current" });
		const body = await told(again.body.id, ({ status }) => status === "succeeded");
		expect(body).toMatchObject({ version: 1, repeats: id });
		expect((await must("GET", `${base}/runs/${id}`)).body.version).toBe(7);
	});

	test.each(["resume", "rerun"])(
		"cannot %s on a version that is missing, or that this release cannot run",
		async (what) => {
			const id = await run(1, failing);
			const none = await post(id, what, { version: "current" });
			expect(none).toMatchObject({
				status: 404,
				body: { detail: expect.stringContaining("/workflows/tell-ops/versions") },
			});
			await harmless();
			expect((await post(id, what, { version: 9 })).status).toBe(404);
			const document = JSON.stringify(workflow("tell-ops", { steps: [{ ...idle(), use: "fax.send" }] }));
			await env.DB.prepare(
				`INSERT INTO workflow_versions SELECT tenant, workflow, 2, 'f00d', ?2, sources, connections, '', 'root', 0
			FROM workflow_versions WHERE tenant = ?1 AND workflow = 'tell-ops'`,
			)
				.bind(tenant, document)
				.run();
			const broken = await post(id, what, { version: 2 });
			expect(broken).toMatchObject({
				status: 409,
				body: { detail: expect.stringContaining("Publish a version"), errors: [{ path: "steps[0].use" }] },
			});
		},
	);
});

describe("a run that is no longer kept", () => {
	test.each([
		["cancel", { reason: "old" }],
		["resume", {}],
		["rerun", {}],
	])("cannot %s, and says so", async (what, body) => {
		await ledgerOf(env, tenant).append(factsOf([started("a")], { tenant, trace: traceOf(9) }));
		const refused = await post(`run_${traceOf(9)}.wf`, what, body);
		expect(refused).toMatchObject({
			status: 410,
			body: { detail: expect.stringContaining("The journal still tells") },
		});
	});
});

test("what is waited for is listed, filtered and paged", async () => {
	const at = (n: number) => ({ tenant, trace: traceOf(n) });
	await ledgerOf(env, tenant).append([
		...factsOf([joins(["ci"], ["qa"], T0 + 1_000)], at(1)),
		...factsOf([started("ok"), asks("ok", T0 + 3_000)], at(2)),
		...factsOf([started("nap"), sleeps("nap", T0 + 2_000)], at(3)),
	]);
	const first = (await must("GET", `${base}/waiting?limit=2`)).body;
	expect(first.items).toMatchObject([
		{ kind: "join", have: ["ci"], missing: ["qa"], until: T0 + 1_000 },
		{ kind: "time", step: "nap", until: T0 + 2_000 },
	]);
	const second = (await must("GET", `${base}/waiting?limit=2&cursor=${first.cursor}`)).body;
	expect(second).toMatchObject({
		items: [{ kind: "approval", of: ["legal", "finance"], need: 2, votes: [] }],
		cursor: null,
	});
	const kinds = async (query: string) =>
		(await must("GET", `${base}/waiting?${query}`)).body.items.map(({ kind }: { kind: string }) => kind);
	expect(await kinds("kind=approval")).toEqual(["approval"]);
	expect(await kinds("workflow=wf&kind=join")).toEqual(["join"]);
	expect(await kinds("workflow=other")).toEqual([]);
	await must("PUT", "/tenants/other", { body: {} });
	expect((await must("GET", "/tenants/other/waiting")).body.items).toEqual([]);
});

test("a run is told with the facts of one step if one is asked for", async () => {
	await ledgerOf(env, tenant).append(
		factsOf([started("ok", "nap"), asks("ok", T0), sleeps("nap", T0)], { tenant, trace: traceOf(4) }),
	);
	const { body } = await must("GET", `${base}/runs/run_${traceOf(4)}.wf?step=nap`);
	expect(kinds(body)).toEqual(["step.waiting"]);
	expect(body.steps).toHaveLength(2);
});
