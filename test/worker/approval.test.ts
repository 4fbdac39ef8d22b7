// The approval page over the real registry: who is let in, what is shown, and that only a POST votes.

import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createApproval } from "../../src/edge/approval";
import type { Env } from "../../src/env";
import type { Approval } from "../../src/model/entity";
import type { RunState, VoteAnswer } from "../../src/model/message";
import { entityName } from "../../src/model/names";
import { approvalLink, type Grant } from "../../src/registry/approval-link";
import { vaultKeys } from "../../src/registry/cache";
import { must } from "./admin";
import { FakeEntities } from "./support/fake-entities";

const ANN = { title: "Ann <Lee>", teams: ["legal"], identities: ["github:583231"] };
const FORM = { "content-type": "application/x-www-form-urlencoded" };

let tenant: string;
let grant: Grant;
let entities: FakeEntities;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	await must("PUT", `/tenants/${tenant}`, { body: {} });
	await must("PUT", `/tenants/${tenant}/approvers/ann`, { body: ANN });
	grant = {
		...{ tenant, entity_key: "e:hubspot/deal/991", run: `run_${"0".repeat(32)}.deal-in-review`, step: "sign_off" },
		...{ approver: "ann", expires_at: Date.now() + 60_000 },
	};
	entities = new FakeEntities();
	entities.state = stateOf();
});

function stateOf(step: Partial<RunState["steps"][number]> = {}): RunState {
	const approval: Approval = {
		...{ of: ["legal"], need: 2, until: grant.expires_at, on_timeout: "fail", self_approval: false },
		...{ ask: "Sign the <b>deal</b>?", votes: [] },
	};
	return {
		...{ id: grant.run, workflow: "deal-in-review", version: 1, status: "running", event_id: null },
		steps: [{ id: "sign_off", kind: "step", status: "asking", attempts: 0, due_at: null, approval, ...step }],
	};
}

interface PageAnswer {
	status: number;
	headers: Headers;
	text: string;
}

async function tokenFor(changes: Partial<Grant> = {}): Promise<string> {
	const link = await approvalLink(await vaultKeys(env), "https://signalbox.test", { ...grant, ...changes });
	return new URL(link).pathname.slice("/approve/".length);
}

async function open(token: string, init: RequestInit = {}, changes: Partial<Env> = {}): Promise<PageAnswer> {
	const request = new Request(`https://signalbox.test/${token}`, init);
	const response = await createApproval().fetch(request, { ...env, ENTITY: entities.binding, ...changes });
	return { status: response.status, headers: response.headers, text: await response.text() };
}

function post(token: string, body: BodyInit = "vote=approve&comment=", headers: Record<string, string> = FORM) {
	return open(token, { method: "POST", body, headers });
}

const headingOf = ({ text }: PageAnswer) => /<h1>(.+)<\/h1>/.exec(text)?.[1];

describe("opening a link", () => {
	test("shows what is asked, escaped, with the form, and votes for nobody", async () => {
		const page = await open(await tokenFor());
		expect([page.status, headingOf(page)]).toEqual([200, "Your approval is asked for"]);
		for (const part of ["Sign the &lt;b&gt;deal&lt;/b&gt;?", "Ann &lt;Lee&gt;", "0 of 2", "<form"]) {
			expect(page.text).toContain(part);
		}
		expect(entities.votes).toEqual([]);
	});

	test.each(["GET", "HEAD"])("by %s any number of times votes never", async (method) => {
		const token = await tokenFor();
		for (const query of ["", "?vote=approve", "?vote=approve&comment=x"]) {
			expect((await open(token + query, { method })).status).toBe(200);
		}
		expect(entities.votes).toEqual([]);
	});

	test("says so when the approver has voted, and has no form then", async () => {
		const votes = [{ by: "approver:ann", vote: "approve" as const, at: 1 }];
		const state = stateOf();
		const [step] = state.steps;
		if (step?.approval !== undefined) step.approval.votes = votes;
		entities.state = state;
		const page = await open(await tokenFor());
		expect([page.status, headingOf(page)]).toEqual([200, "You have voted already"]);
		expect(page.text).toContain("1 of 2");
		expect(page.text).not.toContain("<form");
	});

	test.each<[string, () => RunState | null, number, string]>([
		[
			"a step that is yet to ask",
			() => stateOf({ status: "pending", approval: undefined }),
			200,
			"Nobody is asked yet",
		],
		["a step that is held", () => stateOf({ status: "held" }), 200, "Nobody is asked yet"],
		["a step that was decided", () => stateOf({ status: "succeeded" }), 200, "Nobody is asked any more"],
		["a step that asks nobody", () => stateOf({ approval: undefined }), 200, "Nobody is asked any more"],
		["a step that the run does not have", () => ({ ...stateOf(), steps: [] }), 200, "Nobody is asked any more"],
		["a run that is no longer kept", () => null, 410, "The run is no longer kept"],
	])("of %s has no form", async (_, state, status, heading) => {
		entities.state = state();
		const page = await open(await tokenFor());
		expect([page.status, headingOf(page)]).toEqual([status, heading]);
		expect(page.text).not.toContain("<form");
	});
});

describe("pressing a button", () => {
	test("votes as the approver, with the teams and identities of now", async () => {
		const token = await tokenFor();
		await must("PUT", `/tenants/${tenant}/approvers/ann`, { body: { ...ANN, teams: ["board"] } });
		const page = await post(token, "comment=too+dear&vote=reject");
		expect([page.status, headingOf(page)]).toEqual([200, "Your rejection is counted"]);
		const who = { approver: "ann", by: "approver:ann", teams: ["board"], identities: ["github:583231"] };
		expect(entities.votes).toEqual([
			{
				...{ tenant, key: grant.entity_key, run: grant.run, step: grant.step },
				ballot: { ...who, vote: "reject", comment: "too dear" },
			},
		]);
	});

	test.each<[VoteAnswer, number, string]>([
		["counted", 200, "Your approval is counted"],
		["voted_already", 409, "You have voted already"],
		["not_asked", 403, "You are not asked"],
		["own", 403, "You cannot approve your own change"],
		["over", 409, "Nobody is asked any more"],
		["gone", 410, "The run is no longer kept"],
	])("is answered by a page when the run says %s", async (said, status, heading) => {
		entities.said = said;
		const page = await post(await tokenFor());
		expect([page.status, headingOf(page)]).toEqual([status, heading]);
		expect(page.text).not.toContain("<form");
	});

	test("twice is told the second time", async () => {
		const token = await tokenFor();
		expect((await post(token)).status).toBe(200);
		entities.said = "voted_already";
		const again = await post(token);
		expect([again.status, headingOf(again)]).toEqual([409, "You have voted already"]);
	});

	test.each<[string, number, BodyInit, Record<string, string>]>([
		["no button", 400, "comment=x", FORM],
		["two buttons", 400, "vote=approve&vote=reject", FORM],
		["a comment that is too long", 400, `vote=approve&comment=${"x".repeat(1_001)}`, FORM],
		["a body that is too large", 413, `vote=approve&comment=${"x".repeat(16_384)}`, FORM],
		["JSON", 415, '{"vote":"approve"}', { "content-type": "application/json" }],
		["a form of another kind", 415, "vote=approve", { "content-type": "multipart/form-data; boundary=x" }],
		["no kind at all", 415, new TextEncoder().encode("vote=approve"), {}],
		["a compressed form", 415, "vote=approve", { ...FORM, "content-encoding": "gzip" }],
	])("with %s is a %i and votes for nobody", async (_, status, body, headers) => {
		const page = await post(await tokenFor(), body, headers);
		expect(page.status).toBe(status);
		expect(page.text).toMatch(/Go back|Open the link|Your vote was not counted/);
		expect(entities.votes).toEqual([]);
	});

	test("by another method is a 405", async () => {
		for (const method of ["PUT", "DELETE", "PATCH"]) {
			const page = await open(await tokenFor(), { method });
			expect([page.status, page.headers.get("allow")]).toEqual([405, "GET, POST"]);
		}
		expect(entities.reached).toEqual([]);
	});
});

describe("a link that is not valid", () => {
	/** The token of the same grant under a key that this deployment does not know, and under a wrong one of its name. */
	async function underKey(text: string): Promise<string> {
		const keys = await vaultKeys({ VAULT_KEYS: text });
		return (await approvalLink(keys, "", grant)).slice("/approve/".length);
	}

	const bad: [string, () => Promise<string>][] = [
		["that has expired", () => tokenFor({ expires_at: Date.now() - 1 })],
		[
			"whose grant was changed",
			async () => (await tokenFor()).replace(/(?<=\..{10})./, (char) => (char === "A" ? "B" : "A")),
		],
		["whose signature was changed", async () => (await tokenFor()).replace(/.$/, (char) => (char === "A" ? "E" : "A"))],
		["that was cut off", async () => (await tokenFor()).slice(0, -5)],
		[
			"with the signature of another tenant's",
			async () => swapSignature(await tokenFor(), await tokenFor({ tenant: "b" })),
		],
		[
			"with the signature of another approver's",
			async () => swapSignature(await tokenFor(), await tokenFor({ approver: "bob" })),
		],
		["under a key that is not known", () => underKey(`k9:${btoa("9".repeat(32))}`)],
		["under another key of a known name", () => underKey(`k2:${btoa("9".repeat(32))}`)],
		["for an approver who does not exist", () => tokenFor({ approver: "bob" })],
		["for an approver whom another tenant has", () => tokenOfStranger()],
		["for a tenant that does not exist", () => tokenFor({ tenant: "nobody" })],
		["that is nonsense", async () => "x"],
	];

	async function tokenOfStranger(): Promise<string> {
		await must("PUT", "/tenants/other", { body: {} });
		await must("PUT", "/tenants/other/approvers/zoe", { body: { title: "Zoe" } });
		return tokenFor({ approver: "zoe" });
	}

	function swapSignature(token: string, other: string): string {
		return [...token.split(".").slice(0, 2), other.split(".")[2]].join(".");
	}

	test.each(bad)("%s is the same 404 as all others, and reaches no entity", async (_, make) => {
		const token = await make();
		const nonsense = await open("nothing.of.ours");
		for (const page of [await open(token), await post(token)]) {
			expect([page.status, headingOf(page)]).toEqual([404, "This link is not valid"]);
			expect(page.text).toBe(nonsense.text);
		}
		expect(entities.reached).toEqual([]);
	});

	test("is what it becomes when the approver is deleted", async () => {
		const token = await tokenFor();
		expect((await open(token)).status).toBe(200);
		await must("DELETE", `/tenants/${tenant}/approvers/ann`);
		expect((await open(token)).status).toBe(404);
		expect((await post(token)).status).toBe(404);
		expect(entities.votes).toEqual([]);
	});

	test("under an older key that is still there is valid", async () => {
		const older = env.VAULT_KEYS.split(",")[1] ?? "";
		expect((await open(await underKey(older))).status).toBe(200);
	});
});

test("a link reaches the entity of its own tenant only", async () => {
	await must("PUT", `/tenants/${tenant}-b`, { body: {} });
	await must("PUT", `/tenants/${tenant}-b/approvers/ann`, { body: { title: "Another Ann" } });
	const page = await open(await tokenFor({ tenant: `${tenant}-b` }));
	expect(page.text).toContain("Another Ann");
	expect(entities.reached).toEqual([entityName(`${tenant}-b`, grant.entity_key)]);
});

test("every answer is kept out of caches, indexes, frames and referrers, and runs nothing", async () => {
	const token = await tokenFor();
	const pages = [await open(token), await post(token), await post(token, "x"), await open("x"), await open("a/b")];
	entities.broken.add(grant.entity_key);
	for (const page of [...pages, await open(token), await open(token, { method: "PUT" })]) {
		expect(Object.fromEntries(page.headers)).toMatchObject({
			"cache-control": "no-store",
			"content-security-policy": expect.stringMatching(
				/^default-src 'none'; style-src 'sha256-.+'; .*frame-ancestors 'none'/,
			),
			"content-type": expect.stringMatching(/^text\/html; charset=utf-8$/i),
			"referrer-policy": "no-referrer",
			"x-content-type-options": "nosniff",
			"x-robots-tag": "noindex, nofollow",
		});
	}
});

test.each<[string, () => Partial<Env>]>([
	["the entity", () => ({})],
	["the keys", () => ({ VAULT_KEYS: "" })],
])("when %s cannot answer, the page says to come back and tells nothing else", async (what, changes) => {
	if (what === "the entity") entities.broken.add(grant.entity_key);
	const token = await tokenFor();
	const page = await open(token, {}, changes());
	expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"]);
	expect(page.text).toContain("Open the link again");
	expect(page.text).not.toMatch(/moved|VAULT_KEYS|Error/);
});

test("the worker serves the page at /approve, and a run that its entity does not know is no longer kept", async () => {
	const token = await tokenFor();
	const at = (path: string) => exports.default.fetch(new Request(`https://signalbox.test/approve${path}`));
	expect([(await at(`/${token}`)).status, (await at("/x")).status, (await at("")).status]).toEqual([410, 404, 404]);
});
