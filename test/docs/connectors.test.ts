// `docs/connectors.md` is written from the code, so that it cannot say anything else. `npm run docs` writes it anew.

import { expect, test } from "vitest";
import { connectors } from "../../src/connectors";
import type { Action, Connector, SourceSide } from "../../src/connectors/connector";
import { code, table } from "./table";

const all = Object.values(connectors).sort((a, b) => (a.title.toLowerCase() < b.title.toLowerCase() ? -1 : 1));

const TRUST: Record<ReturnType<SourceSide["trust"]>, string> = {
	signed: "body and time are signed",
	signed_untimed: "the body is signed, its time is not",
	bearer: "the caller is known, the body is not covered",
	token: "a shared token came along, nothing is signed",
};

function sources(): string {
	const rows = all.flatMap(({ id, title, source }) =>
		source === undefined
			? []
			: [[title, code(id), TRUST[source.trust(source.config.parse({}))], source.identified_by, source.own_writes]],
	);
	return table(["system", "connector", "a delivery is believed because", "told apart by", "our own writes"], rows);
}

function guarantee(action: Action): string {
	if (action.reads) return "changes nothing";
	if (action.once !== undefined) return `once, ${action.once}`;
	if (action.repeatable) return "once: a repetition changes nothing";
	return action.probe === undefined
		? "at most or at least once: `on_unknown`"
		: "once: looked for before it is repeated";
}

function rights({ scopes }: Action): string {
	return scopes.map(code).join(", ");
}

function actionsOf({ id, title, actions = {} }: Connector): string {
	const entries = Object.entries(actions).sort(([a], [b]) => (a < b ? -1 : 1));
	const rows = entries.map(([name, action]) => [
		code(`${id}.${name}`),
		action.about,
		guarantee(action),
		action.undo === undefined ? "" : code(action.undo),
		rights(action),
	]);
	const marks = [...new Set(entries.flatMap(([, { mark }]) => (mark === undefined ? [] : [mark])))];
	const marked = marks.length === 0 ? "" : `\n\nOur writes can be told by: ${marks.join(" ")}`;
	return `### ${title}\n\n${table(["action", "what it does", "takes effect", "own undo", "least rights"], rows)}${marked}`;
}

function page(): string {
	const acting = all.filter(({ actions }) => actions !== undefined);
	return `# Connectors

Written from the code by \`npm run docs\`. What a source or a connection is given, and what an action takes and gives, stands
in [settings.md](settings.md); the admin API names every mistake with its place. How to add one: [adding-a-connector.md](adding-a-connector.md).

## In

${sources()}

Where only a token came along, or the body is not covered, whoever sees one delivery can make others: let the workflow read
the thing again before it acts. What is signed without its time can be replayed for ever by whoever captures it; the key in
the fourth column is what stops that, for seven days.

The event types that they give are in [vocabulary.md](vocabulary.md).

## Out

${acting.map(actionsOf).join("\n\n")}
`;
}

test("connectors are documented as they are", async () => {
	await expect(page()).toMatchFileSnapshot("../../docs/connectors.md");
});
