// The journal queue's consumers: from many Entities to their tenants' Ledgers, none of which can hold up another.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { consumeDeadJournal, consumeJournal } from "../../src/ledger/consumer";
import { ledgerName } from "../../src/model/names";
import { ledgerOf } from "../../src/stubs";
import { consume } from "./support/batch";
import { received, succeeded } from "./support/facts";
import { eventId } from "./support/things";

function story(n: number) {
	return [...received(n), ...succeeded(n)];
}

/** Makes a tenant's Ledger refuse everything until the answer is called. */
async function breakLedger(tenant: string): Promise<() => Promise<void>> {
	const stub = env.LEDGER.getByName(ledgerName(tenant));
	const rename = (from: string, to: string) =>
		runInDurableObject(stub, (_, { storage }) => {
			storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
		});
	await rename("chunk", "broken");
	return () => rename("broken", "chunk");
}

test("facts of several tenants in one batch go each to its own Ledger, in one append", async () => {
	const bodies = [
		{ tenant: "one", facts: story(1) },
		{ tenant: "two", facts: story(2) },
		{ tenant: "one", facts: story(3) },
	];
	expect(await consume(consumeJournal, bodies)).toEqual(["acked", "acked", "acked"]);
	expect(await ledgerOf(env, "one").verify()).toMatchObject({ entries: 8 });
	expect(await ledgerOf(env, "two").verify()).toMatchObject({ entries: 4 });
	expect(await ledgerOf(env, "two").event(eventId(1))).toBeNull();
});

test("a tenant whose Ledger fails is tried again, and does not hold up another", async () => {
	const mend = await breakLedger("ill");
	const bodies = [
		{ tenant: "ill", facts: story(1) },
		{ tenant: "well", facts: story(2) },
		{ tenant: "ill", facts: story(3) },
	];
	expect(await consume(consumeJournal, bodies)).toEqual(["retried", "acked", "retried"]);
	expect(await ledgerOf(env, "well").verify()).toMatchObject({ entries: 4 });
	await mend();
	expect(await consume(consumeJournal, bodies)).toEqual(["acked", "acked", "acked"]);
	expect(await ledgerOf(env, "ill").verify()).toMatchObject({ ok: true, entries: 8 });
	expect(await ledgerOf(env, "well").verify()).toMatchObject({ entries: 4 });
});

test.each([[null], ["text"], [42], [{}], [{ tenant: 7, facts: [] }], [{ tenant: "x", facts: "none" }]])(
	"what is no message, like %j, is laid down and harms no neighbour",
	async (body) => {
		for (const [which, consumer] of [consumeJournal, consumeDeadJournal].entries()) {
			const tenant = `next-to-${JSON.stringify(body)}-${which}`;
			expect(await consume(consumer, [body, { tenant, facts: story(1) }])).toEqual(["acked", "acked"]);
			expect(await ledgerOf(env, tenant).verify()).toMatchObject({ entries: 4 });
			const laidDown = await env.ARCHIVE.get("_/journal-dead/m0.json");
			expect(await laidDown?.json()).toEqual(body);
		}
	},
);

test("what came back from the dead is appended, or else laid down in the archive", async () => {
	await breakLedger("lost");
	const bodies = [
		{ tenant: "lost", facts: story(1) },
		{ tenant: "found", facts: story(2) },
	];
	expect(await consume(consumeDeadJournal, bodies)).toEqual(["acked", "acked"]);
	expect(await ledgerOf(env, "found").verify()).toMatchObject({ entries: 4 });
	const laidDown = await env.ARCHIVE.get("lost/journal-dead/m0.json");
	expect(await laidDown?.json()).toEqual(bodies[0]);
	expect(await env.ARCHIVE.get("found/journal-dead/m1.json")).toBeNull();
});

test("a message that is delivered twice is one", async () => {
	const bodies = [{ tenant: "twice", facts: story(1) }];
	for (let times = 0; times < 3; times++) await consume(consumeJournal, bodies);
	expect(await ledgerOf(env, "twice").verify()).toMatchObject({ ok: true, entries: 4 });
});
