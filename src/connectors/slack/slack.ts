// Slack: messages, by its Web API.

import type { Connector } from "../connector";
import { slackConnection } from "./api";
import { deleteMessage, updateMessage } from "./edit";
import { postMessage } from "./post";

export const slack: Connector = {
	id: "slack",
	title: "Slack",
	connection: slackConnection,
	actions: { delete_message: deleteMessage, post_message: postMessage, update_message: updateMessage },
};
