// Notion, for the contract tests.

import type { JsonObject } from "../../../src/model/json";
import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

const PAGE = "1f9a4c77-0b1e-80c2-9d3f-7c1f5be00a11";
const SOURCE = "1f9a4c77-0b1e-8066-8c1f-000b2d1e0a33";

function delivery(type: string, data: JsonObject, settings: JsonObject = {}): GoodDelivery {
	const authors = [
		{ id: "d1", type: "person" },
		{ id: "b0", type: "bot" },
	];
	return {
		body: { id: "c0", timestamp: "2026-11-20T09:59:31.285Z", type, authors, entity: { id: PAGE, type: "page" }, data },
		config: settings,
	};
}

export const deliveries: GoodDelivery[] = [
	delivery("page.properties_updated", { updated_properties: ["XGe%40", "bDf%5B"] }, { own: ["b0", "d1"] }),
	delivery("data_source.schema_updated", { updated_properties: [{ id: "kqLW", name: "Blurb", action: "updated" }] }),
	delivery("comment.created", { page_id: PAGE, parent: { id: PAGE, type: "page" } }),
	delivery("view.updated", {}),
];

const connection = { config: { key_property: "Key" }, credentials: { token: "s3cret" } };
const text = (content: string) => [{ type: "text", plain_text: content }];
const page = {
	object: "page",
	id: PAGE,
	url: "https://www.notion.so/Plan-1f9a4c770b1e80c29d3f7c1f5be00a11",
	in_trash: false,
	created_time: "2026-11-20T09:58:00.000Z",
	last_edited_time: "2026-11-20T09:59:00.000Z",
	properties: {
		Name: { id: "title", type: "title", title: text("Plan") },
		Key: { id: "XGe%40", type: "rich_text", rich_text: text(mark.idempotency_key) },
	},
};
const properties = { Name: { title: [{ text: { content: "Plan" } }] } };

export const actions: Record<string, GoodAction> = {
	create_page: {
		...connection,
		input: { parent: { data_source_id: SOURCE }, properties },
		knobs: { parent: [{ page_id: PAGE }] },
		done: [200, page],
		shown: { object: "list", results: [page], has_more: false, next_cursor: null },
		by_post: true,
	},
	get_page: { ...connection, input: { page_id: PAGE }, done: [200, page] },
	trash_page: { ...connection, input: { page_id: PAGE }, done: [200, { ...page, in_trash: true }] },
	update_page: { ...connection, input: { page_id: PAGE, properties }, done: [200, page] },
};
