// Actions for tests: what they send, and what they make of answers.

import { findAction } from "../../src/connectors";
import type { Action, Found, Mark, OutboundRequest, OutboundResponse, Probe } from "../../src/connectors/connector";
import type { JsonObject } from "../../src/model/json";
import type { Outcome } from "../../src/model/outcome";
import type { Result } from "../../src/model/result";
import { NOW } from "./deliveries";

export const mark: Mark = {
	idempotency_key: "sb_run_1_tell",
	trace_id: "0af7651916cd43dd8448eb211c80319c",
	run: "run_1",
	step: "tell",
	since: Date.parse("2026-11-20T09:59:00.250Z"),
};
/** The headers that every request of this mark carries. */
export const MARKED = {
	traceparent: "00-0af7651916cd43dd8448eb211c80319c-f3bae6c624ba5955-01",
	"x-signalbox-run": "run_1",
};

export function actionOf(use: string): Action {
	const action = findAction(use);
	if (action === undefined) throw new Error(`no action ${use}`);
	return action;
}

function probeOf(use: string): Probe {
	const { probe } = actionOf(use);
	if (probe === undefined) throw new Error(`${use} has no probe`);
	return probe;
}

const token = { config: {}, credentials: { token: "t0ken" } };
type Given = Parameters<Action["build"]>[1];

/** The request of a connection, if no other is given of one with a token and nothing else. */
export function requestOf(use: string, input: JsonObject, connection: Given = token): OutboundRequest {
	return sent(actionOf(use).build(input, connection, mark));
}

export function lookFor(use: string, input: JsonObject, connection: Given = token): OutboundRequest {
	return sent(probeOf(use).build(input, connection, mark));
}

function sent(built: Result<OutboundRequest, string>): OutboundRequest {
	if (!built.ok) throw new Error(built.error);
	return built.value;
}

/** Why there is no request. */
export function problemOf(use: string, input: JsonObject, credentials: JsonObject = token.credentials): string {
	const built = actionOf(use).build(input, { config: {}, credentials }, mark);
	return built.ok ? "" : built.error;
}

export function answer(status: number, body: unknown = "", headers: Record<string, string> = {}): OutboundResponse {
	return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

export function judged(use: string, response: OutboundResponse, input: JsonObject = {}): Outcome {
	return actionOf(use).read(response, NOW, input);
}

export function found(use: string, response: OutboundResponse, input: JsonObject = {}): Found {
	return probeOf(use).read(response, NOW, { input, mark });
}
