// A bulk with the platform's own alarms and the real time.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ledgerOf } from "../../src/stubs";
import { failed, received } from "./support/facts";

test("a bulk goes on by itself, beat by beat, to its end", async () => {
	const ledger = ledgerOf(env, "by-itself");
	for (let n = 0; n < 3; n++) await ledger.append([...received(n), ...failed(n)]);
	const order = { by: "ann", act: "discard" as const, select: {}, expect: 3, per_minute: 120, fingerprint: "same" };
	const begun = Date.now();
	const answer = await ledger.startReplay({ ...order, reason: "not needed" });
	const id = answer.said === "ok" ? answer.replay.id : "";
	await expect.poll(async () => (await ledger.replay(id))?.state).toBe("done");
	// Two in the first second, and one in the next.
	expect(Date.now() - begun).toBeGreaterThanOrEqual(1_000);
	expect(await ledger.replay(id)).toMatchObject({ done: 3, failed: 0 });
	expect(await ledger.counters()).toMatchObject({ "dead_letters.discarded": 3, "replays.finished": 1 });
});
