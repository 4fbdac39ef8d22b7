// Linear: webhooks, and issues and comments by its GraphQL API.

import type { Connector } from "../connector";
import { linearConnection } from "./api";
import { createComment, deleteComment } from "./comments";
import { getIssue } from "./get-issue";
import { archiveIssue, createIssue, updateIssue } from "./issues";
import { linearSource } from "./source";

export const linear: Connector = {
	id: "linear",
	title: "Linear",
	source: linearSource,
	connection: linearConnection,
	actions: {
		archive_issue: archiveIssue,
		create_comment: createComment,
		create_issue: createIssue,
		delete_comment: deleteComment,
		get_issue: getIssue,
		update_issue: updateIssue,
	},
};
