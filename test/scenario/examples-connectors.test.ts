// The documents in examples/ that connect real systems, each with its events: what goes out is told whole.

import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import checksFailing from "../../examples/checks-failing.yaml?raw";
import dealInLegalReview from "../../examples/deal-in-legal-review.yaml?raw";
import disputeOpened from "../../examples/dispute-opened.yaml?raw";
import checksFailingEvents from "../../examples/events/checks-failing.json";
import dealInLegalReviewEvents from "../../examples/events/deal-in-legal-review.json";
import disputeOpenedEvents from "../../examples/events/dispute-opened.json";
import incidentDeclaredEvents from "../../examples/events/incident-declared.json";
import onboardingCompleteEvents from "../../examples/events/onboarding-complete.json";
import onboardingDigestEvents from "../../examples/events/onboarding-digest.json";
import ticketEscalatedEvents from "../../examples/events/ticket-escalated.json";
import ticketVolumesEvents from "../../examples/events/ticket-volumes.json";
import incidentDeclared from "../../examples/incident-declared.yaml?raw";
import onboardingComplete from "../../examples/onboarding-complete.yaml?raw";
import onboardingDigest from "../../examples/onboarding-digest.yaml?raw";
import ticketEscalated from "../../examples/ticket-escalated.yaml?raw";
import ticketVolumes from "../../examples/ticket-volumes.yaml?raw";
import { configAt, type ExampleEvents, secretOf } from "../../scripts/support/example";
import { Duration } from "../../src/model/duration";
import { holdClock } from "../worker/support/clock";
import { storedRuns } from "./support/entities";
import { script, sign, systemAt } from "./support/outside";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

interface Playing {
	document: string;
	events: unknown;
}

async function prepare({ document, events }: Playing): Promise<Tenant> {
	const { sources, connections, answers } = events as ExampleEvents;
	const acme = await Tenant.create();
	for (const [name, { connector, config = {} }] of Object.entries(sources)) {
		await acme.must("PUT", `/sources/${name}`, { connector, config, secrets: [secretOf(name)] });
	}
	for (const [name, connection] of Object.entries(connections)) {
		const config = configAt(systemAt(acme.place(name)), connection);
		const { connector, credentials } = connection;
		await acme.must("PUT", `/connections/${name}`, { connector, owner: "tests", config, credentials });
	}
	for (const [name, list] of Object.entries(answers)) {
		if (list.length > 0) await script(acme.place(name), ...(list as Parameters<typeof script>[1][]));
	}
	await acme.publish(document);
	return acme;
}

/** The ids of the events that the deliveries held, in order. */
async function play(playing: Playing): Promise<{ acme: Tenant; taken: string[][] }> {
	const { sources, deliveries } = playing.events as ExampleEvents;
	const acme = await prepare(playing);
	const taken: string[][] = [];
	for (const [n, { source, headers, body: json, after }] of deliveries.entries()) {
		if (after !== undefined) await pass(Duration.parse(after));
		const body = JSON.stringify(json);
		const vendor = sources[source]?.connector ?? "token";
		const url = `https://signalbox.test/in/${acme.name}/${source}`;
		const proof = await sign({ vendor, secret: secretOf(source), body, id: `d-${n}`, at: Date.now(), url });
		const { status, body: answer } = await acme.deliver({
			source,
			headers: { "content-type": "application/json", ...headers, ...proof },
			body,
		});
		expect(status).toBe(200);
		taken.push(answer.events as string[]);
	}
	await acme.idle();
	return { acme, taken };
}

/** What arrived at a system: methods, paths and what stands in bodies. */
async function wentTo(acme: Tenant, system: string, count: number): Promise<[string, unknown][]> {
	const arrived = await acme.arrived(system, count);
	return arrived.map(({ method, path, body }) => [
		`${method} ${path.slice(acme.place(system).length).replace(/\?.*/, "")}`,
		body === "" ? null : JSON.parse(body),
	]);
}

async function statuses(acme: Tenant): Promise<unknown[]> {
	return (await storedRuns(acme.name)).map(({ status }) => status);
}

test("ticket-escalated reads the customer, logs the issue and tells support, once and for people only", async () => {
	const { acme, taken } = await play({ document: ticketEscalated, events: ticketEscalatedEvents });
	expect(taken[1]).toEqual(taken[0]);
	expect(await wentTo(acme, "salesforce", 1)).toEqual([
		["GET /services/data/v64.0/sobjects/Account/0015e00000ACMEAAAA", null],
	]);
	expect(await wentTo(acme, "jira", 1)).toMatchObject([
		[
			"POST /rest/api/3/issue",
			{ fields: { project: { key: "SUP" }, summary: "[Gold] Checkout is down", labels: [expect.any(String)] } },
		],
	]);
	expect(await wentTo(acme, "slack-support", 1)).toMatchObject([
		["POST /chat.postMessage", { text: "Urgent: #48213 of Acme Ltd (Gold), SUP-7" }],
	]);
	expect(await statuses(acme)).toEqual(["succeeded"]);
});

test("deal-in-legal-review tells once what is true when the deal has settled", async () => {
	const { acme } = await play({ document: dealInLegalReview, events: dealInLegalReviewEvents });
	await pass(10 * 60_000);
	await acme.idle();
	expect(await wentTo(acme, "slack-revops", 1)).toMatchObject([
		["POST /chat.postMessage", { text: "Fern expansion (48000) is in legal review" }],
	]);
	// It was read twice: the second time nothing had changed.
	expect(await wentTo(acme, "hubspot", 2)).toHaveLength(2);
});

test("incident-declared tells four systems, and one that fails holds up none of the others", async () => {
	vi.spyOn(Math, "random").mockReturnValue(0);
	const { acme } = await play({ document: incidentDeclared, events: incidentDeclaredEvents });
	expect(await wentTo(acme, "pagerduty", 1)).toMatchObject([
		["POST /enqueue", { event_action: "trigger", dedup_key: "incident-inc-1", payload: { severity: "critical" } }],
	]);
	expect(await wentTo(acme, "slack-incidents", 1)).toMatchObject([
		["POST /chat.postMessage", { text: ":rotating_light: Checkout is down" }],
	]);
	expect(await wentTo(acme, "jira", 1)).toMatchObject([["POST /rest/api/3/issue", {}]]);
	await pass(60_000);
	await acme.idle();
	// A 500 leaves open whether the incident was made, so it is looked for before it is made again.
	const requests = (await wentTo(acme, "statuspage", 3)).map(([line]) => line);
	expect(requests).toEqual([
		"POST /pages/page1/incidents",
		"GET /pages/page1/incidents",
		"POST /pages/page1/incidents",
	]);
	expect(await statuses(acme)).toEqual(["succeeded"]);
	vi.restoreAllMocks();
});

test("onboarding-digest is one mail a day", async () => {
	const sent: { subject?: string; text?: string }[] = [];
	const bindings: { EMAIL?: unknown } = env;
	const real = bindings.EMAIL;
	bindings.EMAIL = { send: async (message: object) => sent.push(message) && { messageId: "m-1" } };
	const { acme } = await play({ document: onboardingDigest, events: onboardingDigestEvents });
	expect(sent).toEqual([]);
	await pass(86_400_000);
	await acme.idle();
	bindings.EMAIL = real;
	expect(sent).toMatchObject([{ subject: "3 completed onboarding", text: expect.stringContaining('"free":2') }]);
});

test("ticket-volumes counts by team", async () => {
	const { acme } = await play({ document: ticketVolumes, events: ticketVolumesEvents });
	await pass(3_600_000);
	await acme.idle();
	const [[, message] = []] = await wentTo(acme, "slack-support", 1);
	expect(message).toMatchObject({ text: '3 new tickets in an hour, by team: {"billing":2,"platform":1}' });
});

test("checks-failing wakes somebody for three failures of a service, and for none of one", async () => {
	const { acme } = await play({ document: checksFailing, events: checksFailingEvents });
	await pass(6 * 60_000);
	await acme.idle();
	expect(await wentTo(acme, "pagerduty", 1)).toMatchObject([
		["POST /enqueue", { dedup_key: "checks-checkout", payload: { custom_details: { http: 1, tls: 1, latency: 1 } } }],
	]);
});

test("onboarding-complete opens the account when the last of three is there", async () => {
	const { acme } = await play({ document: onboardingComplete, events: onboardingCompleteEvents });
	await acme.handedOn(3);
	await acme.idle();
	expect(await wentTo(acme, "accounts", 1)).toEqual([
		["POST /accounts", { contact: "546500061938", contract: "e0e0e0e0-0000-4000-8000-000000000012" }],
	]);
	expect(await wentTo(acme, "hubspot", 1)).toEqual([
		["PATCH /crm/v3/objects/contacts/546500061938", { properties: { lifecyclestage: "customer" } }],
	]);
});

test("dispute-opened takes the message and the ticket back when the note is refused", async () => {
	const { acme } = await play({ document: disputeOpened, events: disputeOpenedEvents });
	const lines = async (system: string, count: number) => (await wentTo(acme, system, count)).map(([line]) => line);
	expect(await lines("zendesk", 2)).toEqual(["POST /api/v2/tickets", "DELETE /api/v2/tickets/48213"]);
	expect(await lines("slack-finance", 3)).toEqual([
		"POST /chat.postMessage",
		"POST /chat.delete",
		"POST /chat.postMessage",
	]);
	expect(await statuses(acme)).toEqual(["compensated"]);
});
