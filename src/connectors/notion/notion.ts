// Notion: pages and what happens to them.

import type { Connector } from "../connector";
import { notionConnection } from "./api";
import { createPage } from "./create";
import { getPage, trashPage, updatePage } from "./pages";
import { notionSource } from "./source";

export const notion: Connector = {
	id: "notion",
	title: "Notion",
	source: notionSource,
	connection: notionConnection,
	actions: { create_page: createPage, get_page: getPage, trash_page: trashPage, update_page: updatePage },
};
