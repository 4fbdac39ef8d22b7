// Webhooks for subscribers: about a component, or about an incident with its updates, the newest first. A maintenance is
// an incident with a time that it is scheduled for. Nobody can see in them who acted.
// https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/

import type { Actor, Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import type { Normalized, VocabularyRow } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { isObject, objectAt, parseTime, textAt, valueAt } from "../inbound/read";
import { keyOf } from "./mark";

type Noun = "incident" | "maintenance";

/** What an incident's newest update is to it. */
type Stage = "first" | "begun" | "last" | "other";

const VERBS: Readonly<Record<Noun, Readonly<Record<Stage, string>>>> = {
	incident: { first: "created", begun: "started", last: "resolved", other: "updated" },
	maintenance: { first: "created", begun: "started", last: "completed", other: "updated" },
};

const COMPONENT = { native: "component_update", event_type: "component.updated", entity: "component" };

export const VOCABULARY: readonly VocabularyRow[] = [
	COMPONENT,
	incidentRow("incident first update", "incident", "first"),
	incidentRow("incident", "incident", "other"),
	incidentRow("incident resolved", "incident", "last"),
	incidentRow("incident scheduled", "maintenance", "first"),
	incidentRow("incident in_progress", "maintenance", "begun"),
	incidentRow("incident verifying", "maintenance", "other"),
	incidentRow("incident completed", "maintenance", "last"),
];

function incidentRow(native: string, noun: Noun, stage: Stage): VocabularyRow {
	return { native, event_type: typeOf(noun, stage), entity: noun };
}

function typeOf(noun: Noun, stage: Stage): string {
	return `${noun}.${VERBS[noun][stage]}`;
}

/** `pages`: ids of those that are accepted; all, if there are none. */
export function normalize(json: Json, pages: string[]): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	if (pages.length > 0 && !pages.includes(textAt(json, "page.id") ?? "")) {
		return err("the webhook is not of a page in `pages`");
	}
	if (objectAt(json, "component_update") !== undefined) return componentEvent(json);
	if (objectAt(json, "incident") !== undefined) return incidentEvent(json);
	return err("the body has neither a component_update nor an incident");
}

function componentEvent(json: JsonObject): Result<Normalized, string> {
	const id = textAt(json, "component_update.id");
	const component = textAt(json, "component_update.component_id") ?? textAt(json, "component.id");
	if (id === undefined || component === undefined)
		return err("the component_update has no id, or none of its component");
	const from = valueAt(json, "component_update.old_status");
	const to = valueAt(json, "component_update.new_status");
	return oneEvent({
		delivery_key: id,
		event_type: COMPONENT.event_type,
		native_type: COMPONENT.native,
		entity: { type: COMPONENT.entity, id: component },
		actor: { kind: "unknown" },
		occurred_at: parseTime(valueAt(json, "component_update.created_at")),
		changes: [{ field: "status", from, to }],
		data: withoutLink(json),
	});
}

function incidentEvent(json: JsonObject): Result<Normalized, string> {
	const id = textAt(json, "incident.id");
	const update = textAt(json, "incident.incident_updates.0.id");
	if (id === undefined || update === undefined) return err("the incident has no id, or no update with one");
	const noun = typeof valueAt(json, "incident.scheduled_for") === "string" ? "maintenance" : "incident";
	return oneEvent({
		delivery_key: update,
		event_type: typeOf(noun, stageOf(json)),
		native_type: "incident",
		entity: { type: noun, id },
		actor: actorOf(json),
		occurred_at:
			parseTime(valueAt(json, "incident.updated_at")) ??
			parseTime(valueAt(json, "incident.incident_updates.0.created_at")),
		changes: changesOf(json),
		data: withoutLink(json),
	});
}

/** By its status, which only the update that brings it makes an event of its own. */
const STAGES: ReadonlyMap<string, Stage> = new Map<string, Stage>([
	["in_progress", "begun"],
	["resolved", "last"],
	["completed", "last"],
]);

function stageOf(json: JsonObject): Stage {
	const status = textAt(json, "incident.status") ?? "";
	const stage = textAt(json, "incident.incident_updates.1.status") === status ? undefined : STAGES.get(status);
	return stage ?? (isFirst(json) ? "first" : "other");
}

/** An incident and its first update are written one after the other. */
const TOGETHER_MS = 60_000;

/** The only update, unless it is one of an incident that is older: then others were left out. */
function isFirst(json: JsonObject): boolean {
	if (valueAt(json, "incident.incident_updates.1") !== undefined) return false;
	const created = parseTime(valueAt(json, "incident.created_at"));
	const updated = parseTime(valueAt(json, "incident.incident_updates.0.created_at"));
	return created !== undefined && updated !== undefined && Math.abs(updated - created) < TOGETHER_MS;
}

/** Our mark stays on an incident of ours whoever updates it later, so it tells only who began it. */
function actorOf(json: JsonObject): Actor {
	return { kind: isFirst(json) && keyOf(valueAt(json, "incident")) !== undefined ? "self" : "unknown" };
}

function changesOf(json: JsonObject): Change[] {
	const from = textAt(json, "incident.incident_updates.1.status");
	const to = textAt(json, "incident.incident_updates.0.status");
	return from === undefined || to === undefined || from === to ? [] : [{ field: "status", from, to }];
}

/** Whoever follows `meta.unsubscribe` ends the subscription. */
function withoutLink(json: JsonObject): JsonObject {
	const { meta, ...data } = json;
	if (!isObject(meta)) return data;
	const { unsubscribe: _, ...rest } = meta;
	return { ...data, meta: rest };
}
