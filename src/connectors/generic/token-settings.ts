// Where any sender shows a token, as settings say it. Shared by the connectors that any sender can use.

import { z } from "zod";
import type { TokenScheme } from "../connector";
import { HeaderName } from "../header-name";

export const tokenShape = {
	header: HeaderName.default("x-webhook-token").describe("The header that carries the token."),
	query: z.string().min(1).max(100).default("token").describe("Or the query parameter."),
	places: z
		.array(z.enum(["header", "bearer", "query", "path"]))
		.min(1)
		.max(4)
		.default(["header", "bearer", "query"])
		.describe(
			"Where to look for the token, in this order; the first place that holds anything counts. The path is what stands in the address after the source's name.",
		),
};
const TokenSettings = z.object(tokenShape);
export type TokenSettings = z.infer<typeof TokenSettings>;

/** A token must not end up in an event. */
export function checkToken({ header, ...settings }: TokenSettings, context: z.RefinementCtx): void {
	for (const [setting, places] of Object.entries(settings)) {
		if (Array.isArray(places) && places.some((place) => place === `header:${header}`)) {
			context.addIssue({ code: "custom", path: [setting], message: `${header} carries the token` });
		}
	}
}

export function tokenScheme({ places, header, query }: TokenSettings): TokenScheme {
	const by = {
		header: { in: "header", name: header },
		bearer: { in: "bearer" },
		query: { in: "query", name: query },
		path: { in: "path" },
	} as const;
	return { kind: "token", places: places.map((place) => by[place]) };
}
