// The example of docs/adding-a-connector.md works, and is shown as it is.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { answer, mark } from "../connectors/actions";
import { deliveryOf, NOW, NOW_S, signatureOf, verdictOf } from "../connectors/deliveries";
import { lantern } from "./lantern";

const body = { id: "e1", kind: "alarm.raised", at: "2026-11-20T09:59:57Z", alarm: { id: "a1" }, by: { user: "u1" } };

test("the page shows the code that is tested", () => {
	const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");
	const shown = [...read("../../docs/adding-a-connector.md").matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
	const code = read("lantern.ts").split(/^\/\/ -- \w+ --\n/m);
	expect(shown).toEqual([code[1], `${code[2]}${code[3]}`]);
});

test("it verifies and reads a delivery", async () => {
	const { source } = lantern;
	if (source === undefined) throw new Error("no source");
	const config = source.config.parse({ own: ["u1"] });
	const scheme = source.verification(config);
	if (scheme.kind !== "hmac") throw new Error("not signed");
	const text = JSON.stringify(body);
	const signature = `v1=${await signatureOf(scheme, "secret", `${NOW_S}.`, text)}`;
	const delivery = deliveryOf(text, { "lantern-signature": signature, "lantern-time": String(NOW_S) });
	expect(await verdictOf(delivery, scheme, ["secret"])).toBe("ok");
	expect(source.normalize(delivery, body, config)).toMatchObject({
		value: { events: [{ event_type: "incident.created", entity: { id: "a1" }, actor: { kind: "self", id: "u1" } }] },
	});
	expect(source.normalize(delivery, {}, config)).toEqual({ ok: false, error: "no id, kind or alarm.id" });
});

test("it acts, and takes back what it did", () => {
	const connection = { config: {}, credentials: { token: "t0ken" } };
	const built = lantern.actions?.mute?.build({ alarm: "a/1" }, connection, mark);
	expect(built).toMatchObject({ value: { method: "PUT", url: "https://api.lantern.io/v1/alarms/a%2F1/mute" } });
	expect(lantern.actions?.mute?.read(answer(200, {}), NOW, { alarm: "a1" })).toEqual({
		kind: "succeeded",
		output: { id: "a1" },
		undo: { alarm: "a1" },
	});
	expect(lantern.actions?.unmute?.read(answer(404), NOW, { alarm: "a1" })).toMatchObject({ kind: "succeeded" });
});
