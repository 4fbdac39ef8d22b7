// Jira's requests for tests: of a site by an API token.

import type { Action, Mark, OutboundRequest } from "../../../src/connectors/connector";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, MARKED, mark } from "../actions";

const CONNECTION = { config: { site: "fern" }, credentials: { email: "bot@fern.test", token: "t0ken" } };

export const HEADERS = {
	accept: "application/json",
	"user-agent": "signalbox",
	authorization: "Basic Ym90QGZlcm4udGVzdDp0MGtlbg==",
	...MARKED,
};

/** What becomes of an input, with the settings and the mark as they are unless another is given. */
export interface Given {
	connection?: { config: JsonObject; credentials: JsonObject };
	mark?: Mark;
}

export function requestOf(use: string, input: JsonObject, given: Given = {}): OutboundRequest {
	return built(actionOf(use).build, input, given);
}

export function lookFor(use: string, input: JsonObject, given: Given = {}): OutboundRequest {
	const { probe } = actionOf(use);
	if (probe === undefined) throw new Error(`${use} has no probe`);
	return built(probe.build, input, given);
}

function built(build: Action["build"], input: JsonObject, given: Given): OutboundRequest {
	const request = build(input, given.connection ?? CONNECTION, given.mark ?? mark);
	if (!request.ok) throw new Error(request.error);
	return request.value;
}

/** Why there is no request. */
export function problemOf(use: string, input: JsonObject, given: Given = {}): string {
	const request = actionOf(use).build(input, given.connection ?? CONNECTION, given.mark ?? mark);
	return request.ok ? "" : request.error;
}
