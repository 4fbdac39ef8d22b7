// Opening incidents, taking them on and closing them, by events. An incident is known by the key of the event that opened
// it: while it is open, an event with the same key is about it, and repeating one changes nothing.

import { z } from "zod";
import { Json, type JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import { textAt } from "../inbound/read";
import { type Call, type Done, jsonAction } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { eventsApi } from "./api";
import { CLIENT } from "./client";

const DedupKey = z.string().min(1).max(255);
const Known = z.strictObject({ dedup_key: DedupKey.describe("The key of the event that has opened the incident.") });

const Trigger = z.strictObject({
	summary: z.string().min(1).max(1_024).describe("What is wrong; the incident's title."),
	source: z.string().min(1).max(1_024).describe("Where it is wrong, like a host's name."),
	severity: z.enum(["critical", "error", "warning", "info"]).default("error").describe("How badly."),
	dedup_key: DedupKey.optional().describe(
		"What tells this problem from others: an event with the key of an open incident is added to it. By default every step opens its own.",
	),
	component: z.string().min(1).max(1_024).optional().describe("The part of the source that is concerned."),
	group: z.string().min(1).max(1_024).optional().describe("What the source belongs to."),
	class: z.string().min(1).max(1_024).optional().describe("The kind of problem."),
	custom_details: z.record(z.string(), Json).optional().describe("Whatever else those who are woken should know."),
	client_url: z
		.url({ protocol: /^https?$/ })
		.max(2_000)
		.optional()
		.describe("Where they find more."),
});

const output = { dedup_key: "The key by which the incident is taken on and closed." };
const scope = () => "events";

export const trigger = jsonAction(eventsApi, {
	about:
		"Opens an incident, or adds to the one that is open under its key. If it is closed before an attempt that repeats a doubtful one, another is opened. Taking it back closes it, but only where the key is the step's own: under any other it may have been open before.",
	input: Trigger,
	output,
	repeatable: true,
	once: "while the incident is open",
	undo: "pagerduty.resolve",
	writes: { entity: "incident", fields: ["*"] },
	scopes: [],
	mark: "The client `signalbox`, and the key unless the step has one of its own.",
	scope,
	call: ({ dedup_key, client_url, ...payload }, { mark, credentials }) =>
		enqueue(credentials, {
			event_action: "trigger",
			dedup_key: dedup_key ?? mark.idempotency_key,
			client: CLIENT,
			...(client_url !== undefined && { client_url }),
			payload,
		}),
	done: [202],
	result: (answer, input) => {
		const told = accepted(answer, input);
		const isOwn = input.dedup_key === undefined;
		return told && { ...told, ...(isOwn && undoWith(Known, told.output)) };
	},
});

export const acknowledge = jsonAction(eventsApi, {
	about: "Takes on the incident that is open under a key, so that nobody else is woken. Without one nothing happens.",
	input: Known,
	output,
	repeatable: true,
	writes: { entity: "incident", fields: ["status"] },
	scopes: [],
	mark: "The key, if a trigger of ours has made it.",
	scope,
	call: ({ dedup_key }, { credentials }) => enqueue(credentials, { event_action: "acknowledge", dedup_key }),
	done: [202],
	result: (answer, input) => accepted(answer, input),
});

export const resolve = jsonAction(eventsApi, {
	about: "Closes the incident that is open under a key. Without one nothing happens.",
	input: Known,
	output,
	repeatable: true,
	writes: { entity: "incident", fields: ["status"] },
	scopes: [],
	mark: "The key, if a trigger of ours has made it.",
	scope,
	call: ({ dedup_key }, { credentials }) => enqueue(credentials, { event_action: "resolve", dedup_key }),
	done: [202],
	result: (answer, input) => accepted(answer, input),
});

type Event = JsonObject & { event_action: "trigger" | "acknowledge" | "resolve" };

function enqueue({ routing_key }: { routing_key?: string }, event: Event): Result<Call, string> {
	if (routing_key === undefined) return err("credentials.routing_key: write the key of an integration");
	return ok({ method: "POST", path: "/enqueue", body: { routing_key, ...event }, secret_values: [routing_key] });
}

function accepted(answer: Json, { dedup_key = null }: JsonObject): Done | undefined {
	if (textAt(answer, "status") !== "success") return undefined;
	return { output: { dedup_key: textAt(answer, "dedup_key") ?? dedup_key } };
}
