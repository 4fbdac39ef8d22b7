// Approvals and pauses with real runs: from the delivery that starts one to what becomes of it. The journal tells of a
// run after some seconds, which all of these wait for together.

import { env, exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { RunState } from "../../src/model/message";
import { approvalLink } from "../../src/registry/approval-link";
import { vaultKeys } from "../../src/registry/cache";
import { entityOf } from "../../src/stubs";
import { call, must, publish, tokenFor, tokenOf } from "./admin";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const ASK = { of: ["legal", "bob"], within: "1h", ask: "Sign <${{ event.entity_id }}>?" };
const SIGN_OFF = { id: "sign_off", use: "approve", with: ASK };

let tenants = 0;

/** Tests that run beside each other share `expect`, which then cannot poll by itself. */
function until(holds: () => Promise<void>): Promise<void> {
	return vi.waitFor(holds, { timeout: 20_000, interval: 100 });
}

/** A tenant with approvers: ann of the team legal, bob who may have caused the event, and eve whom nobody asks. */
async function openTenant(): Promise<string> {
	tenants += 1;
	const tenant = `acme-${tenants}`;
	const base = `/tenants/${tenant}`;
	await must("PUT", base, { body: {} });
	await must("PUT", `${base}/sources/tracker`, { body: { connector: "token", secrets: ["a shared token"] } });
	await must("PUT", `${base}/approvers/ann`, { body: { title: "Ann", teams: ["legal"] } });
	await must("PUT", `${base}/approvers/bob`, { body: { title: "Bob", identities: ["token:u-1"] } });
	await must("PUT", `${base}/approvers/eve`, { body: { title: "Eve" } });
	return tenant;
}

function document(step: object) {
	return { name: "deal", owner: "ops", on: { source: "tracker", event: "*" }, steps: [step] };
}

interface Started {
	tenant: string;
	run: string;
	key: string;
}

/** Sends the event that starts a run, and waits until the journal knows it. */
async function start(tenant: string, actor = "u-2"): Promise<Started> {
	const body = { id: "d-1", type: "order.updated", data: { id: "o-1" }, actor: { kind: "human", id: actor } };
	const headers = { "content-type": "application/json", "x-webhook-token": "a shared token" };
	const address = `https://signalbox.test/in/${tenant}/tracker`;
	const answer = await exports.default.fetch(
		new Request(address, { method: "POST", headers, body: JSON.stringify(body) }),
	);
	expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
	const listed = async () => (await must("GET", `/tenants/${tenant}/runs`)).body.items;
	await until(async () => expect(await listed()).toHaveLength(1));
	const [{ id, entity_key }] = await listed();
	return { tenant, run: id, key: entity_key };
}

async function startAsking(step: object = SIGN_OFF, actor?: string): Promise<Started> {
	const tenant = await openTenant();
	await publish(tenant, document(step));
	return start(tenant, actor);
}

function look({ tenant, key, run }: Started): Promise<RunState | null> {
	return entityOf(env, tenant, key).look(run);
}

async function votesOf(started: Started): Promise<string[]> {
	const step = (await look(started))?.steps.find(({ id }) => id === "sign_off");
	return (step?.approval?.votes ?? []).map(({ by, vote }) => `${by} ${vote}`);
}

async function statusOf(started: Started): Promise<string | undefined> {
	return (await look(started))?.status;
}

/** The page behind an approver's link, opened or answered. */
async function page(
	{ tenant, run, key }: Started,
	approver: string,
	vote?: string,
): Promise<{ status: number; text: string }> {
	const grant = { tenant, entity_key: key, run, step: "sign_off", approver, expires_at: Date.now() + 60_000 };
	const link = await approvalLink(await vaultKeys(env), "https://signalbox.test", grant);
	const init = vote === undefined ? {} : { method: "POST", headers: FORM, body: `vote=${vote}&comment=because` };
	const answer = await exports.default.fetch(new Request(link, init));
	return { status: answer.status, text: await answer.text() };
}

function voteWith(token: string, { tenant, run }: Started) {
	return call("POST", `/tenants/${tenant}/runs/${run}/approve`, { token, body: { step: "sign_off" } });
}

describe.concurrent("a run", () => {
	test("shows what is asked, and goes on when somebody who is asked approves on the page", async () => {
		const started = await startAsking();
		const shown = await page(started, "ann");
		expect(shown.status).toBe(200);
		for (const part of ["Sign &lt;token/order/o-1&gt;?", "0 of 1", "<form"]) expect(shown.text).toContain(part);
		expect(await votesOf(started)).toEqual([]);
		expect((await page(started, "ann", "approve")).text).toContain("Your approval is counted");
		await until(async () => expect(await statusOf(started)).toBe("succeeded"));
		expect(await votesOf(started)).toEqual(["approver:ann approve"]);
		expect((await page(started, "ann", "approve")).status).toBe(409);
		expect((await page(started, "bob")).text).toContain("Nobody is asked any more");
	});

	test("fails when somebody rejects, and the journal tells who and why", async () => {
		const started = await startAsking();
		expect((await page(started, "bob", "reject")).status).toBe(200);
		await until(async () => expect(await statusOf(started)).toBe("failed"));
		const told = async () =>
			(await must("GET", `/tenants/${started.tenant}/runs/${started.run}`)).body.facts.filter(
				({ kind }: { kind: string }) => kind === "approval.voted",
			);
		await until(async () => expect(await told()).toHaveLength(1));
		expect((await told())[0]).toMatchObject({ actor: "approver:bob", data: { vote: "reject", comment: "because" } });
	});

	test("counts no vote of somebody who is not asked", async () => {
		const started = await startAsking();
		expect((await page(started, "eve", "approve")).status).toBe(403);
		expect((await voteWith(await tokenOf(started.tenant, "eve"), started)).status).toBe(403);
		expect((await voteWith(await tokenFor(started.tenant, "operate"), started)).status).toBe(403);
		expect(await votesOf(started)).toEqual([]);
	});

	test("counts no vote of whoever caused the event", async () => {
		const started = await startAsking(SIGN_OFF, "u-1");
		expect((await page(started, "bob", "approve")).text).toContain("You cannot approve your own change");
		expect((await voteWith(await tokenOf(started.tenant, "bob"), started)).body.detail).toContain("did yourself");
		expect(await votesOf(started)).toEqual([]);
	});

	test("goes on when an approver votes with their token, once", async () => {
		const started = await startAsking();
		const token = await tokenOf(started.tenant, "ann");
		const expected = { run: started.run, step: "sign_off", vote: "approve", by: "approver:ann" };
		expect((await voteWith(token, started)).body).toEqual(expected);
		await until(async () => expect(await statusOf(started)).toBe("succeeded"));
		expect((await voteWith(token, started)).status).toBe(409);
	});

	test("takes a page and a token for one voter", async () => {
		const started = await startAsking({ ...SIGN_OFF, with: { ...ASK, need: 2 } });
		expect((await page(started, "ann", "approve")).status).toBe(200);
		const again = await voteWith(await tokenOf(started.tenant, "ann"), started);
		expect([again.status, again.body.detail]).toEqual([409, expect.stringContaining("voted on this step already")]);
		const shown = await page(started, "ann");
		for (const part of ["You have voted already", "1 of 2"]) expect(shown.text).toContain(part);
	});

	test("of a paused workflow is held, and goes on when it is resumed", async () => {
		const tenant = await openTenant();
		const base = `/tenants/${tenant}`;
		const web = { connector: "http", owner: "ops", config: { base_url: "http://127.0.0.1:9" }, credentials: {} };
		await must("PUT", `${base}/connections/web`, { body: web });
		const tell = { id: "tell", use: "http.request", connection: "web", with: { method: "POST", path: "/" } };
		await publish(tenant, document(tell));
		await must("POST", `${base}/workflows/deal/pause`, { body: { reason: "a test" } });
		const started = await start(tenant);
		const step = async () => (await look(started))?.steps.find(({ id }) => id === "tell");
		await until(async () => expect((await step())?.status).toBe("held"));
		expect((await must("POST", `${base}/workflows/deal/resume`)).body).toMatchObject({ woken: 1, not_woken: 0 });
		await until(async () => expect((await step())?.attempts).toBeGreaterThan(0));
	});
});
