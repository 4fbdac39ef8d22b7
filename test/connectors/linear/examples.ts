// Linear, for the contract tests.

import type { GoodDelivery } from "../examples";

const headers = { "linear-delivery": "d1" };
const actor = { id: "u1", type: "user", name: "Dana" };
const sent = { createdAt: "2026-11-20T09:59:57.084Z", organizationId: "o1", webhookTimestamp: 1_795_168_796_000 };

export const deliveries: GoodDelivery[] = [
	{
		headers,
		body: {
			...{ type: "Issue", action: "update", actor, ...sent },
			data: { id: "i1", stateId: "s2", updatedAt: "2026-11-20T09:59:57.084Z" },
			updatedFrom: { stateId: "s1", updatedAt: "2026-11-20T09:00:00.000Z" },
		},
	},
	{ headers, body: { type: "Comment", action: "create", actor, ...sent, data: { id: "c1", issueId: "i1" } } },
];

export const knobs = { own: [["u1"]] };
