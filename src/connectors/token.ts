// Any sender that cannot sign but can send a secret along. Whoever sees one delivery can make others, so what comes in
// this way is worth little more than a hint.

import { z } from "zod";
import { configReader } from "./config";
import type { Connector, TokenScheme } from "./connector";
import { HeaderName } from "./hmac";
import { mappingShape, normalizeByMapping } from "./mapping";

const Config = z.strictObject({
	header: HeaderName.default("x-webhook-token").describe("The header that carries the token."),
	query: z.string().min(1).max(100).default("token").describe("Or the query parameter."),
	places: z
		.array(z.enum(["header", "bearer", "query"]))
		.min(1)
		.max(3)
		.default(["header", "bearer", "query"])
		.describe("Where to look for the token, in this order; the first place that holds anything counts."),
	...mappingShape,
});
const read = configReader(Config);

export const token: Connector = {
	id: "token",
	title: "Any sender, with a shared token",
	source: {
		config: Config,
		trust: () => "token",
		verification: (config) => schemeOf(read(config)),
		normalize: (delivery, json, config) => normalizeByMapping(delivery, json, read(config)),
	},
};

function schemeOf({ places, header, query }: z.infer<typeof Config>): TokenScheme {
	const by = {
		header: { in: "header", name: header },
		bearer: { in: "bearer" },
		query: { in: "query", name: query },
	} as const;
	return { kind: "token", places: places.map((place) => by[place]) };
}
