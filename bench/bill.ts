// `npm run bill`: what one webhook costs at list prices, from operations counted in the real objects. Counts, not
// times: a change that makes it dearer shows in review.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceiver } from "../scripts/support/receiver.ts";
import { bundle } from "./support/build.ts";
import type { Meters } from "./support/metered.ts";
import { type Served, serve } from "./support/process.ts";
import { makeDeliveries, prepareTenants } from "./support/workload.ts";

/** Dollars per million, above what a plan includes (Cloudflare's public prices, November 2026). */
const PRICE = { worker_request: 0.3, do_request: 0.15, row_written: 1, queue_operation: 0.4 } as const;
/** Writing, reading and deleting a message of up to 64 KB. */
const OPERATIONS_PER_MESSAGE = 3;
const SETTLE_MS = 11_000;

interface Workload {
	name: string;
	about: string;
	path: string;
	events: number;
	entities: number;
	/** Most that one webhook may cost. */
	budget: { do_requests: number; rows_written: number };
}

const WORKLOADS: Workload[] = [
	{
		name: "immediate",
		about: "an immediate workflow with one action; known entities",
		path: "/in/immediate/github",
		events: 100,
		entities: 100,
		budget: { do_requests: 3, rows_written: 8 },
	},
	{
		name: "debounced_10_to_1",
		about: "ten edits in a burst become one action; known entities",
		path: "/in/debounced/github",
		events: 500,
		entities: 50,
		budget: { do_requests: 1.2, rows_written: 3 },
	},
	{
		name: "three_steps",
		about: "an immediate workflow whose three steps follow each other; known entities",
		path: "/in/three-steps/github",
		events: 60,
		entities: 60,
		budget: { do_requests: 3 + 2 * 2, rows_written: 8 + 2 * 3 },
	},
	{
		name: "three_branch_join",
		about: "three events that meet in the group of their own key and become one action; known entities",
		path: "/in/joined/github",
		events: 90,
		entities: 30,
		budget: { do_requests: 3, rows_written: 8 },
	},
];

export interface Bill {
	worker_requests: number;
	/** Calls of Entities. */
	do_requests: number;
	/** Calls that a whole batch shares: admission to a connection, appending to the ledger. */
	shared_do_requests: number;
	/** Listed apart, and priced as requests. */
	alarms: number;
	rows_written: number;
	queue_operations: number;
	dollars_per_million: number;
	budget: Workload["budget"];
	within_budget: boolean;
	rows_by_object: Record<string, number>;
}

async function run({ path, events, entities, budget }: Workload, service: Served): Promise<Bill> {
	// First contact makes an object's tables: the bill is about those that are known.
	await sendAll(service, path, entities, entities);
	await settle();
	await fetch(`${service.url}/__meters`, { method: "POST" }).then((answer) => answer.arrayBuffer());
	await sendAll(service, path, events, entities);
	await settle();
	const meters = (await fetch(`${service.url}/__meters`).then((answer) => answer.json())) as Meters;
	const per = (n: number) => Number((n / events).toFixed(3));
	const bill = {
		worker_requests: per(meters.worker_requests),
		do_requests: per(meters.by_object.entity?.do_requests ?? 0),
		shared_do_requests: per(
			(meters.by_object.connection?.do_requests ?? 0) + (meters.by_object.ledger?.do_requests ?? 0),
		),
		alarms: per(meters.alarms),
		rows_written: per(meters.rows_written),
		queue_operations: per(meters.queue_messages * OPERATIONS_PER_MESSAGE),
	};
	return {
		...bill,
		dollars_per_million: Number(
			(
				(bill.worker_requests + meters.consumer_batches / events) * PRICE.worker_request +
				(bill.do_requests + bill.shared_do_requests + bill.alarms) * PRICE.do_request +
				bill.rows_written * PRICE.row_written +
				bill.queue_operations * PRICE.queue_operation
			).toFixed(2),
		),
		budget,
		within_budget: bill.do_requests <= budget.do_requests && bill.rows_written <= budget.rows_written,
		rows_by_object: Object.fromEntries(
			Object.entries(meters.by_object).map(([name, own]) => [name, per(own.rows_written)]),
		),
	};
}

/** One after the other, entity by entity, so that nothing depends on how fast this machine is. */
async function sendAll(service: Served, path: string, events: number, entities: number): Promise<void> {
	for (const { headers, body } of await makeDeliveries(events, (n) => Math.floor((n * entities) / events))) {
		const answer = await fetch(`${service.url}${path}`, { method: "POST", headers, body });
		await answer.arrayBuffer();
		if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
	}
}

function settle(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

async function main(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "signalbox-bill-"));
	const receiver = await startReceiver(() => ({ status: 200 }));
	const service = await serve(await bundle("bench/support/metered.ts", "metered"), folder);
	try {
		await prepareTenants(service.url, receiver.url);
		const bills: Record<string, Bill> = {};
		for (const workload of WORKLOADS) bills[workload.name] = await run(workload, service);
		if (process.argv.includes("--json")) console.log(JSON.stringify(bills));
		else print(bills);
		if (Object.values(bills).some(({ within_budget }) => !within_budget)) process.exitCode = 1;
	} finally {
		await service.stop();
		await receiver.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

function print(bills: Record<string, Bill>): void {
	console.log("Per webhook:");
	console.table(
		Object.fromEntries(
			Object.entries(bills).map(([name, { budget, rows_by_object, ...bill }]) => [
				name,
				{ ...bill, budget: `${budget.do_requests} DO requests, ${budget.rows_written} rows` },
			]),
		),
	);
	for (const { name, about } of WORKLOADS)
		console.log(`${name}: ${about}; rows by object: ${JSON.stringify(bills[name]?.rows_by_object)}`);
}

await main();
