// What Notion's actions send, as Notion's own library types it, and as its published description has it.

import type {
	CreatePageParameters,
	QueryDataSourceParameters,
	UpdatePageParameters,
} from "@notionhq/client/build/src/api-endpoints";
import type { Judged } from "../examples";

export const PAGE = "1f9a4c77-0b1e-80c2-9d3f-7c1f5be00a11";
export const PARENT = "1f9a4c77-0b1e-8055-8c1f-000b2d1e0a22";
export const SOURCE = "1f9a4c77-0b1e-8066-8c1f-000b2d1e0a33";

export const PROPERTIES = {
	Name: { title: [{ text: { content: "Paid ✓" } }] },
	Amount: { number: 7.5 },
	"XGe%40": { status: { name: "Done" } },
} satisfies CreatePageParameters["properties"];

export const CHILDREN = [
	{
		object: "block" as const,
		type: "paragraph" as const,
		paragraph: { rich_text: [{ text: { content: "Thanks." } }] },
	},
] satisfies CreatePageParameters["children"];

export const row = {
	parent: { data_source_id: SOURCE },
	properties: { ...PROPERTIES, Key: { rich_text: [{ text: { content: "sb_run_1_tell" } }] } },
	children: CHILDREN,
} satisfies CreatePageParameters;

export const within = {
	parent: { page_id: PARENT },
	properties: { title: { title: [{ text: { content: "Paid ✓" } }] } },
} satisfies CreatePageParameters;

export const update = { properties: PROPERTIES } satisfies Omit<UpdatePageParameters, "page_id">;

export const trash = { in_trash: true } satisfies Omit<UpdatePageParameters, "page_id">;

export const query = {
	filter: { property: "Key", rich_text: { equals: "sb_run_1_tell" } },
	page_size: 2,
} satisfies Omit<QueryDataSourceParameters, "data_source_id">;

function asSchema(path: string, method: "patch" | "post"): Judged["spec"] {
	return {
		repository: "makenotion/notion-mcp-server",
		commit: "1d38420769c8a1fe2d583ff1e7d2d108d4eb0b30",
		path: "scripts/notion-openapi.json",
		pointer: `/paths/${path.replaceAll("/", "~1")}/${method}/requestBody/content/application~1json/schema`,
	};
}

/** The description knows no data source as a parent, and blocks as texts only: for those the types have to do. */
export const judged: Judged[] = [
	{ name: "notion.create_page", body: within, spec: asSchema("/v1/pages", "post") },
	{ name: "notion.update_page", body: update, spec: asSchema("/v1/pages/{page_id}", "patch") },
	{ name: "notion.trash_page", body: trash, spec: asSchema("/v1/pages/{page_id}", "patch") },
	{
		name: "the look for a page of notion.create_page",
		body: query,
		spec: asSchema("/v1/data_sources/{data_source_id}/query", "post"),
	},
];
