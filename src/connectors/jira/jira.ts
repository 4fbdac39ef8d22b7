// Jira Cloud: its webhooks, and issues by its REST API.

import type { Connector } from "../connector";
import { jiraConnection } from "./api";
import { createComment, deleteComment } from "./comments";
import { createIssue } from "./create-issue";
import { deleteIssue, getIssue } from "./issues";
import { deleteProperty, setProperty } from "./properties";
import { jiraSource } from "./source";
import { getTransitions, transitionIssue } from "./transitions";

export const jira: Connector = {
	id: "jira",
	title: "Jira Cloud",
	source: jiraSource,
	connection: jiraConnection,
	actions: {
		create_comment: createComment,
		create_issue: createIssue,
		delete_comment: deleteComment,
		delete_issue: deleteIssue,
		delete_property: deleteProperty,
		get_issue: getIssue,
		get_transitions: getTransitions,
		set_property: setProperty,
		transition_issue: transitionIssue,
	},
};
