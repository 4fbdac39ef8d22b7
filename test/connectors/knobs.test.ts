// Every input, setting and credential makes a difference: none is accepted and never read. What is looked at is what a
// connector says to the world: its requests, its verification, its events, its answers.

import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { connectors } from "../../src/connectors";
import type { Connector, SourceSide } from "../../src/connectors/connector";
import type { Json, JsonObject } from "../../src/model/json";
import { actionOf, answer, mark } from "./actions";
import { keysOf, others } from "./another";
import { deliveryOf, NOW } from "./deliveries";
import { EXAMPLES, type GoodAction, type GoodDelivery } from "./examples";

const acting = Object.values(connectors).filter(({ actions }) => actions !== undefined);

/** The first other value of a key that is accepted and makes a difference. */
function difference(
	schema: z.ZodType,
	key: string,
	{ has, values = [], told }: { has: JsonObject; values?: Json[]; told: (value: JsonObject) => string },
): Json | undefined {
	const before = told(has);
	const accepted = [...values, ...others(schema, key, has[key])].filter(
		(value) => schema.safeParse({ ...has, [key]: value }).success,
	);
	return accepted.find((value) => told({ ...has, [key]: value }) !== before);
}

/** What an action sends and looks for, and what it makes of the example's answer. */
function saidBy(use: string, good: GoodAction): string {
	const action = actionOf(use);
	const connection = connectors[use.split(".")[0] ?? ""]?.connection;
	const input = action.input.parse(good.input);
	const config = connection?.config.parse(good.config) ?? {};
	const at = { config, credentials: good.credentials };
	return JSON.stringify([
		action.build(input, at, mark),
		action.probe?.build(input, at, mark),
		action.read(answer(...good.done), NOW, input),
		action.probe?.read(answer(200, good.shown), NOW, { input, mark }),
		connection?.hosts(config),
	]);
}

describe.each(acting)("$id", (connector: Connector) => {
	const goods = Object.entries(EXAMPLES[connector.id]?.actions ?? {});

	for (const [name, good] of goods) {
		const use = `${connector.id}.${name}`;
		const { input } = actionOf(use);
		test.each(keysOf(input))(`${name} reads %s`, (key) => {
			const told = (value: JsonObject) => saidBy(use, { ...good, input: value });
			expect(difference(input, key, { has: good.input, values: good.knobs?.[key], told })).toBeDefined();
		});
	}

	for (const part of ["config", "credentials"] as const) {
		const schema = connector.connection?.[part];
		const keys = schema === undefined ? [] : keysOf(schema).filter((key) => key !== "oauth");
		test.each(keys)(`${part} %s is read by some action`, (key) => {
			const found = goods.map(([name, good]) => {
				const told = (value: JsonObject) => saidBy(`${connector.id}.${name}`, { ...good, [part]: value });
				const values = EXAMPLES[connector.id]?.knobs?.[key];
				return schema && difference(schema, key, { has: good[part], values, told });
			});
			expect(found.some((value) => value !== undefined)).toBe(true);
		});
	}
});

const receiving = Object.entries(EXAMPLES).flatMap(([id, { deliveries }]) =>
	deliveries === undefined ? [] : [{ id, deliveries }],
);

/** How a source reads the examples with these settings. */
function readBy(source: SourceSide, deliveries: GoodDelivery[], config: JsonObject): string {
	const settings = source.config.parse(config);
	const read = deliveries.map(({ body, headers }) =>
		source.normalize(deliveryOf(JSON.stringify(body), headers), body, settings),
	);
	const said = [source.trust(settings), source.body?.(settings), source.acknowledgement?.(settings)];
	return JSON.stringify([source.verification(settings), ...said, ...read]);
}

describe.each(receiving)("the source half of $id", ({ id, deliveries }) => {
	const source = connectors[id]?.source;
	test.each(source === undefined ? [] : keysOf(source.config))("reads %s", (key) => {
		if (source === undefined) throw new Error("no source");
		const configs = [{}, ...deliveries.map(({ config = {} }) => config)];
		const told = (config: JsonObject) => readBy(source, deliveries, config);
		const values = EXAMPLES[id]?.knobs?.[key];
		const found = configs.map((has) => difference(source.config, key, { has, values, told }));
		const without = configs.some((config) => {
			const { [key]: _, ...rest } = config;
			return source.config.safeParse(rest).success && told(rest) !== told(config);
		});
		expect(without || found.some((value) => value !== undefined)).toBe(true);
	});
});
