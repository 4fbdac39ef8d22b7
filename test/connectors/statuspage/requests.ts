// Requests of a Statuspage connection, for tests.

import { MARKED } from "../actions";

export const PAGE = "https://api.statuspage.io/v1/pages/p1";

export const headers = {
	accept: "application/json",
	"user-agent": "signalbox",
	authorization: "OAuth k3y",
	...MARKED,
};
export const withBody = { ...headers, "content-type": "application/json" };
export const secret_headers = ["authorization"];

export const connection = { config: {}, credentials: { api_key: "k3y" } };
