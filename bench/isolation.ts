// `npm run bench:isolation`: how long the actions of a healthy destination take, with and without a neighbour that hangs
// for its full time-out while thousands of its steps wait. Two services run side by side with the same healthy work, one
// delivery here and one there in turns, so that whatever this machine does hits both. First both are measured without the
// neighbour, since two processes are never quite alike. Then one of them has it: what that adds is by how much it is
// further from the other than before.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiOf } from "../scripts/support/api.ts";
import { cpuMs } from "../scripts/support/process-tree.ts";
import { type Receiver, startReceiver } from "../scripts/support/receiver.ts";
import { bundle } from "./support/build.ts";
import { ROOT_TOKEN } from "./support/dev-vars.ts";
import { type Served, serve } from "./support/process.ts";
import { type Delivery, makeDeliveries, SECRET } from "./support/workload.ts";

/** Steps of the neighbour, and how long each of its requests hangs. */
const NEIGHBOURS = 2_000;
const TIMEOUT = "25s";
const WARM_UP = 200;
/** Rounds are short, and their middle counts: what else this machine does comes in bursts. */
const ROUND = 120;
const ROUNDS = 60;
/** Between two deliveries to the same service. */
const EVERY_MS = 40;
const ENTITIES = 100;
const PATIENCE_MS = 120_000;
/** In memory where there is such a place: a disk that others use too is not what is measured. */
const STATE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

interface Side {
	service: Served;
	receiver: Receiver;
	sentAt: Map<string, number>;
	arrivedAt: Map<string, number>;
	hung: () => number;
}

async function openSide(build: string, folder: string): Promise<Side> {
	const sentAt = new Map<string, number>();
	const arrivedAt = new Map<string, number>();
	let hung = 0;
	const receiver = await startReceiver(({ path, body }) => {
		if (path === "/hanging") {
			hung += 1;
			return "hang";
		}
		arrivedAt.set(String(JSON.parse(body).n), performance.now());
		return { status: 200 };
	});
	const service = await serve(build, folder);
	const api = apiOf(service.url, ROOT_TOKEN);
	for (const tenant of ["healthy", "hanging"]) {
		await api.put(`/tenants/${tenant}`, {});
		await api.put(`/tenants/${tenant}/sources/github`, { connector: "github", secrets: [SECRET] });
		const config = { base_url: receiver.url };
		await api.put(`/tenants/${tenant}/connections/out`, { connector: "http", owner: "bench", config, credentials: {} });
		const input = `{ path: /${tenant}, body: { n: "\${{ event.data.issue.number }}" } }`;
		const step = `{ id: tell, use: http.request, connection: out, timeout: ${TIMEOUT}, with: ${input} }`;
		const document = `name: tell\nowner: bench\non: { source: github, event: issue.updated }\nsteps:\n  - ${step}\n`;
		await api.post(`/tenants/${tenant}/workflows`, document, "application/yaml");
	}
	return { service, receiver, sentAt, arrivedAt, hung: () => hung };
}

async function send({ service }: Side, tenant: string, { headers, body }: Delivery): Promise<void> {
	const answer = await fetch(`${service.url}/in/${tenant}/github`, { method: "POST", headers, body });
	await answer.arrayBuffer();
	if (answer.status !== 200) throw new Error(`${tenant} answered ${answer.status}`);
}

/** Sends the neighbour's work, and waits until some of it hangs, the rest waits, and the queue is empty again. */
async function burden(side: Side): Promise<void> {
	const deliveries = await makeDeliveries(NEIGHBOURS, (n) => n % (10 * ENTITIES));
	let next = 0;
	const lane = async () => {
		for (let n = next++; n < deliveries.length; n = next++) await send(side, "hanging", deliveries[n] as Delivery);
	};
	await Promise.all(Array.from({ length: 8 }, lane));
	await until(() => side.hung() > 0);
	await measure([side], 1);
}

/** Milliseconds from the delivery to the action, for each side, sorted. Who comes first changes every time. */
async function measure(sides: Side[], count: number): Promise<number[][]> {
	const deliveries = await makeDeliveries(sides.length * count, (n) => n % ENTITIES);
	for (const side of sides) {
		side.sentAt.clear();
		side.arrivedAt.clear();
	}
	const sending: Promise<void>[] = [];
	for (const [n, delivery] of deliveries.entries()) {
		const turn = Math.floor(n / sides.length) % 2;
		const side = sides[(n + turn) % sides.length] as Side;
		side.sentAt.set(String(n + 3), performance.now());
		sending.push(send(side, "healthy", delivery));
		await sleep(EVERY_MS / sides.length);
	}
	await Promise.all(sending);
	await until(() => sides.every(({ arrivedAt }) => arrivedAt.size >= count));
	return sides.map(({ sentAt, arrivedAt }) =>
		[...sentAt].map(([n, at]) => (arrivedAt.get(n) ?? Number.NaN) - at).sort((a, b) => a - b),
	);
}

async function until(condition: () => boolean): Promise<void> {
	const deadline = Date.now() + PATIENCE_MS;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error("the receiver waited in vain");
		await sleep(5);
	}
}

function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function percentile(sorted: number[], part: number): number {
	return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(1));
}

interface Figures {
	p50_ms: number;
	/** The middle of the rounds' own. */
	p99_ms: number;
	/** Of all rounds together, with everything that came between. */
	p99_all_ms: number;
	/** Of all that the service does meanwhile, for each healthy action. */
	cpu_ms: number;
}

/** Of each side, and what the second has of the first. */
async function compare(sides: Side[]): Promise<Record<"first" | "second" | "ratio", Figures>> {
	const all: number[][][] = [[], []];
	const cpu = () => sides.map(({ service }) => cpuMs(service.pids()));
	const before = cpu();
	for (let n = 0; n < ROUNDS; n++) {
		for (const [side, latencies] of (await measure(sides, ROUND)).entries()) all[side]?.push(latencies);
	}
	const spent = cpu().map((ms, side) => (ms - (before[side] ?? 0)) / (ROUNDS * ROUND));
	const [first, second] = all.map((rounds, side) => figuresOf(rounds, spent[side] ?? 0)) as [Figures, Figures];
	return { first, second, ratio: ratioOf(second, first) };
}

function ratioOf(figures: Figures, to: Figures): Figures {
	const ratio = (pick: keyof Figures) => Number((figures[pick] / to[pick]).toFixed(2));
	return {
		p50_ms: ratio("p50_ms"),
		p99_ms: ratio("p99_ms"),
		p99_all_ms: ratio("p99_all_ms"),
		cpu_ms: ratio("cpu_ms"),
	};
}

function figuresOf(rounds: number[][], cpu_ms: number): Figures {
	const together = rounds.flat().sort((a, b) => a - b);
	const tails = rounds.map((round) => percentile(round, 0.99)).sort((a, b) => a - b);
	return {
		p50_ms: percentile(together, 0.5),
		p99_ms: percentile(tails, 0.5),
		p99_all_ms: percentile(together, 0.99),
		cpu_ms: Number(cpu_ms.toFixed(2)),
	};
}

async function main(): Promise<void> {
	const folder = mkdtempSync(join(STATE, "signalbox-isolation-"));
	const build = await bundle("src/worker.ts", "worker");
	const sides: Side[] = [];
	try {
		for (const name of ["first", "second"]) sides.push(await openSide(build, join(folder, name)));
		await measure(sides, WARM_UP);
		const before = await compare(sides);
		await burden(sides[1] as Side);
		const beside = await compare(sides);
		const report = {
			...{ before, beside, raised_to: ratioOf(beside.ratio, before.ratio) },
			neighbour: { steps: NEIGHBOURS, requests_that_hung: (sides[1] as Side).hung() },
		};
		if (process.argv.includes("--json")) console.log(JSON.stringify(report));
		else print(report);
	} finally {
		for (const { service, receiver } of sides) {
			await receiver.close();
			await service.stop();
		}
		rmSync(folder, { recursive: true, force: true });
	}
}

type Comparison = Awaited<ReturnType<typeof compare>>;

function print(report: { before: Comparison; beside: Comparison; raised_to: Figures; neighbour: object }): void {
	console.log("Before the neighbour is there:");
	console.table(report.before);
	console.log("The second beside the neighbour:");
	console.table(report.beside);
	console.log("The ratio beside the neighbour, to that before:");
	console.table(report.raised_to);
	console.table(report.neighbour);
}

await main();
