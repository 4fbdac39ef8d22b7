// Salesforce: outbound messages and change events come in, records are read and written. Ids are strings throughout.

import type { Connector, TokenScheme } from "../connector";
import { standardSchemes } from "../generic/standard-webhooks";
import { salesforceConnection } from "./api";
import { changeEvents } from "./change-event";
import { VOCABULARY } from "./objects";
import { ACKNOWLEDGEMENT, messageEvents } from "./outbound-message";
import { readSettings, Settings } from "./settings";
import { getRecord, restoreRecord, updateRecord } from "./update";
import { deleteRecord, upsertRecord } from "./upsert";

/** Salesforce signs nothing. A gateway in between may put the token elsewhere than into the address. */
const TOKEN: TokenScheme = {
	kind: "token",
	places: [{ in: "path" }, { in: "query", name: "token" }, { in: "header", name: "x-webhook-token" }],
};

export const salesforce: Connector = {
	id: "salesforce",
	title: "Salesforce",
	source: {
		config: Settings,
		trust: (config) => (isMessage(config) ? "token" : "signed"),
		verification: (config) => (isMessage(config) ? TOKEN : standardSchemes.webhook),
		identified_by:
			"The notification's `Id`; of a change event `transactionKey`, `sequenceNumber` and the id of the record.",
		own_writes:
			"By `own_client`, which change events name as their origin, and by the user ids in `own`. Salesforce sends no outbound messages for a user whose profile lacks “Send Outbound Messages”.",
		vocabulary: VOCABULARY,
		secrets_in_body: [/<(?:\w+:)?SessionId[^>]*>([^<]+)</g],
		body: (config) => (isMessage(config) ? "xml" : "json"),
		acknowledgement: (config) => (isMessage(config) ? ACKNOWLEDGEMENT : undefined),
		normalize: (delivery, json, config) => {
			const settings = readSettings(config);
			return settings.kind === "outbound_message"
				? messageEvents(json, settings)
				: changeEvents(delivery, json, settings);
		},
	},
	connection: salesforceConnection,
	actions: {
		delete_record: deleteRecord,
		get_record: getRecord,
		restore_record: restoreRecord,
		update_record: updateRecord,
		upsert_record: upsertRecord,
	},
};

function isMessage(config: Parameters<typeof readSettings>[0]): boolean {
	return readSettings(config).kind === "outbound_message";
}
