// Deliveries with known verdicts, as the systems themselves send them, at the real door: what is genuine is stored and
// answered in the system's own words, what is not is refused and leaves nothing.

import { exports } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { JsonObject } from "../../src/model/json";
import docusign from "../connectors/vectors/docusign.json";
import hmac from "../connectors/vectors/generic-hmac.json";
import token from "../connectors/vectors/generic-token.json";
import github from "../connectors/vectors/github.json";
import hubspot from "../connectors/vectors/hubspot.json";
import intercom from "../connectors/vectors/intercom.json";
import jira from "../connectors/vectors/jira.json";
import linear from "../connectors/vectors/linear.json";
import notion from "../connectors/vectors/notion.json";
import pagerduty from "../connectors/vectors/pagerduty.json";
import salesforce from "../connectors/vectors/salesforce.json";
import sendgrid from "../connectors/vectors/sendgrid.json";
import shopify from "../connectors/vectors/shopify.json";
import slack from "../connectors/vectors/slack.json";
import standard from "../connectors/vectors/standard-webhooks.json";
import statuspage from "../connectors/vectors/statuspage.json";
import stripe from "../connectors/vectors/stripe.json";
import twilio from "../connectors/vectors/twilio.json";
import zendesk from "../connectors/vectors/zendesk.json";
import { Tenant } from "./support/tenant";

interface Vector {
	name: string;
	method: string;
	url: string;
	now: number;
	secret: string;
	headers: Record<string, string>;
	body: string;
	valid: boolean;
	event_id: string | null;
	config?: JsonObject;
	expected_response?: { status: number; "content-type": string; body: string };
}

const SETS: [connector: string, file: { vectors: object[] }, config?: (vector: Vector) => JsonObject][] = [
	["docusign", docusign],
	["github", github],
	["hmac", hmac, ({ config = {} }) => config],
	["hubspot", hubspot, ({ url }) => ({ public_url: url })],
	["intercom", intercom],
	["jira", jira],
	["linear", linear],
	["notion", notion],
	["pagerduty", pagerduty],
	["salesforce", salesforce, ({ name }) => ({ kind: name.startsWith("cdc") ? "change_event" : "outbound_message" })],
	["sendgrid", sendgrid],
	["shopify", shopify],
	["slack", slack],
	["standard-webhooks", standard],
	["statuspage", statuspage],
	["stripe", stripe],
	["token", token],
	["twilio", twilio, ({ url }) => ({ public_url: url })],
	["zendesk", zendesk],
];

beforeAll(() => {
	vi.useFakeTimers({ toFake: ["Date"] });
});
afterAll(() => {
	vi.useRealTimers();
});

/** Tokens stand at the end of some addresses. */
function pathOf(tenant: string, { url }: Vector): string {
	const { pathname, search } = new URL(url);
	const last = pathname.split("/").at(-1) ?? "";
	return `/in/${tenant}/source${last.startsWith("tok_") ? `/${last}` : ""}${search}`;
}

async function knock(connector: string, vector: Vector, config: JsonObject) {
	const acme = await Tenant.create();
	await acme.source("source", connector, vector.secret, config);
	vi.setSystemTime(vector.now);
	const { method, headers, body } = vector;
	const request = new Request(`https://hooks.example.test${pathOf(acme.name, vector)}`, { method, headers, body });
	const answer = await exports.default.fetch(request);
	vi.setSystemTime(Date.UTC(2032, 0, 1));
	return { acme, status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

describe.each(SETS)("%s", (connector, { vectors }, configOf) => {
	test.each(vectors as Vector[])("$name", async (vector) => {
		const config = configOf?.(vector) ?? {};
		const { status, type, text } = await knock(connector, vector, config);
		if (!vector.valid) {
			expect([status, JSON.parse(text).title]).toEqual([401, "The delivery could not be verified"]);
			return;
		}
		expect([status, text]).toEqual([200, expect.any(String)]);
		const expected = vector.expected_response;
		if (expected !== undefined) expect([type?.split(";")[0], text]).toEqual([expected["content-type"], expected.body]);
		else if (type === "application/json") expect(JSON.parse(text).events).not.toEqual([]);
	});
});
