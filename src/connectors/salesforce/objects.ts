// The words for Salesforce's objects and for what happens to their records.

import type { VocabularyRow } from "../connector";

/** By API name. Objects that are not here keep their own name. */
const NOUNS: ReadonlyMap<string, string> = new Map([
	["Account", "company"],
	["Case", "ticket"],
	["Contact", "contact"],
	["Lead", "lead"],
	["Opportunity", "deal"],
	["Order", "order"],
	["User", "user"],
]);

export const OVERFLOW = "GAP_OVERFLOW";

/**
 * By `changeType`. Gap events say that something happened, and not with which fields:
 * https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-other-events.html
 */
const VERBS: ReadonlyMap<string, string> = new Map([
	["CREATE", "created"],
	["UPDATE", "updated"],
	["DELETE", "deleted"],
	["UNDELETE", "restored"],
	["GAP_CREATE", "created"],
	["GAP_UPDATE", "updated"],
	["GAP_DELETE", "deleted"],
	["GAP_UNDELETE", "restored"],
	[OVERFLOW, "overflowed"],
]);

/** An outbound message does not say what happened to the record, only that it met the criteria of a flow or a rule. */
const MESSAGE_VERB = "updated";

/** What a kind of record and a change of it are called, here and at Salesforce. */
export interface Named {
	noun: string;
	event_type: string;
	native_type: string;
}

export function namesOfChange(object: string, changeType: string): Named {
	const noun = nounOf(object);
	const verb = VERBS.get(changeType) ?? changeType.toLowerCase();
	return { noun, event_type: `${noun}.${verb}`, native_type: `${channelOf(object)}.${changeType}` };
}

export function namesOfMessage(object: string): Named {
	const noun = nounOf(object);
	return { noun, event_type: `${noun}.${MESSAGE_VERB}`, native_type: `outbound_message.${object}` };
}

export const VOCABULARY: readonly VocabularyRow[] = [...NOUNS.keys()].flatMap((object) =>
	[namesOfMessage(object), ...[...VERBS.keys()].map((changeType) => namesOfChange(object, changeType))].map(
		({ noun, event_type, native_type }) => ({ native: native_type, event_type, entity: noun }),
	),
);

/** A name that an object can have, with its namespace and suffix. */
export function isObjectName(text: string | undefined): text is string {
	return text !== undefined && /^[A-Za-z]\w{0,79}$/.test(text);
}

/** Names of custom objects already have their words apart, and must not come to look like those of standard ones. */
function nounOf(object: string): string {
	const apart = object.includes("__") ? object : object.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
	return NOUNS.get(object) ?? apart.toLowerCase();
}

/** `CaseChangeEvent` of `Case`, `Invoice__ChangeEvent` of `Invoice__c`. */
function channelOf(object: string): string {
	return `${object.replace(/__c$/, "__")}ChangeEvent`;
}
