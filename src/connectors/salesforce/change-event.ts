// Events of change data capture, as a relay passes them on. Of records that changed alike there is one event, which
// becomes one for each of them.
// https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-event-fields-header.html

import type { Actor, Change as FieldChange } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Delivery, Normalized, NormalizedEvent } from "../connector";
import { manyEvents } from "../inbound/batch";
import { fitEvent, oneEvent } from "../inbound/normalized";
import { idAt, isObject, objectAt, plausible, textAt, valueAt } from "../inbound/read";
import { isObjectName, namesOfChange, OVERFLOW } from "./objects";
import { listedKind, type Settings } from "./settings";

const HEADER = "payload.ChangeEventHeader";

/** One delivery while it is read. */
interface Change {
	delivery: Delivery;
	json: JsonObject;
	payload: JsonObject;
	header: JsonObject;
	object: string;
	changeType: string;
	transaction: string;
	/** The event's own among those of its transaction. */
	number: string;
}

export function changeEvents(delivery: Delivery, json: Json, settings: Settings): Result<Normalized, string> {
	const read = readChange(delivery, json);
	if (!read.ok) return read;
	const change = read.value;
	const { header, payload, object } = change;
	if (change.changeType === OVERFLOW) {
		// It names no record, and there may be one for each of several objects.
		return oneEvent(eventOf(change, settings, { id: "*", key: `${object}:*`, data: change.json }));
	}
	const events = recordIds(header).map((record) => {
		if (!record.ok) return record;
		const id = record.value;
		const data = { ...change.json, payload: { ...payload, ChangeEventHeader: { ...header, recordIds: [id] } } };
		return fitEvent(eventOf(change, settings, { id, key: id, data }));
	});
	return manyEvents(events);
}

function readChange(delivery: Delivery, json: Json): Result<Change, string> {
	const header = objectAt(json, HEADER);
	const payload = objectAt(json, "payload");
	if (!isObject(json) || payload === undefined || header === undefined) return err(`the body has no ${HEADER}`);
	const object = textAt(header, "entityName");
	if (!isObjectName(object)) return err(`${HEADER}.entityName names no object`);
	const changeType = textAt(header, "changeType");
	if (changeType === undefined || !/^[A-Z][A-Z_]{0,39}$/.test(changeType)) {
		return err(`${HEADER}.changeType names no change`);
	}
	const transaction = textAt(header, "transactionKey");
	const number = digitsAt(delivery, json, `${HEADER}.sequenceNumber`);
	if (transaction === undefined || number === undefined) {
		return err(`${HEADER} has no transactionKey and sequenceNumber`);
	}
	return ok({ delivery, json, payload, header, object, changeType, transaction, number });
}

function eventOf(
	change: Change,
	settings: Settings,
	about: { id: string; key: string; data: JsonObject },
): NormalizedEvent {
	const { header, object, changeType, transaction, number } = change;
	const { noun, event_type, native_type } = namesOfChange(object, changeType);
	return {
		delivery_key: `${transaction}:${number}:${about.key}`,
		event_type,
		native_type,
		entity: { type: noun, id: about.id },
		actor: actorOf(header, settings),
		occurred_at: timeOf(valueAt(header, "commitTimestamp")),
		sequence: sequenceOf(change),
		changes: changesOf(change),
		data: about.data,
	};
}

/** Ids of records; or a prefix and `*` where all records of an object were converted at once. */
function recordIds(header: JsonObject): Result<string, string>[] {
	const ids = valueAt(header, "recordIds");
	if (!Array.isArray(ids)) return [];
	return ids.map((_, i) => {
		const id = textAt(ids, String(i));
		return id === undefined ? err("the record's id is no text") : ok(id);
	});
}

/** Only what an API client or Lightning has changed has an origin, and Lightning names itself as a client, too. */
function actorOf(header: JsonObject, settings: Settings): Actor {
	const client = /;client=([^;]+)/.exec(textAt(header, "changeOrigin") ?? "")?.[1];
	const id = textAt(header, "commitUser");
	if (client === settings.own_client) return { kind: "self", id };
	return { kind: listedKind(id, settings) ?? clientKind(client), id };
}

function clientKind(client: string | undefined): Actor["kind"] {
	if (client === undefined) return "unknown";
	return /^SfdcInternalAPI(\/|$)/.test(client) ? "human" : "automation";
}

/** Every write changes these. */
const BOOKKEEPING = ["LastModifiedById", "LastModifiedDate", "SystemModstamp"];

/** Of a compound field its parts are named, like `Name.FirstName`. */
const FIELD = /^[A-Za-z]\w*(\.\w+)*$/;

function changesOf({ header, payload }: Change): FieldChange[] {
	const nulled = fieldsAt(header, "nulledFields");
	const diffs = fieldsAt(header, "diffFields");
	const changed = new Set([...fieldsAt(header, "changedFields"), ...nulled]);
	return [...changed]
		.filter((field) => !BOOKKEEPING.includes(field))
		.map((field) => {
			if (nulled.includes(field)) return { field, to: null };
			// Of long texts the payload has not the value, but how it differs from the old one.
			return diffs.includes(field) ? { field } : { field, to: valueAt(payload, field) };
		});
}

/** Names only: a relay may also pass on what the Pub/Sub API has in their place, bitmaps like `0x0A`. */
function fieldsAt(header: JsonObject, path: string): string[] {
	const fields = valueAt(header, path);
	if (!Array.isArray(fields)) return [];
	return fields.filter((field) => typeof field === "string" && FIELD.test(field)).map(String);
}

function timeOf(ms: Json | undefined): number | undefined {
	return typeof ms === "number" ? plausible(ms) : undefined;
}

function digitsAt(delivery: Delivery, json: Json, path: string): string | undefined {
	const digits = idAt(delivery, json, path);
	return digits !== undefined && /^\d{1,20}$/.test(digits) ? digits : undefined;
}

/** A whole number: transactions by their commit numbers, and the events of one by their own. */
function sequenceOf({ delivery, json, number }: Change): string | undefined {
	const commit = digitsAt(delivery, json, `${HEADER}.commitNumber`);
	return commit === undefined ? undefined : `${commit}${number.padStart(20, "0")}`;
}
