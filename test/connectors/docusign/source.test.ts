// How DocuSign's signatures are read, and how its events become events.

import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf, verdictOf } from "../deliveries";

const ENVELOPE = "e0e0e0e0-0000-4000-8000-000000000012";
const about: JsonObject = { accountId: "a1", userId: "u1", envelopeId: ENVELOPE, recipientId: "1" };
const message: JsonObject = {
	event: "recipient-completed",
	apiVersion: "v2.1",
	retryCount: 0,
	configurationId: 10410001,
	generatedDateTime: "2026-11-20T09:59:54.5230000Z",
	data: about,
};

describe("a signature", () => {
	const KEY = "dGVzdC1vbmx5LWRvY3VzaWduLWtleS0wMQ==";
	const BODY = `${JSON.stringify(message, null, 2)}\r\n`;

	function sign(key: string | Buffer = KEY, body = BODY): string {
		return createHmac("sha256", key).update(body).digest("base64");
	}

	function verdict(headers: Record<string, string>, secrets = [KEY], body = BODY): Promise<string> {
		const { side, config } = sourceOf("docusign");
		return verdictOf(deliveryOf(body, headers), side.verification(config), secrets);
	}

	test("is made with the key as it is written, not with what it would be in base64", async () => {
		expect(await verdict({ "x-docusign-signature-1": sign() })).toBe("ok");
		expect(await verdict({ "x-docusign-signature-1": sign(Buffer.from(KEY, "base64")) })).toBe("bad_signature");
	});

	test.each([
		["one byte changed", BODY.replace('"retryCount": 0', '"retryCount": 1')],
		["serialised again", JSON.stringify(JSON.parse(BODY))],
		["trimmed", BODY.trim()],
		["empty", ""],
	])("is refused with the body %s", async (_, body) => {
		expect(await verdict({ "x-docusign-signature-1": sign() }, [KEY], body)).toBe("bad_signature");
	});

	test("stands for each of DocuSign's keys in a header of its own, of which one is enough", async () => {
		const headers = { "x-docusign-signature-1": sign("newer"), "x-docusign-signature-2": sign() };
		for (const secrets of [[KEY], ["newer"], ["other", KEY]]) expect(await verdict(headers, secrets)).toBe("ok");
		expect(await verdict(headers, ["other"])).toBe("bad_signature");
		expect(await verdict({ "x-docusign-signature-100": sign() })).toBe("ok");
		expect(await verdict({ "x-docusign-signature-3": "no signature", "x-docusign-signature-7": sign() })).toBe("ok");
	});

	test.each([
		[{}, "missing_signature"],
		[{ "x-docusign-signature-1": "" }, "missing_signature"],
		[{ "x-docusign-signature-0": sign() }, "missing_signature"],
		[{ "x-docusign-signature-101": sign() }, "missing_signature"],
		[{ "x-docusign-signature": sign() }, "missing_signature"],
		[{ "x-docusign-signature-1": "no signature" }, "malformed_signature"],
		[{ "x-docusign-signature-1": sign().replace("=", "") }, "malformed_signature"],
		[{ "x-docusign-signature-1": createHmac("sha256", KEY).update(BODY).digest("hex") }, "malformed_signature"],
	])("in %j is %s", async (headers, expected) => {
		expect(await verdict(headers)).toBe(expected);
	});

	test("has no time, so that a capture stays good", () => {
		const { side, config } = sourceOf("docusign");
		expect(side.trust(config)).toBe("signed_untimed");
		expect(side.verification(config)).not.toHaveProperty("timestamp");
	});
});

function event(fields: JsonObject, data: JsonObject = {}, settings: JsonObject = {}) {
	const body = { ...message, ...fields, data: { ...about, ...data } };
	return eventOf("docusign", deliveryOf(JSON.stringify(body)), settings);
}

test("an event of a recipient is about the envelope", () => {
	expect(event({})).toEqual({
		delivery_key: `10410001:${ENVELOPE}:1:recipient-completed:2026-11-20T09:59:54.5230000Z`,
		event_type: "envelope_recipient.completed",
		native_type: "recipient-completed",
		entity: { type: "envelope", id: ENVELOPE },
		actor: { kind: "human" },
		occurred_at: Date.parse("2026-11-20T09:59:54.523Z"),
		changes: [],
		data: message,
	});
});

test("a repetition is the same event, though it counts its attempts in the body", () => {
	expect(event({ retryCount: 3 }).delivery_key).toBe(event({}).delivery_key);
});

test.each([
	["another configuration", { configurationId: 2 }, {}],
	["another envelope", {}, { envelopeId: "e2" }],
	["another recipient", {}, { recipientId: "2" }],
	["another event", { event: "recipient-sent" }, {}],
	["a tenth of a microsecond later", { generatedDateTime: "2026-11-20T09:59:54.5230001Z" }, {}],
])("%s is another event", (_, fields, data) => {
	expect(event(fields, data).delivery_key).not.toBe(event({}).delivery_key);
});

test("an event keeps every digit of its configuration", () => {
	const body = JSON.stringify(message).replace("10410001", "90071992547409931");
	expect(eventOf("docusign", deliveryOf(body)).delivery_key).toMatch(/^90071992547409931:/);
});

describe("the type and the actor", () => {
	test.each([
		["envelope-created", "envelope.created", "unknown"],
		["envelope-sent", "envelope.sent", "unknown"],
		["envelope-resent", "envelope.resent", "unknown"],
		["envelope-delivered", "envelope.delivered", "unknown"],
		["envelope-completed", "envelope.completed", "unknown"],
		["envelope-declined", "envelope.declined", "human"],
		["envelope-voided", "envelope.voided", "unknown"],
		["envelope-corrected", "envelope.updated", "unknown"],
		["envelope-deleted", "envelope.deleted", "unknown"],
		["envelope-discard", "envelope.deleted", "unknown"],
		["envelope-purge", "envelope.purge", "unknown"],
		["recipient-sent", "envelope_recipient.sent", "unknown"],
		["recipient-resent", "envelope_recipient.resent", "unknown"],
		["recipient-delivered", "envelope_recipient.delivered", "human"],
		["recipient-completed", "envelope_recipient.completed", "human"],
		["recipient-declined", "envelope_recipient.declined", "human"],
		["recipient-reassign", "envelope_recipient.delegated", "human"],
		["recipient-delegate", "envelope_recipient.delegated", "unknown"],
		["recipient-authenticationfailed", "envelope_recipient.authenticationfailed", "unknown"],
		["recipient-autoresponded", "envelope_recipient.autoresponded", "unknown"],
		["recipient-finish-later", "envelope_recipient.finish_later", "unknown"],
		["from-tomorrow", "from.tomorrow", "unknown"],
	])("of %s are %s, %s", (native, type, kind) => {
		const found = event({ event: native });
		expect([found.event_type, found.native_type, found.actor]).toEqual([type, native, { kind }]);
		expect(found.entity.type).toBe("envelope");
	});

	test.each([
		["template-created", "template.created"],
		["template-modified", "template.updated"],
		["template-deleted", "template.deleted"],
	])("of %s are %s, about the template", (native, type) => {
		const found = event({ event: native }, { envelopeId: null, recipientId: null, templateId: "t1" });
		expect(found).toMatchObject({
			event_type: type,
			entity: { type: "template", id: "t1" },
			actor: { kind: "unknown" },
		});
		expect(found.delivery_key).toBe(`10410001:t1::${native}:2026-11-20T09:59:54.5230000Z`);
	});

	test("of what is about neither are about the account", () => {
		const found = event({ event: "click-agreed" }, { envelopeId: null });
		expect([found.event_type, found.entity]).toEqual(["click.agreed", { type: "account", id: "a1" }]);
	});

	test("of everything in the vocabulary are as it says there", () => {
		const { vocabulary } = sourceOf("docusign").side;
		expect(vocabulary.length).toBe(20);
		for (const { native, event_type, entity } of vocabulary) {
			const data: JsonObject = entity === "template" ? { envelopeId: null, templateId: "t1" } : {};
			const found = event({ event: native }, data);
			expect([native, found.event_type, found.entity.type]).toEqual([native, event_type, entity]);
		}
	});
});

describe("our own envelopes", () => {
	function summary(name: string, value: string): JsonObject {
		return {
			envelopeSummary: { customFields: { textCustomFields: [null, { name: "deal", value: "7" }, { name, value }] } },
		};
	}

	test("are recognised by their field when they are created and sent", () => {
		for (const native of ["envelope-created", "envelope-sent"]) {
			expect(event({ event: native }, summary("signalbox_run", "run_1")).actor.kind).toBe("self");
			expect(event({ event: native }, summary("flow_run", "run_1")).actor.kind).toBe("unknown");
			expect(event({ event: native }, summary("flow_run", "run_1"), { own_field: "flow_run" }).actor.kind).toBe("self");
			expect(event({ event: native }, summary("signalbox_run", "")).actor.kind).toBe("unknown");
		}
	});

	test("are not ourselves in what others do with them", () => {
		const marked = summary("signalbox_run", "run_1");
		expect(event({ event: "recipient-completed" }, marked).actor.kind).toBe("human");
		for (const native of ["envelope-completed", "envelope-voided", "envelope-corrected", "recipient-sent"]) {
			expect(event({ event: native }, marked).actor.kind).toBe("unknown");
		}
	});

	test("are not told by the user whose they are", () => {
		expect(event({ event: "envelope-sent" }, { userId: "signalbox_run" }).actor).toEqual({ kind: "unknown" });
	});
});

test("a seal signs without anybody", () => {
	const envelopeSummary = { recipients: { signers: [{ recipientId: "1" }], seals: [{ recipientId: "2" }] } };
	expect(event({}, { recipientId: "1", envelopeSummary }).actor.kind).toBe("human");
	expect(event({}, { recipientId: "2", envelopeSummary }).actor.kind).toBe("automation");
	const nameless = { recipients: { seals: [{}] } };
	expect(event({}, { recipientId: null, envelopeSummary: nameless }).actor.kind).toBe("human");
});

test("what recipients prove themselves by is left out", () => {
	const signer = { recipientId: "1", name: "Kim" };
	const secrets = { accessCode: "s3cret", phoneAuthentication: { recipMayProvideNumber: "true" } };
	const envelopeSummary = {
		lockInformation: { lockToken: "s3cret", lockedByApp: "x" },
		recipients: {
			signers: [
				{
					...signer,
					...secrets,
					tabs: { ssnTabs: [{ value: "s3cret" }] },
					offlineAttributes: [{ oneTimePassword: "s3cret" }],
				},
			],
		},
	};
	expect(event({}, { envelopeSummary }).data).toEqual({
		...message,
		data: {
			...about,
			envelopeSummary: {
				lockInformation: { lockedByApp: "x" },
				recipients: {
					signers: [{ ...signer, phoneAuthentication: secrets.phoneAuthentication, tabs: {}, offlineAttributes: [{}] }],
				},
			},
		},
	});
});

test("a time without a zone identifies and is none to go by", () => {
	expect(event({ generatedDateTime: "2026-11-20T09:59:54.5230000" }).occurred_at).toBeUndefined();
});

const NO_EVENT = "the body names no event, so it is no JSON SIM message";

test.each([
	["[]", "the body is not a JSON object"],
	["{}", NO_EVENT],
	['{"event":"envelopesent"}', NO_EVENT],
	['{"event":"Envelope-Sent"}', NO_EVENT],
	['{"status":"sent","envelopeId":"e1"}', NO_EVENT],
	['{"event":"envelope-sent","data":{"envelopeId":"e1"}}', "the body has no generatedDateTime"],
	[
		'{"event":"envelope-sent","generatedDateTime":"2026-11-20T09:59:54Z"}',
		"the event names nothing that it could be about",
	],
])("%s is refused with the reason", (body, reason) => {
	expect(refusalOf("docusign", deliveryOf(body))).toBe(reason);
});
