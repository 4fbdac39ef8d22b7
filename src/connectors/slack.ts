// Slack: messages, by its Web API.

import type { Connector } from "./connector";
import { slackConnection } from "./slack-api";
import { deleteMessage, updateMessage } from "./slack-edit";
import { postMessage } from "./slack-post";

export const slack: Connector = {
	id: "slack",
	title: "Slack",
	connection: slackConnection,
	actions: { delete_message: deleteMessage, post_message: postMessage, update_message: updateMessage },
};
