// Every connector there is. A new one is a line here.

import { cloudevents } from "./cloudevents/cloudevents";
import type { Action, Connector } from "./connector";
import { docusign } from "./docusign/docusign";
import { email } from "./email/email";
import { hmac } from "./generic/hmac";
import { standardWebhooks } from "./generic/standard-webhooks";
import { token } from "./generic/token";
import { github } from "./github/github";
import { http } from "./http/http";
import { hubspot } from "./hubspot/hubspot";
import { intercom } from "./intercom/intercom";
import { jira } from "./jira/jira";
import { linear } from "./linear/linear";
import { notion } from "./notion/notion";
import { pagerduty } from "./pagerduty/pagerduty";
import { postmark } from "./postmark/postmark";
import { resend } from "./resend/resend";
import { salesforce } from "./salesforce/salesforce";
import { sendgrid } from "./sendgrid/sendgrid";
import { shopify } from "./shopify/shopify";
import { slack } from "./slack/slack";
import { statuspage } from "./statuspage/statuspage";
import { stripe } from "./stripe/stripe";
import { twilio } from "./twilio/twilio";
import { zendesk } from "./zendesk/zendesk";

const list = [
	cloudevents,
	docusign,
	email,
	github,
	hmac,
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
	standardWebhooks,
	statuspage,
	stripe,
	token,
	twilio,
	zendesk,
];

export const connectors: Record<string, Connector> = Object.fromEntries(
	list.map((connector) => [connector.id, connector]),
);

/** The connector of that id; undefined if there is none, whatever the id is. */
export function findConnector(id: string): Connector | undefined {
	return Object.hasOwn(connectors, id) ? connectors[id] : undefined;
}

/** The action that a step's `use` names, like `slack.post_message`; what stands before the dot is its connector's id. */
export function findAction(use: string): Action | undefined {
	const [id = "", name = "", ...rest] = use.split(".");
	const actions = findConnector(id)?.actions ?? {};
	return rest.length === 0 && Object.hasOwn(actions, name) ? actions[name] : undefined;
}

/** Every name that `findAction` knows, sorted. */
export function actionNames(): string[] {
	return list.flatMap(({ id, actions }) => Object.keys(actions ?? {}).map((name) => `${id}.${name}`)).sort();
}
