// Requests of a Salesforce connection, for tests.

import type { OutboundRequest } from "../../../src/connectors/connector";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, MARKED, mark, requestOf as requestBy } from "../actions";

export const ACME = "https://acme.my.salesforce.com";
export const RECORDS = `${ACME}/services/data/v64.0/sobjects`;

export const headers = {
	accept: "application/json",
	"user-agent": "signalbox",
	"sforce-call-options": "client=signalbox",
	authorization: "Bearer t0ken",
	...MARKED,
};
export const writing = { ...headers, "sforce-auto-assign": "false" };
export const withBody = { ...writing, "content-type": "application/json" };

const credentials = { access_token: "t0ken" };

export function requestOf(use: string, input: JsonObject, config: JsonObject = {}): OutboundRequest {
	return requestBy(use, input, { config: { instance_url: ACME, ...config }, credentials });
}

/** Why there is no request. */
export function problemOf(use: string, input: JsonObject, config: JsonObject = { instance_url: ACME }): string {
	const built = actionOf(use).build(input, { config, credentials }, mark);
	return built.ok ? "" : built.error;
}
