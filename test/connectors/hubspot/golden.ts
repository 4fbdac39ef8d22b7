// The bodies that HubSpot's actions send, held to the types of its own library and to its published description.

import type { BatchInputSimplePublicObjectBatchInputUpsert } from "@hubspot/api-client/lib/codegen/crm/objects/models/BatchInputSimplePublicObjectBatchInputUpsert";
import type { SimplePublicObjectInput } from "@hubspot/api-client/lib/codegen/crm/objects/models/SimplePublicObjectInput";
import { AssociationSpecAssociationCategoryEnum } from "@hubspot/api-client/lib/codegen/crm/objects/notes/models/AssociationSpec";
import type { SimplePublicObjectInputForCreate } from "@hubspot/api-client/lib/codegen/crm/objects/notes/models/SimplePublicObjectInputForCreate";
import type { Judged } from "../examples";

export const note = {
	properties: {
		hs_timestamp: "2026-11-20T09:59:00.250Z",
		hs_note_body: "Paid ✓",
		signalbox_key: "sb_run_1_tell",
	},
	associations: [
		{
			to: { id: "991" },
			types: [{ associationCategory: AssociationSpecAssociationCategoryEnum.HubspotDefined, associationTypeId: 214 }],
		},
	],
} satisfies SimplePublicObjectInputForCreate;

export const update = {
	properties: { lifecyclestage: "customer", amount: "7.5", vip: "true", phone: "" },
} satisfies SimplePublicObjectInput;

export const upsert = {
	inputs: [{ id: "dana@example.com", idProperty: "email", properties: { lifecyclestage: "customer" } }],
} satisfies BatchInputSimplePublicObjectBatchInputUpsert;

const HUBSPOT = {
	repository: "HubSpot/HubSpot-public-api-spec-collection",
	commit: "99893791383254f52aa07662baeb98aad65cc710",
};
const SCHEMA = "requestBody/content/application~1json/schema";

export const judged: Judged[] = [
	{
		name: "hubspot.create_note",
		body: note,
		spec: {
			...HUBSPOT,
			path: "PublicApiSpecs/CRM/Notes/Rollouts/424/v3/notes.json",
			pointer: `/paths/~1crm~1v3~1objects~1notes/post/${SCHEMA}`,
		},
	},
	{
		name: "hubspot.update_object",
		body: update,
		spec: {
			...HUBSPOT,
			path: "PublicApiSpecs/CRM/Contacts/Rollouts/424/v3/contacts.json",
			pointer: `/paths/~1crm~1v3~1objects~1contacts~1{contactId}/patch/${SCHEMA}`,
		},
	},
	{
		name: "hubspot.upsert_object",
		body: upsert,
		spec: {
			...HUBSPOT,
			path: "PublicApiSpecs/CRM/Contacts/Rollouts/424/v3/contacts.json",
			pointer: `/paths/~1crm~1v3~1objects~1contacts~1batch~1upsert/post/${SCHEMA}`,
		},
	},
];
