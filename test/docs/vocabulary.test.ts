// `docs/vocabulary.md` is written from the code, so that it cannot say anything else. `npm run docs` writes it anew.

import { expect, test } from "vitest";
import { connectors } from "../../src/connectors";
import { NOUNS, VERBS } from "../../src/connectors/vocabulary";
import type { ACTOR_KINDS } from "../../src/model/event";
import { code, table } from "./table";

const ACTORS: Record<(typeof ACTOR_KINDS)[number], string> = {
	human: "A person.",
	automation: "A bot, an app or an integration that is not ours.",
	system: "The system itself, with nobody behind it.",
	self: "We: the event tells of a write of our own.",
	mixed: "We and others: the event tells of several writes at once, and is never dropped as an echo.",
	unknown: "The system does not say, or not so that it could be told.",
};

interface Row {
	event_type: string;
	entity: string;
	from: string[];
}

function rows(): Row[] {
	const found = new Map<string, Row>();
	for (const { title, source } of Object.values(connectors)) {
		for (const { native, event_type, entity } of source?.vocabulary ?? []) {
			const row = found.get(`${event_type} ${entity}`) ?? { event_type, entity, from: [] };
			row.from.push(`${title} ${code(native)}`);
			found.set(`${event_type} ${entity}`, row);
		}
	}
	return [...found.values()].sort((a, b) => compare(a.event_type, b.event_type) || compare(a.entity, b.entity));
}

function compare(a: string, b: string): number {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}

function meanings(words: Readonly<Record<string, string>>): string {
	return table(
		["word", "meaning"],
		Object.entries(words).map(([word, meaning]) => [code(word), meaning]),
	);
}

function page(): string {
	const events = rows().map(({ event_type, entity, from }) => [code(event_type), code(entity), from.join(", ")]);
	return `# The words of events

Written from the code by \`npm run docs\`.

The same idea has the same name, whichever system it comes from: workflows that listen to \`ticket.created\` do not care
where the ticket is. An event type is a noun and a verb; what the system itself calls it stands in \`native_type\`. What happens
inside a thing is about that thing: the entity of a comment on a ticket is the ticket. Changes of single fields are
\`updated\`, and \`changes\` names them. What a system sends and the table does not have becomes an event too, under the system's
own name in lower case.

## Event types

${table(["event type", "entity", "from"], events)}

Any sender's events by the connectors \`hmac\`, \`token\`, \`standard-webhooks\` and \`cloudevents\` keep the types that their sender
gives them.

## Nouns

${meanings(NOUNS)}

## Verbs

${meanings(VERBS)}

## Who did it

${meanings(ACTORS)}
`;
}

test("the words of events are documented as they are", async () => {
	await expect(page()).toMatchFileSnapshot("../../docs/vocabulary.md");
});

test("every noun and every verb is in use", () => {
	const types = rows().map(({ event_type }) => /^(.+)\.([a-z_]+)$/.exec(event_type) ?? []);
	const nouns = [...types.map(([, noun]) => noun), ...rows().map(({ entity }) => entity), ...written()];
	expect(Object.keys(NOUNS).filter((noun) => !nouns.includes(noun))).toEqual([]);
	expect(Object.keys(VERBS).filter((verb) => !types.some((type) => type[2] === verb))).toEqual([]);
});

/** Entities that actions write. */
function written(): string[] {
	const actions = Object.values(connectors).flatMap(({ actions = {} }) => Object.values(actions));
	return actions.flatMap(({ writes }) => (writes === undefined ? [] : [writes.entity]));
}

test("what actions write is called by its canonical name", () => {
	expect(written().filter((entity) => entity !== "*" && !Object.hasOwn(NOUNS, entity))).toEqual([]);
});
