// HubSpot's CRM: what happens to its records, and writing them and notes on them.

import type { Connector } from "../connector";
import { hubspotConnection } from "./api";
import { createNote, deleteNote } from "./notes";
import { getObject, updateObject, upsertObject } from "./records";
import { hubspotSource } from "./source";

export const hubspot: Connector = {
	id: "hubspot",
	title: "HubSpot",
	source: hubspotSource,
	connection: hubspotConnection,
	actions: {
		create_note: createNote,
		delete_note: deleteNote,
		get_object: getObject,
		update_object: updateObject,
		upsert_object: upsertObject,
	},
};
