// `docs/settings.md` is written from the schemas, so that it cannot say anything else. `npm run docs` writes it anew.

import { expect, test } from "vitest";
import { z } from "zod";
import { connectors } from "../../src/connectors";
import type { Connector } from "../../src/connectors/connector";
import type { JsonObject } from "../../src/model/json";
import { code, table } from "./table";

const all = Object.values(connectors).sort((a, b) => (a.title.toLowerCase() < b.title.toLowerCase() ? -1 : 1));

/** One row for each key of an object's schema. */
function rowsOf(where: string, schema: z.ZodType | undefined): string[][] {
	if (schema === undefined) return [];
	const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as {
		properties?: Record<string, JsonObject>;
		required?: string[];
	};
	return Object.entries(properties).map(([key, property]) => [
		where,
		code(key),
		required.includes(key) ? "required" : defaultOf(property),
		aboutOf(key, property),
	]);
}

function defaultOf(property: JsonObject): string {
	if (!Object.hasOwn(property, "default")) return "";
	const text = JSON.stringify(property.default);
	return text.length > 60 ? "see the schema" : code(text);
}

function aboutOf(key: string, property: JsonObject): string {
	if (key === "oauth") return "Or OAuth 2: see [operating.md](operating.md).";
	const choices = Array.isArray(property.enum)
		? `One of ${property.enum.map((one) => code(String(one))).join(", ")}.`
		: "";
	const about = typeof property.description === "string" ? property.description : "";
	return [about, choices]
		.filter((text) => text !== "")
		.join(" ")
		.replaceAll("\n", " ");
}

function section({ id, title, source, connection, actions = {} }: Connector): string {
	const rows = [
		...rowsOf("source", source?.config),
		...rowsOf("connection", connection?.config),
		...rowsOf("credentials", connection?.credentials),
		...Object.entries(actions).flatMap(([name, { input }]) => rowsOf(code(`${id}.${name}`), input)),
	];
	const settings = rows.length === 0 ? "Nothing to set." : table(["of", "key", "default", "what it is"], rows);
	const outputs = Object.entries(actions).flatMap(([name, { output }]) =>
		Object.entries(output).map(([field, about]) => [code(`${id}.${name}`), code(field), about]),
	);
	const given = outputs.length === 0 ? "" : `\n\n${table(["of", "output", "what it is"], outputs)}`;
	return `## ${title}\n\n\`${id}\`\n\n${settings}${given}`;
}

function page(): string {
	return `# Settings, inputs and outputs

Written from the schemas by \`npm run docs\`: what each connector's sources (\`config\` of \`PUT …/sources/<name>\`) and connections
(\`config\` and \`credentials\` of \`PUT …/connections/<name>\`) are given, what its actions take under \`with\`, and what later
steps can read of their output. [connectors.md](connectors.md) says what they do.

${all.map(section).join("\n\n")}
`;
}

test("settings, inputs and outputs are documented as they are", async () => {
	await expect(page()).toMatchFileSnapshot("../../docs/settings.md");
});

test("every setting and every credential says what it is", () => {
	const silent = all.flatMap(({ id, source, connection }) =>
		[source?.config, connection?.config, connection?.credentials]
			.flatMap((schema) => rowsOf(id, schema))
			.filter(([, , , about]) => about === ""),
	);
	expect(silent.map(([id, key]) => `${id} ${key}`)).toEqual([]);
});
