// Linear, for the contract tests.

import type { GoodAction, GoodDelivery } from "../examples";
import { COMMENT_ID, comment, ISSUE_ID, issue } from "./golden";

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

const connection = { config: {}, credentials: { token: "s3cret" }, by_post: true } as const;

export const actions: Record<string, GoodAction> = {
	archive_issue: {
		...connection,
		input: { id: "ENG-7" },
		done: [200, { data: { issueArchive: { success: true } } }],
	},
	create_comment: {
		...connection,
		input: { issue_id: "ENG-7", body: "a" },
		done: [200, { data: { commentCreate: { success: true, comment } } }],
		shown: { data: { comments: { nodes: [comment] } } },
		known_by: COMMENT_ID,
	},
	create_issue: {
		...connection,
		input: { team_id: "t1", title: "a" },
		done: [200, { data: { issueCreate: { success: true, issue } } }],
		shown: { data: { issues: { nodes: [issue] } } },
		known_by: ISSUE_ID,
	},
	delete_comment: {
		...connection,
		input: { id: COMMENT_ID },
		done: [200, { data: { commentDelete: { success: true } } }],
	},
	get_issue: { ...connection, input: { id: "ENG-7" }, done: [200, { data: { issue } }] },
	update_issue: {
		...connection,
		input: { id: "ENG-7", title: "a" },
		done: [200, { data: { issueUpdate: { success: true, issue } } }],
	},
};
