// Every connector there is. A new one is a line here.

import type { Action, Connector } from "./connector";
import { hmac } from "./generic/hmac";
import { standardWebhooks } from "./generic/standard-webhooks";
import { token } from "./generic/token";
import { github } from "./github/github";
import { http } from "./http/http";
import { linear } from "./linear/linear";
import { slack } from "./slack/slack";
import { stripe } from "./stripe/stripe";

const list = [github, hmac, http, linear, slack, standardWebhooks, stripe, token];

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
