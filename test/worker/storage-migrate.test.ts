// Tables of objects move forward only: an older set of them is brought up to date, a newer one is left alone.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ledgerName } from "../../src/model/names";
import { type Migration, migrate } from "../../src/storage/migrate";
import { holdClock } from "./support/clock";
import { refusalOf, Subject } from "./support/entity";
import { holdQueues } from "./support/queues";
import { debounce, event, plan } from "./support/things";

holdQueues();
const clock = holdClock();

const first: Migration = { name: "0001_first", sql: "CREATE TABLE one (id TEXT PRIMARY KEY) WITHOUT ROWID;" };
const second: Migration = {
	name: "0002_second",
	sql: "ALTER TABLE one ADD COLUMN colour TEXT; CREATE TABLE two (id TEXT PRIMARY KEY) WITHOUT ROWID;",
};
const broken: Migration = { name: "0003_broken", sql: "CREATE TABLE three (id TEXT); INSERT INTO nowhere VALUES (1);" };

let last = 0;
/** An object whose storage nobody has used. */
function untouched(): Subject {
	return new Subject(`e:tracker/thing/${++last}`);
}

async function names(subject: Subject): Promise<string[]> {
	return (await subject.sql<{ name: string }>("SELECT name FROM migration ORDER BY n")).map(({ name }) => name);
}

async function schema(subject: Subject): Promise<unknown[]> {
	return subject.sql("SELECT sql FROM sqlite_master ORDER BY name");
}

test("applies what is new, in order, and nothing twice", async () => {
	const subject = untouched();
	await subject.run((_, { storage }) => migrate(storage, [first]));
	await subject.sql("INSERT INTO one (id) VALUES ('kept')");
	for (let times = 0; times < 3; times++) {
		await subject.run((_, { storage }) => migrate(storage, [first, second]));
		expect(await names(subject)).toEqual(["0001_first", "0002_second"]);
		expect(await subject.sql("SELECT * FROM one")).toEqual([{ id: "kept", colour: null }]);
	}
});

test.each([
	["a migration that the list does not have yet", [first]],
	["a migration of another name", [first, { ...second, name: "0002_other" }]],
	["no migration at all", []],
])("refuses tables that are ahead of %s, and touches nothing", async (_, list) => {
	const subject = untouched();
	await subject.run((_, { storage }) => migrate(storage, [first, second]));
	const before = await schema(subject);
	const refused = await refusalOf(subject.run((_, { storage }) => migrate(storage, list)));
	expect(refused).toMatch(/is at|are at migration 000[12]_(first|second), which this release does not know/);
	expect(await schema(subject)).toEqual(before);
	expect(await names(subject)).toEqual(["0001_first", "0002_second"]);
});

test("a migration that fails changes nothing, also not those before it", async () => {
	const subject = untouched();
	await subject.run((_, { storage }) => migrate(storage, [first]));
	const before = await schema(subject);
	const failed = await refusalOf(subject.run((_, { storage }) => migrate(storage, [first, second, broken])));
	expect(failed).toContain("nowhere");
	expect(await schema(subject)).toEqual(before);
	await subject.run((_, { storage }) => migrate(storage, [first, second]));
	expect(await names(subject)).toEqual(["0001_first", "0002_second"]);
});

/** A migration that this release does not know, after all that it does. */
const LATER = "INSERT INTO migration (n, name) SELECT max(n) + 1, '9999_later' FROM migration";

test("an Entity that a newer release wrote refuses all calls, keeps its rows and comes back for them", async () => {
	const home = untouched();
	const entity = home.key.slice(2);
	const input = { event: event(1, entity), plans: [plan(home.key, debounce())], unmatched: [] };
	await home.calls.accept(input);
	await home.sql(LATER);
	const before = await schema(home);
	await home.evict();
	for (const call of [
		() => home.calls.accept({ ...input, event: event(2, entity) }),
		() => home.calls.claim("run_x.wf", "tell"),
		() => home.calls.wake(),
	]) {
		expect(await refusalOf(call())).toContain("are at migration 9999_later");
	}
	clock.advance(10_000);
	expect(await home.ring()).toBe(1);
	expect(await home.alarmAt()).toBe(clock.now() + 60_000);
	expect(await schema(home)).toEqual(before);
	expect(await home.sql("SELECT count(*) AS receipts FROM receipt")).toEqual([{ receipts: 1 }]);
	// The newer release is back.
	await home.sql("DELETE FROM migration WHERE name = '9999_later'");
	clock.advance(60_000);
	expect(await home.ring()).toBeGreaterThan(0);
	expect(await home.storedWindows()).toEqual([]);
});

test("a Ledger that a newer release wrote refuses to append", async () => {
	const stub = () => env.LEDGER.getByName(ledgerName("later"));
	await runInDurableObject(stub(), (_, { storage }) => {
		storage.sql.exec(LATER);
	});
	await runInDurableObject(stub(), (_, state) => state.abort("to be constructed again")).catch(() => {});
	const refused = await refusalOf(runInDurableObject(stub(), () => {}));
	expect(refused).toContain("are at migration 9999_later");
});
