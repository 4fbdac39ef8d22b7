// What Intercom's actions send.

import type { Intercom } from "intercom-client";
import type { Judged } from "../examples";

export const REPLIED = {
	message_type: "comment",
	type: "admin",
	admin_id: "814860",
	body: "We are on it ✓",
} satisfies Intercom.AdminReplyConversationRequest;

export const NOTED = {
	message_type: "note",
	type: "admin",
	admin_id: "814860",
	body: "See FERN-12\n\n[signalbox:sb_run_1_tell]",
} satisfies Intercom.AdminReplyConversationRequest;

const spec = {
	repository: "intercom/Intercom-OpenAPI",
	commit: "8889625a7b931d8649e18726e7f872ff073520fc",
	path: "descriptions/2.16/api.intercom.io.yaml",
	pointer: "/paths/~1conversations~1{conversation_id}~1reply/post/requestBody/content/application~1json/schema",
};

export const judged: Judged[] = [
	{ name: "reply", body: REPLIED, spec },
	{ name: "add_note", body: NOTED, spec },
];
