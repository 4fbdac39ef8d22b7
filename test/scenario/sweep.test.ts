// What no event brings about: windows that act though nothing came, and work whose alarm was lost.

import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import worker from "../../src/worker";
import { holdClock } from "../worker/support/clock";
import { cel, workflow } from "./support/documents";
import { alarms, loseAlarms, outdate, ring } from "./support/entities";
import { script } from "./support/outside";
import { shop } from "./support/senders";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The cron trigger fires, at the time that it is now. */
async function tick(): Promise<void> {
	const context = createExecutionContext();
	await worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), env);
	await waitOnExecutionContext(context);
}

async function goTo(time: string): Promise<void> {
	vi.setSystemTime(Date.parse(time));
	await ring();
}

const REPORT = { orders: cel("window.count"), event: cel("event"), summary: cel("window.summary.count") };

function daily(name: string, when_empty: "run" | "skip") {
	const timing = { aggregate: { every: "0 9 * * *", tz: "Europe/Berlin", when_empty } };
	return workflow(name, "shop", REPORT, { key: '"all"', timing });
}

async function ready(...documents: Parameters<Tenant["publish"]>[0][]): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	await acme.connect("out");
	for (const document of documents) await acme.publish(document);
	return acme;
}

test("a daily report is sent on a day without events, once, in its own time zone, summer and winter", async () => {
	await goTo("2032-06-01T06:58:00Z");
	const acme = await ready(daily("report", "run"), daily("quiet", "skip"));
	for (const time of ["06:58:30", "06:59:00", "06:59:30"]) {
		await goTo(`2032-06-01T${time}Z`);
		await tick();
	}
	expect(await alarms(acme.name)).toEqual([Date.parse("2032-06-01T07:00:00Z")]);
	await goTo("2032-06-01T06:59:59.999Z");
	expect(await acme.bodiesAt("out")).toEqual([]);
	await goTo("2032-06-01T07:00:00Z");
	await tick();
	await acme.arrived("out", 1);
	expect(await acme.bodiesAt("out")).toEqual([{ orders: 0, event: null, summary: 0 }]);
	// The next day something comes, and counts.
	await goTo("2032-06-01T20:00:00Z");
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.handedOn(2);
	await tick();
	await goTo("2032-06-02T07:00:00Z");
	await acme.arrived("out", 3);
	const bodies = (await acme.bodiesAt("out")).slice(1);
	expect(bodies.map(({ orders }) => orders)).toEqual([1, 1]);
	await tick();
	// In winter nine o'clock is an hour later.
	await goTo("2032-12-01T06:00:00Z");
	await acme.arrived("out", 4);
	expect(await acme.told({ "runs.succeeded": 4 })).toMatchObject({ events: 1, runs: 4 });
	await tick();
	expect(await alarms(acme.name)).toContain(Date.parse("2032-12-01T08:00:00Z"));
	const [latest] = await acme.runs("&workflow=report&status=succeeded");
	expect(latest).toMatchObject({ event: null, workflow: "report" });
});

test("trouble in one tenant keeps no other tenant's clock from ticking", async () => {
	await goTo("2033-06-01T06:58:00Z");
	const both = [await ready(daily("report", "run")), await ready(daily("report", "run"))];
	await tick();
	await goTo("2033-06-01T07:00:00Z");
	for (const tenant of both) {
		await tenant.arrived("out", 1);
		await tenant.idle();
	}
	const [broken, sound] = both.sort((a, b) => (a.name < b.name ? -1 : 1)) as [Tenant, Tenant];
	const mend = await outdate(broken.name);
	await tick();
	await goTo("2033-06-02T07:00:00Z");
	await sound.arrived("out", 2);
	expect(await broken.bodiesAt("out")).toHaveLength(1);
	await mend();
	await tick();
	await goTo("2033-06-03T07:00:00Z");
	await broken.arrived("out", 2);
});

test("a run whose alarm was lost is looked after within half an hour, and ends", async () => {
	await goTo("2034-01-01T09:00:00Z");
	vi.spyOn(Math, "random").mockReturnValue(0.999);
	const acme = await ready(workflow("told", "shop", { n: 1 }));
	await script(acme.place("out"), { status: 503 }, { status: 200 });
	await acme.take(shop("order.paid", { id: "o-1" }));
	await acme.stepIs("waiting", 1);
	await acme.told({ runs: 1 });
	await loseAlarms(acme.name);
	await goTo("2034-01-01T09:14:00Z");
	await tick();
	await goTo("2034-01-01T09:29:00Z");
	await tick();
	expect(await acme.bodiesAt("out")).toHaveLength(1);
	await goTo("2034-01-01T09:30:00Z");
	await tick();
	await acme.arrived("out", 2);
	await acme.told({ "runs.succeeded": 1 });
	await pass(15 * MINUTE);
	await tick();
	expect(await acme.bodiesAt("out")).toHaveLength(2);
});
