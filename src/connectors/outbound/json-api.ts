// Systems that are spoken to in JSON: from what an action is given to its request, and from the answer to its outcome.
// An action is then a table of what differs.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { Outcome } from "../../model/outcome";
import { ok, type Result } from "../../model/result";
import { parseAs } from "../config";
import type { Action, Found, Mark, OutboundRequest, OutboundResponse, Probe } from "../connector";
import { type Failure, leftOpen, unclear, unclearAfter } from "./failure";
import { markHeaders, mergeHeaders } from "./headers";
import type { AnswerReader } from "./statuses";

/** One call. Whatever comes from outside stands in `path` encoded, see `pathOf`. */
export interface Call {
	method: OutboundRequest["method"];
	/** Under the API's address, like `/issues/7`; a whole URL where the system has several hosts. */
	path: string;
	query?: Record<string, string>;
	body?: JsonObject;
	headers?: Record<string, string>;
	/** Secrets that stand in the body. */
	secret_values?: string[];
}

export interface Api<Config, Credentials> {
	/** The system's name, as reasons begin with it. */
	title: string;
	config: z.ZodType<Config>;
	credentials: z.ZodType<Credentials>;
	/** Where it lives, without a slash at its end. */
	base: (config: Config) => string;
	/** Headers that show who calls; their values are secret. */
	authorize: (credentials: Credentials, config: Config) => Record<string, string>;
	/** Headers of every call. */
	headers?: Record<string, string>;
	answer: AnswerReader;
	/** True if an answer that asks for a pause concerns only the part that the action's `scope` names. */
	pausesScope?: (response: OutboundResponse) => boolean;
}

/** What a call is made from. */
export interface Making<Config, Credentials> {
	mark: Mark;
	config: Config;
	credentials: Credentials;
}

type Made = Call | Result<Call, string>;

export interface Done {
	output: JsonObject;
	undo?: JsonObject;
}

type Declared = Omit<Action, "input" | "build" | "read" | "probe" | "timeout_ms">;

export interface ActionSpec<Input, Config, Credentials> extends Declared {
	input: z.ZodType<Input>;
	timeout_ms?: number;
	call: (input: Input, making: Making<Config, Credentials>) => Made;
	/** The statuses that say that it was done; without them, every 2xx. */
	done?: readonly number[];
	/** What was done, by an answer that says so; undefined if it does not say what. `input` is not checked again. */
	result: (answer: Json, input: JsonObject, response: OutboundResponse) => Done | undefined;
	/** For answers that mean something else to this action; undefined leaves them to the API. */
	otherwise?: (response: OutboundResponse, now: number, input: JsonObject) => Outcome | undefined;
	probe?: {
		call: (input: Input, making: Making<Config, Credentials>) => Made;
		find: (answer: Json, sought: { input: JsonObject; mark: Mark; response: OutboundResponse; now: number }) => Found;
		/** For answers that are no success and tell nevertheless, like a 404 for what was never made. */
		otherwise?: (response: OutboundResponse, now: number) => Found | undefined;
	};
}

const TIMEOUT_MS = 10_000;

export function jsonAction<Input extends JsonObject, Config, Credentials>(
	api: Api<Config, Credentials>,
	{ call, done, result, otherwise, probe, ...declared }: ActionSpec<Input, Config, Credentials>,
): Action {
	const { input: schema, repeatable } = declared;
	return {
		timeout_ms: TIMEOUT_MS,
		...declared,
		build: (input, connection, mark) => request(api, { schema, call }, { input, connection, mark }),
		read: (response, now, input) => {
			const special = otherwise?.(response, now, input);
			if (special !== undefined) return special;
			const answer = api.answer(response, now, repeatable);
			if (!answer.ok) return narrowed(answer.error, api.pausesScope?.(response), declared.scope?.(input));
			const isDone = done === undefined || done.includes(response.status);
			const told = isDone ? result(answer.value, input, response) : undefined;
			return told === undefined ? leftOpen(saidNothing(api, response), repeatable) : { kind: "succeeded", ...told };
		},
		...(probe !== undefined && { probe: probeBy(api, declared, probe) }),
	};
}

function probeBy<Input extends JsonObject, Config, Credentials>(
	api: Api<Config, Credentials>,
	{ input: schema, scope }: Pick<ActionSpec<Input, Config, Credentials>, "input" | "scope">,
	{ call, find, otherwise }: NonNullable<ActionSpec<Input, Config, Credentials>["probe"]>,
): Probe {
	return {
		build: (input, connection, mark) => request(api, { schema, call }, { input, connection, mark }),
		read: (response, now, sought) => {
			const special = otherwise?.(response, now);
			if (special !== undefined) return special;
			const answer = api.answer(response, now, true);
			if (!answer.ok) {
				return unclearAfter(narrowed(answer.error, api.pausesScope?.(response), scope?.(sought.input)));
			}
			if (response.status !== 200) return unclear(saidNothing(api, response));
			return find(answer.value, { ...sought, response, now });
		},
	};
}

function saidNothing({ title }: { title: string }, { status }: OutboundResponse): string {
	return `${title} answered ${status} and did not say what it did`;
}

function narrowed(failure: Failure, pausesScope: boolean | undefined, scope: string | undefined): Failure {
	const isPause = failure.kind === "transient" && failure.after_ms !== undefined;
	return pausesScope === true && isPause && scope !== undefined ? { ...failure, scope } : failure;
}

function request<Input extends JsonObject, Config, Credentials>(
	api: Api<Config, Credentials>,
	{ schema, call }: { schema: z.ZodType<Input>; call: (input: Input, making: Making<Config, Credentials>) => Made },
	given: { input: JsonObject; connection: { config: JsonObject; credentials: JsonObject }; mark: Mark },
): Result<OutboundRequest, string> {
	const input = parseAs(schema, given.input, "with");
	if (!input.ok) return input;
	const config = parseAs(api.config, given.connection.config, "config");
	if (!config.ok) return config;
	const credentials = parseAs(api.credentials, given.connection.credentials, "credentials");
	if (!credentials.ok) return credentials;
	const made = call(input.value, { mark: given.mark, config: config.value, credentials: credentials.value });
	const called = "ok" in made ? made : ok(made);
	if (!called.ok) return called;
	const { method, path, query, body, headers: own = {}, secret_values } = called.value;
	const secret = api.authorize(credentials.value, config.value);
	const headers = mergeHeaders(
		{ accept: "application/json", "user-agent": "signalbox" },
		body === undefined ? {} : { "content-type": "application/json" },
		api.headers ?? {},
		own,
		markHeaders(given.mark),
		secret,
	);
	if (!headers.ok) return headers;
	const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
	return ok({
		method,
		url: `${/^https?:/.test(path) ? "" : api.base(config.value)}${path}${search}`,
		headers: headers.value,
		secret_headers: Object.keys(secret),
		...(secret_values !== undefined && { secret_values }),
		body: body === undefined ? null : JSON.stringify(body),
	});
}

/** An id that becomes a part of a path. */
export const PathPart = z
	.string()
	.min(1)
	.max(200)
	.refine((text) => !/^\.{1,2}$/.test(text) && text.isWellFormed(), "write an id");

/** A path with each of its parts encoded. None of them can lead elsewhere if texts are held to `PathPart`. */
export function pathOf(parts: TemplateStringsArray, ...values: (string | number)[]): string {
	return String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(String(value))));
}
