// Salesforce, for the contract tests.

import type { Json } from "../../../src/model/json";
import type { GoodAction, GoodDelivery } from "../examples";

export const deliveries: GoodDelivery[] = [
	{
		body: {
			Envelope: {
				Body: {
					notifications: {
						OrganizationId: "00D5e000001FERNEAO",
						ActionId: "04k5e000000FERNAAA",
						SessionId: null,
						Notification: [
							{
								Id: "04l5e00000HUMAN1AA",
								sObject: {
									"@type": "sf:Opportunity",
									Id: "0065e00000FERN1AAA",
									LastModifiedById: "0055e000001FLOWAAA",
									LastModifiedDate: "2026-11-20T09:59:55.000Z",
								},
							},
							{ Id: "04l5e00000HUMAN2AA", sObject: { "@type": "sf:Shop__c", Id: "a005e00000FERN1AAA" } },
						],
					},
				},
			},
		},
		config: { organizations: ["00D5e000001FERNEAO"], own: ["0055e000001FLOWAAA"] },
	},
	{
		body: {
			payload: {
				ChangeEventHeader: {
					entityName: "Case",
					recordIds: ["5005e00000FERN1AAA", "5005e00000FERN2AAA"],
					changeType: "UPDATE",
					changeOrigin: "com/salesforce/api/rest/64.0;client=signalbox",
					transactionKey: "t1",
					sequenceNumber: 1,
					commitTimestamp: 1_795_168_796_000,
					commitNumber: 1_092_021_812_345,
					commitUser: "0055e000001DANAAAA",
					nulledFields: ["Reason"],
					diffFields: ["Description"],
					changedFields: ["Status", "Description", "Name.FirstName"],
				},
				Status: "Escalated",
				Name: { FirstName: "Ada" },
			},
			event: { replayId: 7 },
		},
		config: { kind: "change_event" },
	},
];

const connection = {
	config: { instance_url: "https://acme.my.salesforce.com" },
	credentials: { access_token: "s3cret" },
};
const target = { object: "Case", id: "5005e00000FERN1AAA" };
const record = { attributes: { type: "Case", url: "/services/data/v64.0/sobjects/Case/5005e00000FERN1AAA" } };

export const actions: Record<string, GoodAction> = {
	delete_record: { ...connection, input: target, done: [204, ""] },
	get_record: {
		...connection,
		input: { ...target, fields: ["Status", "Id"] },
		done: [200, { ...record, Status: "New", Id: target.id }],
	},
	restore_record: { ...connection, input: { ...target, fields: { Status: "New" } }, done: [204, ""] },
	update_record: {
		...connection,
		input: { ...target, fields: { Status: "Escalated" }, before: { Status: "New" } },
		done: [204, ""],
		knobs: { fields: [{ Status: "Closed" }], before: [{ Status: "On Hold" }] },
	},
	upsert_record: {
		...connection,
		input: { object: "Case", external_id_field: "Order__c", external_id: "7", fields: { Subject: "Late" } },
		done: [201, { id: target.id, success: true, created: true, errors: [] }],
	},
};

export const knobs: Record<string, Json[]> = {
	api_version: ["65.0"],
	instance_url: ["https://other.my.salesforce.com"],
	integrations: [["0055e000001FLOWAAA"]],
	organizations: [["00D5e000001OTHERAA"]],
};
