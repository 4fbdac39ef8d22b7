// GitHub, for the contract tests.

import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

export const deliveries: GoodDelivery[] = [
	{
		headers: { "x-github-event": "issues", "x-github-delivery": "d1" },
		body: {
			action: "edited",
			issue: { id: 11, title: "a", updated_at: "2026-11-20T09:59:57Z" },
			changes: { title: { from: "b" }, base: { ref: { from: "c" } } },
			repository: { id: 7, pushed_at: 1_795_168_796 },
			sender: { id: 1, login: "dana", type: "User" },
		},
	},
];

const connection = { config: {}, credentials: { token: "s3cret" } };
const repository = { owner: "acme", repo: "shop" };
const marker = `<!-- signalbox:${mark.idempotency_key} -->`;
const issue = {
	number: 7,
	id: 700,
	html_url: "https://github.com/acme/shop/issues/7",
	state: "open",
	title: "a",
	body: marker,
	labels: [{ name: "bug" }],
	assignees: [{ login: "dana" }],
	updated_at: "2026-11-20T09:59:57Z",
};
const comment = { id: 800, html_url: "https://github.com/acme/shop/issues/7#issuecomment-800", body: marker };

export const actions: Record<string, GoodAction> = {
	close_issue: { ...connection, input: { ...repository, number: 7 }, done: [200, issue] },
	create_comment: {
		...connection,
		input: { ...repository, number: 7, body: "a" },
		done: [201, comment],
		shown: [{ id: 1, body: "a" }, comment],
	},
	create_issue: {
		...connection,
		input: { ...repository, title: "a" },
		done: [201, issue],
		shown: [{ id: 1, number: 1, body: "a" }, issue],
	},
	delete_comment: { ...connection, input: { ...repository, id: 800 }, done: [204, ""] },
	get_issue: { ...connection, input: { ...repository, number: 7 }, done: [200, issue] },
};

export const knobs = { own: [["1"]] };
