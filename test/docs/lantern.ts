// Lantern, a system that does not exist: the example of docs/adding-a-connector.md, which shows these very lines.

import { z } from "zod";
import { configReader } from "../../src/connectors/config";
import type { ConnectionSide, Connector, HmacScheme, VocabularyRow } from "../../src/connectors/connector";
import { oneEvent } from "../../src/connectors/inbound/normalized";
import { parseTime, textAt, valueAt } from "../../src/connectors/inbound/read";
import { BaseUrl, hostsOf } from "../../src/connectors/outbound/headers";
import { type Api, jsonAction, PathPart, pathOf } from "../../src/connectors/outbound/json-api";
import { answerBy } from "../../src/connectors/outbound/statuses";
import { undoWith } from "../../src/connectors/outbound/undo";
import { orOAuth } from "../../src/core/token-settings";
import { err } from "../../src/model/result";

// -- source --
const SourceConfig = z.strictObject({
	own: z.array(z.string()).default([]).describe("User ids that our own writes appear under."),
});
const read = configReader(SourceConfig);

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{timestamp}.{body}",
	signature: { header: "lantern-signature", format: { kind: "prefixed", prefix: "v1=" } },
	timestamp: { from: "header", header: "lantern-time", unit: "s", tolerance_s: 300 },
};

const WORDS: readonly VocabularyRow[] = [
	{ native: "alarm.raised", event_type: "incident.created", entity: "incident" },
	{ native: "alarm.cleared", event_type: "incident.resolved", entity: "incident" },
];

const source: Connector["source"] = {
	config: SourceConfig,
	trust: () => "signed",
	verification: () => verification,
	identified_by: "The event's `id`.",
	own_writes: "By the user ids in `own`.",
	vocabulary: WORDS,
	normalize: (_delivery, json, config) => {
		const id = textAt(json, "id");
		const native = textAt(json, "kind");
		const alarm = textAt(json, "alarm.id");
		const data = valueAt(json, "alarm");
		if (id === undefined || native === undefined || alarm === undefined) return err("no id, kind or alarm.id");
		const by = textAt(json, "by.user");
		const isOwn = by !== undefined && read(config).own.includes(by);
		return oneEvent({
			delivery_key: id,
			event_type: WORDS.find((row) => row.native === native)?.event_type ?? native,
			native_type: native,
			entity: { type: "incident", id: alarm },
			actor: { kind: isOwn ? "self" : by === undefined ? "system" : "human", id: by },
			occurred_at: parseTime(valueAt(json, "at")),
			changes: [],
			data: typeof data === "object" && data !== null && !Array.isArray(data) ? data : {},
		});
	},
};
// -- connection --
const API = "https://api.lantern.io/v1";
const Config = z.strictObject({ base_url: BaseUrl.default(API).describe("Where Lantern's API lives.") });
const Credentials = z.strictObject({ token: z.string().min(1).max(1_000).describe("A token that may mute alarms.") });

const connection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	limits: { rate: { requests: 60, per_ms: 60_000 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

const api: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Lantern",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	answer: answerBy({ title: "Lantern" }),
};
// -- actions --
const Alarm = z.strictObject({ alarm: PathPart.describe("The alarm's id.") });

const muted = { id: "The alarm's id." };

const mute = jsonAction(api, {
	about: "Mutes an alarm. One that is muted stays so.",
	input: Alarm,
	output: muted,
	writes: { entity: "incident", fields: ["muted"] },
	mark: "The user whose token is used.",
	scopes: ["alarms:write"],
	repeatable: true,
	undo: "lantern.unmute",
	call: ({ alarm }) => ({ method: "PUT", path: pathOf`/alarms/${alarm}/mute`, body: {} }),
	result: (_answer, { alarm = null }) => ({ output: { id: alarm }, ...undoWith(Alarm, { alarm }) }),
});

const unmute = jsonAction(api, {
	about: "Lets an alarm be heard again.",
	input: Alarm,
	output: muted,
	writes: { entity: "incident", fields: ["muted"] },
	mark: "The user whose token is used.",
	scopes: ["alarms:write"],
	repeatable: true,
	call: ({ alarm }) => ({ method: "DELETE", path: pathOf`/alarms/${alarm}/mute` }),
	result: (_answer, { alarm = null }) => ({ output: { id: alarm } }),
	// It was not muted, or is gone: nothing is left to be undone.
	otherwise: ({ status }, _now, { alarm = null }) =>
		status === 404 ? { kind: "succeeded", output: { id: alarm } } : undefined,
});

export const lantern: Connector = {
	id: "lantern",
	title: "Lantern",
	source,
	connection,
	actions: { mute, unmute },
};
// -- end --
