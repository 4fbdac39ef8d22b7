// What each HubSpot event is called. Subscriptions come in two generations: older ones name the kind of record in the
// event's type, like `contact.creation`; newer ones are `object.creation`, and `objectTypeId` says of what.

import type { VocabularyRow } from "../connector";
import { snakeCase } from "../inbound/snake-case";

/**
 * By `objectTypeId`: https://developers.hubspot.com/docs/guides/crm/understanding-the-crm. Kinds that are not here, and
 * those that customers define, keep their id: see `nounOf`.
 */
const NOUNS: ReadonlyMap<string, string> = new Map([
	["0-1", "contact"],
	["0-2", "company"],
	["0-3", "deal"],
	["0-5", "ticket"],
	["0-7", "product"],
	["0-8", "line_item"],
	["0-27", "task"],
	["0-46", "note"],
	["0-47", "meeting"],
	["0-48", "call"],
	["0-123", "order"],
	["0-136", "lead"],
]);

/** The kinds of record that older subscriptions name. */
const NAMED = ["contact", "company", "deal", "ticket", "product", "line_item"];

const VERBS: ReadonlyMap<string, string> = new Map([
	["creation", "created"],
	["propertyChange", "updated"],
	["associationChange", "updated"],
	["deletion", "deleted"],
	["privacyDeletion", "deleted"],
	["merge", "merged"],
	["restore", "restored"],
]);

/** By native type; where that is `object.*`, with a blank and the `objectTypeId`. */
const ROWS: ReadonlyMap<string, VocabularyRow> = new Map(
	[
		...NAMED.flatMap((noun) => rowsOf(noun, (verb) => `${noun}.${verb}`)),
		...[...NOUNS].flatMap(([id, noun]) => rowsOf(noun, (verb) => `object.${verb} ${id}`)),
		{ native: "contact.privacyDeletion", event_type: "contact.deleted", entity: "contact" },
		...["creation", "propertyChange", "deletion", "privacyDeletion"].map((kind) => ({
			native: `conversation.${kind}`,
			event_type: `conversation.${VERBS.get(kind)}`,
			entity: "conversation",
		})),
		// What is said in a conversation is about the conversation.
		{ native: "conversation.newMessage", event_type: "conversation_message.created", entity: "conversation" },
	].map((row) => [row.native, row]),
);

function rowsOf(noun: string, nativeOf: (kind: string) => string): VocabularyRow[] {
	return [...VERBS]
		.filter(([kind]) => kind !== "privacyDeletion")
		.map(([kind, verb]) => ({ native: nativeOf(kind), event_type: `${noun}.${verb}`, entity: noun }));
}

export const VOCABULARY: readonly VocabularyRow[] = [...ROWS.values()];

const NATIVE = /^([A-Za-z][\w]*)\.([A-Za-z]\w*)$/;

/** What an event of this type is called and about; undefined if it is no type. */
export function namesOf(native: string, objectTypeId: string | undefined): VocabularyRow | undefined {
	const known = ROWS.get(objectTypeId === undefined ? native : `${native} ${objectTypeId}`) ?? ROWS.get(native);
	if (known !== undefined) return known;
	const [, prefix, kind] = NATIVE.exec(native) ?? [];
	if (prefix === undefined || kind === undefined) return undefined;
	const noun = prefix === "object" ? nounOf(objectTypeId) : snakeCase(prefix);
	return { native, event_type: `${noun}.${VERBS.get(kind) ?? snakeCase(kind)}`, entity: noun };
}

/** `object_2_226377266` for records of a kind without a name of its own here: their ids are unique within it. */
function nounOf(objectTypeId: string | undefined): string {
	if (objectTypeId === undefined || !/^\d+-\d+$/.test(objectTypeId)) return "object";
	return NOUNS.get(objectTypeId) ?? `object_${objectTypeId.replace("-", "_")}`;
}
