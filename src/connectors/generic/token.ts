// Any sender that cannot sign but can send a secret along. Whoever sees one delivery can make others, so what comes in
// this way is worth little more than a hint.

import { z } from "zod";
import { configReader } from "../config";
import type { Connector, TokenScheme } from "../connector";
import { HeaderName } from "../header-name";
import { mappingShape, normalizeByMapping } from "../inbound/mapping";

const Settings = z.strictObject({
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
type Settings = z.infer<typeof Settings>;

const Config = Settings.superRefine(({ header, ...settings }, context) => {
	for (const [setting, places] of Object.entries(settings)) {
		if (Array.isArray(places) && places.some((place) => place === `header:${header}`)) {
			context.addIssue({ code: "custom", path: [setting], message: `${header} carries the token` });
		}
	}
});
const read = configReader(Config);

export const token: Connector = {
	id: "token",
	title: "Any sender, with a shared token",
	source: {
		config: Config,
		trust: () => "token",
		verification: (config) => schemeOf(read(config)),
		identified_by: "What `event_id` names.",
		own_writes: "By the actor ids in `own`.",
		vocabulary: [],
		normalize: (delivery, json, config) => normalizeByMapping(delivery, json, read(config)),
	},
};

function schemeOf({ places, header, query }: Settings): TokenScheme {
	const by = {
		header: { in: "header", name: header },
		bearer: { in: "bearer" },
		query: { in: "query", name: query },
	} as const;
	return { kind: "token", places: places.map((place) => by[place]) };
}
