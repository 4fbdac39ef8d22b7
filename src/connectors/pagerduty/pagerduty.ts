// PagerDuty: incidents and what happens to them.

import type { Connector } from "../connector";
import { acknowledge, resolve, trigger } from "./alerts";
import { pagerdutyConnection } from "./api";
import { getIncident } from "./incident";
import { addNote, deleteNote } from "./notes";
import { pagerdutySource } from "./source";

export const pagerduty: Connector = {
	id: "pagerduty",
	title: "PagerDuty",
	source: pagerdutySource,
	connection: pagerdutyConnection,
	actions: { acknowledge, add_note: addNote, delete_note: deleteNote, get_incident: getIncident, resolve, trigger },
};
