// DocuSign, for the contract tests.

import type { GoodAction, GoodDelivery } from "../examples";

const ENVELOPE = "e0e0e0e0-0000-4000-8000-000000000012";

export const deliveries: GoodDelivery[] = [
	{
		body: {
			event: "recipient-completed",
			apiVersion: "v2.1",
			retryCount: 0,
			configurationId: 10410001,
			generatedDateTime: "2026-11-20T09:59:54.5230000Z",
			data: {
				accountId: "aaaa1111-0000-4000-8000-000000000001",
				envelopeId: ENVELOPE,
				recipientId: "1",
				envelopeSummary: {
					status: "sent",
					recipients: { signers: [{ recipientId: "1", accessCode: "1234" }], seals: [{ recipientId: "2" }] },
					customFields: { textCustomFields: [{ name: "signalbox_run", value: "run_1" }] },
				},
			},
		},
	},
];

deliveries.push({ body: { ...Object(deliveries[0]?.body), event: "envelope-sent" } });

export const envelope = {
	envelopeId: ENVELOPE,
	status: "completed",
	emailSubject: "Order form FERN-12",
	sender: { userName: "Dana", email: "dana@example.com", userId: "u1" },
	createdDateTime: "2026-11-20T09:00:00.0000000Z",
	sentDateTime: "2026-11-20T09:10:00.0000000Z",
	deliveredDateTime: "2026-11-20T09:20:00.0000000Z",
	completedDateTime: "2026-11-20T09:59:54.5230000Z",
	statusChangedDateTime: "2026-11-20T09:59:54.5230000Z",
	customFields: { textCustomFields: [{ fieldId: "1", name: "deal", value: "991" }], listCustomFields: [] },
	recipients: {
		signers: [
			{
				recipientId: "1",
				name: "Kim",
				email: "kim@example.com",
				status: "completed",
				signedDateTime: "2026-11-20T09:59:54.5230000Z",
			},
		],
		carbonCopies: [{ recipientId: "2", name: "Ada", email: "ada@example.com", status: "created" }],
		recipientCount: "2",
	},
};

export const actions: Record<string, GoodAction> = {
	get_envelope: {
		config: { account_id: "aaaa1111-0000-4000-8000-000000000001", base_uri: "https://na3.docusign.net" },
		credentials: { token: "s3cret" },
		input: { id: ENVELOPE },
		done: [200, envelope],
	},
};

export const knobs = { base_uri: ["https://eu.docusign.net"], own_field: ["another"] };
