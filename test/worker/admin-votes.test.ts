// Voting through the API: who votes as whom, and what is answered.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createAdmin } from "../../src/admin/app";
import type { Fact } from "../../src/model/fact";
import type { VoteAnswer } from "../../src/model/message";
import { ledgerOf } from "../../src/stubs";
import { must, ROOT_TOKEN, tokenFor, tokenOf } from "./admin";
import { FakeEntities } from "./support/fake-entities";

const TRACE = "0".repeat(32);
const RUN = `run_${TRACE}.deal-in-review`;
const KEY = "e:hubspot/deal/991";

let tenant: string;
let entities: FakeEntities;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	entities = new FakeEntities();
	await must("PUT", `/tenants/${tenant}`, { body: {} });
	await must("PUT", `/tenants/${tenant}/approvers/ann`, {
		body: { title: "Ann", teams: ["legal"], identities: ["github:1"] },
	});
	await ledgerOf(env, tenant).append([started()]);
});

function started(): Fact {
	return {
		...{ id: "run.started", at: 1, tenant, kind: "run.started", trace_id: TRACE, entity_key: KEY },
		...{ workflow: "deal-in-review", version: 1, run: RUN, classification: "internal", data: {} },
	};
}

async function vote(token: string, body: object = { step: "sign_off" }, run = RUN, of = tenant) {
	const request = new Request(`https://signalbox.test/tenants/${of}/runs/${run}/approve`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	const context = createExecutionContext();
	const response = await createAdmin().fetch(request, { ...env, ENTITY: entities.binding }, context);
	await waitOnExecutionContext(context);
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
	return { status: response.status, body: (await response.json()) as any };
}

describe("a vote", () => {
	test("with an approver's token is theirs, with their teams and identities", async () => {
		const answer = await vote(await tokenOf(tenant, "ann"), { step: "sign_off", comment: "fine" });
		expect(answer).toEqual({
			status: 200,
			body: { run: RUN, step: "sign_off", vote: "approve", by: "approver:ann" },
		});
		const ballot = {
			...{ approver: "ann", by: "approver:ann", teams: ["legal"], identities: ["github:1"] },
			...{ vote: "approve", comment: "fine" },
		};
		expect(entities.votes).toEqual([{ tenant, key: KEY, run: RUN, step: "sign_off", ballot }]);
	});

	test("with an operator's token is an operator's, in no team", async () => {
		const token = await tokenFor(tenant, "operate");
		const by = `token:${token.split("_")[1]}`;
		expect((await vote(token, { step: "sign_off", vote: "reject" })).body).toMatchObject({ vote: "reject", by });
		const ballot = { approver: null, by, teams: [], identities: [], vote: "reject" };
		expect(entities.votes.map((asked) => asked.ballot)).toEqual([ballot]);
		await vote(ROOT_TOKEN);
		expect(entities.votes.at(-1)?.ballot).toMatchObject({ approver: null, by: "root" });
	});

	test.each<[string, () => Promise<string>, string]>([
		["an approver's token without the scope", () => tokenOf(tenant, "ann", "operate", "read"), "approve"],
		["a token of nobody with all other scopes", () => tokenFor(tenant, "read", "publish", "admin"), "operate"],
	])("with %s is refused, and nobody is asked", async (_, token, scope) => {
		const answer = await vote(await token());
		expect([answer.status, answer.body.detail]).toEqual([403, `This needs a token with the scope ${scope}.`]);
		expect(entities.reached).toEqual([]);
	});

	test.each<[VoteAnswer, number, string]>([
		["voted_already", 409, "Cancel the run"],
		["not_asked", 403, "somebody else than ann"],
		["own", 403, "Somebody else who is asked has to vote"],
		["over", 409, "does not wait for votes now"],
		["gone", 410, "no longer kept"],
	])("is answered with what to do when the run says %s", async (said, status, says) => {
		entities.said = said;
		const answer = await vote(await tokenOf(tenant, "ann"));
		expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(says)]);
	});

	test("of an operator where approvers are named says whose token it takes", async () => {
		entities.said = "not_asked";
		const answer = await vote(await tokenFor(tenant, "operate"));
		expect([answer.status, answer.body.detail]).toEqual([403, expect.stringContaining("one of them")]);
	});
});

describe("a run", () => {
	test("that the journal does not know yet is a 404 that says to try again", async () => {
		const answer = await vote(await tokenOf(tenant, "ann"), { step: "sign_off" }, `run_${"1".repeat(32)}.other`);
		expect([answer.status, answer.body.detail]).toEqual([404, expect.stringContaining("Try again")]);
		expect(entities.reached).toEqual([]);
	});

	test("of another tenant is a 404, with a token of either", async () => {
		await must("PUT", `/tenants/${tenant}-b`, { body: {} });
		await must("PUT", `/tenants/${tenant}-b/approvers/ann`, { body: { title: "Another Ann", teams: ["legal"] } });
		const theirs = await tokenOf(`${tenant}-b`, "ann");
		expect((await vote(theirs)).body.detail).toContain("no tenant");
		expect((await vote(theirs, { step: "sign_off" }, RUN, `${tenant}-b`)).body.detail).toContain("no run");
		expect(entities.reached).toEqual([]);
	});
});
