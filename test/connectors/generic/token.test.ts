// Where the connector for any sender with a token looks for it.

import { expect, test } from "vitest";
import { token } from "../../../src/connectors/generic/token";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, sourceOf, verdictOf } from "../deliveries";

const TOKEN = "tok_0123456789abcdef";

function verdict(path_token: string | undefined, settings: JsonObject, headers: Record<string, string> = {}) {
	const { side, config } = sourceOf("token", settings);
	return verdictOf({ ...deliveryOf("{}", headers), path_token }, side.verification(config), [TOKEN]);
}

test("is in the path only where the settings say so", async () => {
	expect(await verdict(TOKEN, { places: ["path"] })).toBe("ok");
	expect(await verdict(TOKEN, {})).toBe("missing_token");
	expect(await verdict(undefined, { places: ["path"] })).toBe("missing_token");
	expect(await verdict(`${TOKEN}0`, { places: ["path"] })).toBe("bad_token");
});

test("is that of the first place that holds one", async () => {
	const headers = { "x-webhook-token": TOKEN };
	expect(await verdict("other", { places: ["header", "path"] }, headers)).toBe("ok");
	expect(await verdict("other", { places: ["path", "header"] }, headers)).toBe("bad_token");
	expect(await verdict(undefined, { places: ["path", "header"] }, headers)).toBe("ok");
});

test("is in one of four places, and never becomes a part of an event", () => {
	const accepts = (settings: JsonObject) => token.source?.config.safeParse(settings).success;
	expect(accepts({ places: ["header", "bearer", "query", "path"] })).toBe(true);
	expect(accepts({ places: ["body"] })).toBe(false);
	expect(accepts({ event_id: "header:x-webhook-token" })).toBe(false);
});
