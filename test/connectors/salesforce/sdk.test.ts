// Change events come from a relay that signs by Standard Webhooks: its libraries sign and verify, and we agree.

import { Webhook } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { describe, expect, test, vi } from "vitest";
import { deliveryOf, NOW, NOW_S, sourceOf, verdictOf } from "../deliveries";
import { deliveries } from "./examples";

const SECRET = "whsec_dGVzdC1vbmx5LXNhbGVzZm9yY2UtcmVsYXkta2V5LTAx";
const OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/** Pretty-printed with a line break at its end: what JSON.stringify makes of it is another body. */
const BODY = `${JSON.stringify(deliveries[1]?.body, null, 2)}\n`;

const { side, config } = sourceOf("salesforce", { kind: "change_event" });

function signed(secret = SECRET, timestamp_s = NOW_S, body = BODY): Record<string, string> {
	return {
		"webhook-id": "22210451",
		"webhook-timestamp": String(timestamp_s),
		"webhook-signature": new Webhook(secret).sign("22210451", new Date(timestamp_s * 1_000), body),
	};
}

function verdict(headers: Record<string, string>, body = BODY, secrets = [SECRET]): Promise<string> {
	return verdictOf(deliveryOf(body, headers), side.verification(config), secrets);
}

/** Whether both libraries believe it. */
function libraries(headers: Record<string, string>, body = BODY, secret = SECRET): boolean[] {
	vi.useFakeTimers({ now: NOW });
	try {
		return [new Webhook(secret), new Svix(secret)].map((library) => {
			try {
				library.verify(body, headers);
				return true;
			} catch {
				return false;
			}
		});
	} finally {
		vi.useRealTimers();
	}
}

describe("a change event", () => {
	test("is verified as the libraries sign", async () => {
		const bySvix = new Svix(SECRET).sign("22210451", new Date(NOW), BODY);
		expect(await verdict(signed())).toBe("ok");
		expect(await verdict({ ...signed(), "webhook-signature": bySvix })).toBe("ok");
		expect(libraries(signed())).toEqual([true, true]);
	});

	test.each([
		["one byte changed", BODY.replace("Escalated", "escalated")],
		["serialised again", JSON.stringify(JSON.parse(BODY))],
		["trimmed", BODY.trim()],
		["empty", ""],
	])("is refused with the body %s, as by the libraries", async (_, body) => {
		expect(await verdict(signed(), body)).toBe("bad_signature");
		expect(libraries(signed(), body)).toEqual([false, false]);
	});

	test.each([
		[-300, "ok"],
		[-301, "stale"],
		[300, "ok"],
		[301, "future"],
	])("%d seconds from now is %s, as the libraries say", async (offset, expected) => {
		const headers = signed(SECRET, NOW_S + offset);
		expect(await verdict(headers)).toBe(expected);
		expect(libraries(headers)).toEqual([expected === "ok", expected === "ok"]);
	});

	test("is refused with another secret, and verified while the old and the new one live", async () => {
		expect(await verdict(signed(OTHER))).toBe("bad_signature");
		expect(libraries(signed(OTHER))).toEqual([false, false]);
		expect(await verdict(signed(OTHER), BODY, [SECRET, OTHER])).toBe("ok");
		const both = `${signed()["webhook-signature"]} ${signed(OTHER)["webhook-signature"]}`;
		expect(await verdict({ ...signed(), "webhook-signature": both }, BODY, [OTHER])).toBe("ok");
	});

	test("is not believed for a token", async () => {
		expect(await verdictOf(deliveryOf(BODY, {}, { token: SECRET }), side.verification(config), [SECRET])).toBe(
			"missing_signature",
		);
	});
});
