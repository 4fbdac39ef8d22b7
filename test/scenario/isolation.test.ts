// A target that hangs, over the platform's own queues and in real time: what goes elsewhere does not notice.

import { expect, test } from "vitest";
import { cel, step, workflow } from "./support/documents";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";

const TIMEOUT_MS = 20_000;
const HANGING = 60;
const HEALTHY = 30;
/** Far above what an action takes on a busy machine, far below the time-out that its neighbour waits for. */
const PROMPT_MS = TIMEOUT_MS / 3;
const ORDER = { order: cel("event.entity.id") };

test("while a target hangs and many steps wait for it, those of another tenant and of another connection go at once", async () => {
	const [hanging, healthy] = [await Tenant.create("shop"), await Tenant.create("shop")];
	await hanging.connect("out");
	await hanging.connect("other");
	await healthy.connect("out");
	const slow = step("tell", ORDER, { timeout: `${TIMEOUT_MS}ms` });
	await hanging.publish(
		workflow("told", "shop", ORDER, { steps: [slow, step("also", ORDER, { connection: "other" })] }),
	);
	await healthy.publish(workflow("told", "shop", ORDER));
	await script(hanging.place("out"), "hang");

	for (let n = 0; n < HANGING; n++) await hanging.take(shop("order.paid", { id: `h-${n}` }));
	await hanging.arrived("out", 6);
	await hanging.arrived("other", HANGING);
	const sentAt = new Map<string, number>();
	for (let n = 0; n < HEALTHY; n++) {
		sentAt.set(`o-${n}`, Date.now());
		await healthy.take(shop("order.paid", { id: `o-${n}` }));
	}
	const arrived = await healthy.arrived("out", HEALTHY);
	const latencies = arrived.map(({ at, body }) => at - (sentAt.get(JSON.parse(body).order) ?? 0));
	const { state } = (await hanging.must("GET", "/connections/out")).body;
	expect(Math.max(...latencies)).toBeLessThan(PROMPT_MS);
	expect(state.in_flight).toBeGreaterThanOrEqual(6);
	expect(state.in_flight).toBeLessThanOrEqual(24);
	expect((await hanging.bodiesAt("out")).length).toBeLessThanOrEqual(24);
	expect(state.waiting).toBeGreaterThan(0);
});
