// What the contract tests need to know of each connector. A new one is a line here.

import type { Json, JsonObject } from "../../src/model/json";
import * as cloudevents from "./cloudevents/examples";
import * as docusign from "./docusign/examples";
import * as email from "./email/examples";
import * as github from "./github/examples";
import * as http from "./http/examples";
import * as hubspot from "./hubspot/examples";
import * as intercom from "./intercom/examples";
import * as jira from "./jira/examples";
import * as linear from "./linear/examples";
import * as notion from "./notion/examples";
import * as pagerduty from "./pagerduty/examples";
import * as postmark from "./postmark/examples";
import * as resend from "./resend/examples";
import * as salesforce from "./salesforce/examples";
import * as sendgrid from "./sendgrid/examples";
import * as shopify from "./shopify/examples";
import * as slack from "./slack/examples";
import * as statuspage from "./statuspage/examples";
import * as stripe from "./stripe/examples";
import * as twilio from "./twilio/examples";
import * as zendesk from "./zendesk/examples";

/** A body that the source half makes events of, small enough that a change somewhere is mostly one that matters. */
export interface GoodDelivery {
	body: Json;
	headers?: Record<string, string>;
	config?: JsonObject;
}

/** What an action accepts, what its target answers when it has done it, and what it shows to who looks for it later. */
export interface GoodAction {
	config: JsonObject;
	credentials: JsonObject;
	input: JsonObject;
	done: [status: number, body: Json];
	shown?: Json;
	/** What in an answer names what the key has left, where that is not the key itself. */
	known_by?: string;
	/** Other values of inputs that make a difference, where none can be guessed from the schema. */
	knobs?: Record<string, Json[]>;
	/** True for reads and looks that cannot be a GET, because their system has none for it. */
	by_post?: true;
	/** True if a look is content with the state that was wanted, whoever brought it about. */
	found_by_state?: true;
}

export interface Examples {
	deliveries?: GoodDelivery[];
	/** By the action's name in its connector. */
	actions?: Record<string, GoodAction>;
	/** Other values of settings and credentials that make a difference, where none can be guessed from the schema. */
	knobs?: Record<string, Json[]>;
	/** Writes that can neither be repeated nor looked for: after a doubtful attempt only people can say what happened. */
	neither?: string[];
}

/** By connector. */
export const EXAMPLES: Record<string, Examples> = {
	cloudevents,
	docusign,
	email,
	github,
	http,
	hubspot,
	intercom,
	jira,
	linear,
	notion,
	pagerduty,
	postmark,
	resend,
	salesforce,
	sendgrid,
	shopify,
	slack,
	statuspage,
	stripe,
	twilio,
	zendesk,
};

/** Sources that read what any sender may send, and an event for all of them. */
const ANYBODYS = ["hmac", "standard-webhooks", "token"];
const ANY: GoodDelivery = {
	headers: { "webhook-id": "m1" },
	body: {
		id: "e1",
		type: "order.updated",
		timestamp: "2026-11-20T09:59:57Z",
		occurred_at: 1_795_168_796,
		data: { id: "o1", actor: { type: "user", id: "p1" } },
		actor: { kind: "bot", id: "p2" },
		source: "shop",
	},
};

export function deliveriesFor(id: string): GoodDelivery[] {
	const deliveries = ANYBODYS.includes(id) ? [ANY] : (EXAMPLES[id]?.deliveries ?? []);
	if (deliveries.length === 0) throw new Error(`no example of ${id}: add test/connectors/${id}/examples.ts`);
	return deliveries;
}

export function exampleOf(id: string, name: string): GoodAction {
	const example = EXAMPLES[id]?.actions?.[name];
	if (example === undefined)
		throw new Error(`no example of ${id}.${name}: add it to test/connectors/${id}/examples.ts`);
	return example;
}

/** A request that the vendor's own published description was asked about, with where that stands. */
export interface Judged {
	name: string;
	body: Json;
	spec: { repository: string; commit: string; path: string; pointer: string };
}
