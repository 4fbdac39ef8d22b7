// Intercom: conversations, and whatever its webhooks tell.

import type { Connector } from "../connector";
import { intercomConnection } from "./api";
import { addNote, reply } from "./parts";
import { intercomSource } from "./source";

export const intercom: Connector = {
	id: "intercom",
	title: "Intercom",
	source: intercomSource,
	connection: intercomConnection,
	actions: { add_note: addNote, reply },
};
