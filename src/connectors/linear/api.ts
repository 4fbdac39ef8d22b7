// Linear's GraphQL API.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { JsonObject } from "../../model/json";
import type { ConnectionSide } from "../connector";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api, Call } from "../outbound/json-api";
import { linearAnswer } from "./answers";

const API = "https://api.linear.app";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where Linear's API lives."),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("An access token, best one with actor=app, or a personal API key."),
});

export const linearConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	// An hour bears 2,500 requests with the API keys of a user, and 5,000 with an app's token: the lower holds for both, as
	// nothing here says which it is. https://linear.app/developers/rate-limiting
	limits: { rate: { requests: 2_500, per_ms: 3_600_000 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

export const linearApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Linear",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	// API keys go without a scheme: https://linear.app/developers/graphql#authentication
	authorize: ({ token }) => ({ authorization: token.startsWith("lin_api_") ? token : `Bearer ${token}` }),
	answer: linearAnswer,
};

/** A document of ours with what fills it: nothing that comes from outside ever becomes a part of a document. */
export function asking(query: string, variables: JsonObject): Call {
	return { method: "POST", path: "/graphql", body: { query, variables } };
}

/** Linear writes `stateId` where we write `state_id`. */
export function inputOf(fields: JsonObject): JsonObject {
	const spelt = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
	return Object.fromEntries(Object.entries(fields).map(([name, value]) => [spelt(name), value]));
}

/** Ids are UUIDs; issues also go by names like ENG-7. */
export const Id = z.string().min(1).max(64);

/** For the documentation. */
export const BY_APP = "The app whose token is used, if that is one with `actor=app`.";
export const BY_ID = `Its id, which comes of the idempotency key. ${BY_APP}`;
