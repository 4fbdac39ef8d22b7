// Slack: events by its Events API, messages by its Web API.

import type { Connector } from "../connector";
import { slackConnection } from "./api";
import { deleteMessage, updateMessage } from "./edit";
import { postMessage } from "./post";
import { slackSource } from "./source";

export const slack: Connector = {
	id: "slack",
	title: "Slack",
	source: slackSource,
	connection: slackConnection,
	actions: { delete_message: deleteMessage, post_message: postMessage, update_message: updateMessage },
};
