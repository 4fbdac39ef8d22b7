// The documents in examples/ that wait for several things, ask people, or read before they act.

import { expect, test } from "vitest";
import customerOnboarding from "../../examples/customer-onboarding.yaml?raw";
import dealSettled from "../../examples/deal-settled.yaml?raw";
import refundApproved from "../../examples/refund-approved.yaml?raw";
import { holdClock } from "../worker/support/clock";
import { script } from "./support/outside";
import { type Otherwise, shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const DAY = 86_400_000;

async function onboarding(): Promise<Tenant> {
	const acme = await Tenant.create();
	for (const source of ["identity", "crm", "documents"]) await acme.source(source, "token", "a-long-shared-token");
	await acme.connect("accounts");
	await acme.connect("slack-sales", { connector: "slack" });
	await acme.publish(customerOnboarding);
	return acme;
}

function said(source: string, type: string, more: Otherwise = {}) {
	const own = source === "crm" ? { id: "c-1" } : { id: `${source}-${Math.random()}`, customer: "c-1" };
	return shop(type, { customer: "c-1", ...own }, { source, ...more });
}

test("customer-onboarding opens the account at the second of three, once, and what comes later changes nothing", async () => {
	const acme = await onboarding();
	await acme.take(said("crm", "customer.created"));
	await acme.take(said("crm", "customer.created"));
	await acme.handedOn(2);
	await acme.told({ "verdicts.joined": 2 });
	expect(await acme.bodiesAt("accounts")).toEqual([]);
	const { body } = await acme.must("GET", "/waiting?kind=join");
	expect(body.items).toMatchObject([{ kind: "join", workflow: "customer-onboarding", have: ["crm"] }]);
	expect(body.items[0].missing.sort()).toEqual(["identity", "signature"]);
	await acme.take(said("documents", "envelope.signed"));
	const [request] = await acme.arrived("accounts", 1);
	expect(JSON.parse(request?.body ?? "")).toMatchObject({ customer: "c-1", verified: false });
	const [message] = await acme.arrived("slack-sales", 1);
	expect(JSON.parse(message?.body ?? "").text).toBe("Customer c-1 is on board");
	await acme.take(said("identity", "verification.passed"));
	await acme.handedOn(4);
	await acme.told({ "verdicts.late": 1, "runs.succeeded": 1 });
	expect((await acme.must("GET", "/waiting?kind=join")).body.items).toEqual([]);
	expect(await acme.bodiesAt("accounts")).toHaveLength(1);
});

test("customer-onboarding ends at once when legal objects", async () => {
	const acme = await onboarding();
	await acme.take(said("crm", "customer.created"));
	await acme.take(said("documents", "envelope.objected"));
	await acme.arrived("slack-sales", 1);
	await acme.take(said("documents", "envelope.signed"));
	await acme.told({ "runs.failed": 1, "verdicts.late": 1 });
	expect(await acme.bodiesAt("accounts")).toEqual([]);
	expect(await acme.letters()).toEqual([]);
});

test("customer-onboarding asks an operator when only one came in a week, and goes on if told to", async () => {
	const acme = await onboarding();
	await acme.take(said("crm", "customer.created"));
	await acme.handedOn(1);
	await pass(7 * DAY);
	const [message] = await acme.arrived("slack-sales", 1);
	expect(JSON.parse(message?.body ?? "").text).toContain("needs somebody to look at it");
	await acme.told({ runs: 1 });
	const [run] = await acme.runs();
	expect(run?.status).toBe("running");
	const { body } = await acme.must("GET", "/waiting?kind=approval");
	expect(body.items).toMatchObject([{ kind: "approval", run: run?.id, step: "_start" }]);
	await acme.must("POST", `/runs/${run?.id}/approve`, { step: "_start", vote: "approve" });
	await acme.arrived("accounts", 1);
	await acme.told({ "runs.succeeded": 1 });
	expect(await acme.bodiesAt("slack-sales")).toHaveLength(2);
});

async function refunds(): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	for (const system of ["helpdesk", "bank"]) await acme.connect(system);
	await acme.connect("slack-finance", { connector: "slack" });
	for (const name of ["anna", "ben", "carl"]) {
		const teams = name === "carl" ? ["sales"] : ["finance"];
		await acme.must("PUT", `/approvers/${name}`, { title: name, teams });
	}
	await acme.publish(refundApproved);
	await script(acme.place("helpdesk"), { status: 200, body: { id: 77 } });
	return acme;
}

async function asked(acme: Tenant): Promise<Record<string, string>> {
	await acme.take(shop("refund.requested", { id: "o-1", amount: 250 }));
	const [message] = await acme.arrived("slack-finance", 1);
	await acme.arrived("helpdesk", 1);
	const text: string = JSON.parse(message?.body ?? "").text;
	return Object.fromEntries([...text.matchAll(/(\w+): (\S+)/g)].map(([, name = "", link = ""]) => [name, link]));
}

test("refund-approved refunds when two people of the team have followed their links and approved", async () => {
	const acme = await refunds();
	const links = await asked(acme);
	expect((await acme.open(links.Anna ?? "")).text).toContain("Refund 250 for o-1?");
	expect(await acme.bodiesAt("bank")).toEqual([]);
	expect((await acme.open(links.Anna ?? "", { vote: "approve" })).status).toBe(200);
	expect((await acme.open(links.Anna ?? "", { vote: "approve" })).status).toBe(409);
	expect(await acme.bodiesAt("bank")).toEqual([]);
	await acme.open(links.Ben ?? "", { vote: "approve", comment: "Looks right" });
	await acme.arrived("bank", 1);
	expect(await acme.bodiesAt("bank")).toEqual([{ order: "o-1", ticket: 77 }]);
	await acme.told({ "runs.succeeded": 1 });
	const [run] = await acme.runs();
	const votes = run?.facts.filter(({ kind }) => kind === "approval.voted") ?? [];
	expect(votes.map(({ actor, data }) => [actor, data.vote, data.comment])).toEqual([
		["approver:anna", "approve", undefined],
		["approver:ben", "approve", "Looks right"],
	]);
});

test("refund-approved takes back the ticket and the question when one person rejects", async () => {
	const acme = await refunds();
	const links = await asked(acme);
	await acme.open(links.Ben ?? "", { vote: "reject", comment: "Too much" });
	await acme.arrived("helpdesk", 3);
	await acme.told({ "runs.compensated": 1 });
	const calls = await acme.arrived("helpdesk", 3);
	expect(calls.map(({ method, path }) => `${method} ${path.replace(acme.place("helpdesk"), "")}`)).toEqual([
		"POST /tickets",
		"DELETE /tickets/77",
		"POST /alerts",
	]);
	expect(JSON.parse(calls[2]?.body ?? "")).toMatchObject({
		left: [],
		why: [{ step: "sign_off", class: "rejected", reason: "rejected by approver:ben: Too much" }],
	});
	expect((await acme.arrived("slack-finance", 2)).map(({ path }) => path.split("/").at(-1))).toEqual([
		"chat.postMessage",
		"chat.delete",
	]);
	expect(await acme.bodiesAt("bank")).toEqual([]);
});

async function deals(): Promise<Tenant> {
	const acme = await Tenant.create();
	await acme.source("crm", "token", "a-long-shared-token");
	await acme.connect("crm-api");
	await acme.connect("slack-revops", { connector: "slack" });
	await acme.publish(dealSettled);
	return acme;
}

function updated(stage: string) {
	return shop("deal.updated", { id: "d-1", name: "Big", stage }, { source: "crm" });
}

test("deal-settled tells what is true, not what was said, and nothing where nothing has changed", async () => {
	const acme = await deals();
	const now = { name: "Big Deal", stage: "legal", owners: ["anna", "ben"] };
	await script(acme.place("crm-api"), { status: 200, body: now });
	await acme.take(updated("negotiation"));
	await acme.take(updated("legal"));
	await pass(3_000);
	const [message] = await acme.arrived("slack-revops", 1);
	expect(JSON.parse(message?.body ?? "").text).toBe("Big Deal is in legal");
	await acme.arrived("crm-api", 3);
	await acme.told({ "runs.succeeded": 1 });
	// Somebody touches the deal, and it is what it was.
	await acme.take(updated("legal"));
	await pass(3_000);
	await acme.arrived("crm-api", 4);
	await acme.told({ "runs.succeeded": 2 });
	expect(await acme.bodiesAt("slack-revops")).toHaveLength(1);
	await script(acme.place("crm-api"), { status: 200, body: { ...now, stage: "won" } });
	await acme.take(updated("won"));
	await pass(3_000);
	await acme.arrived("slack-revops", 2);
	await acme.told({ "runs.succeeded": 3 });
});

test("deal-settled says what the last event said, with a label, if the CRM cannot be read", async () => {
	const acme = await deals();
	await script(acme.place("crm-api"), { status: 404 });
	await acme.take(updated("legal"));
	await pass(3_000);
	const [message] = await acme.arrived("slack-revops", 1);
	expect(JSON.parse(message?.body ?? "").text).toBe("Big is in legal (the CRM could not be asked)");
	await acme.told({ "runs.succeeded": 1 });
	expect(await acme.letters()).toEqual([]);
});
