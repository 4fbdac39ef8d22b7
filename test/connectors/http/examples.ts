// Any HTTP API, for the contract tests.

import type { GoodAction } from "../examples";

const connection = {
	config: { base_url: "https://api.partner.com/v1" },
	credentials: { headers: { authorization: "Bearer s3cret" } },
};

export const actions: Record<string, GoodAction> = {
	get: { ...connection, input: { path: "/orders" }, done: [200, { a: 1 }] },
	request: { ...connection, input: { path: "/orders", body: { a: 1 } }, done: [200, { a: 1 }] },
};
