// `npm run bench`: what one event costs, side by side in one run on this machine. Requests per second on a shared
// machine are noise; CPU time per event and commits to disk per event are what to compare.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuMs, killTree, memoryMiB } from "../scripts/support/process-tree.ts";
import { type Receiver, startReceiver } from "../scripts/support/receiver.ts";
import { bundle } from "./support/build.ts";
import { countCommits, type Served, serve } from "./support/process.ts";
import { type Delivery, MANY, makeDeliveries, prepareTenants } from "./support/workload.ts";

const ROUNDS = 3;
const PER_ROUND = 1_000;
const PER_COUNT = 1_000;
const LANES = 16;
/** How long after the last acknowledgement work may still be under way: windows, alarms, the journal. */
const SETTLE_MS = 11_000;

interface Subject {
	name: string;
	path: (n: number) => string;
	entities: number;
	/** Actions that one event leads to, at least: the receiver is waited for. */
	acts: boolean;
	service: "bare" | "signalbox";
}

const SUBJECTS: Subject[] = [
	{ name: "bare_hono", service: "bare", path: () => "/hono", entities: MANY, acts: false },
	{ name: "bare_do", service: "bare", path: (n) => `/insert/k${n % MANY}`, entities: MANY, acts: false },
	{ name: "bare_do_hot", service: "bare", path: () => "/insert/hot", entities: 1, acts: false },
	{ name: "debounced", service: "signalbox", path: () => "/in/debounced/github", entities: MANY, acts: false },
	{ name: "debounced_hot", service: "signalbox", path: () => "/in/debounced/github", entities: 1, acts: false },
	{ name: "immediate", service: "signalbox", path: () => "/in/immediate/github", entities: MANY, acts: true },
	{ name: "immediate_hot", service: "signalbox", path: () => "/in/immediate/github", entities: 1, acts: true },
];

interface Sample {
	perSecond: number;
	cpuMs: number;
	p50Ms: number;
	p99Ms: number;
	actionsPerSecond: number | null;
}

export interface Result {
	requests_per_second: number;
	ack_p50_ms: number;
	ack_p99_ms: number;
	cpu_ms_per_event: number;
	commits_per_event: number | null;
	actions_per_second: number | null;
}

async function send(url: string, deliveries: Delivery[], path: (n: number) => string): Promise<number[]> {
	const latencies: number[] = [];
	let next = 0;
	await Promise.all(
		Array.from({ length: LANES }, async () => {
			for (let n = next++; n < deliveries.length; n = next++) {
				const { headers, body } = deliveries[n] as Delivery;
				const before = performance.now();
				const answer = await fetch(`${url}${path(n)}`, { method: "POST", headers, body });
				await answer.arrayBuffer();
				latencies.push(performance.now() - before);
				if (answer.status !== 200) throw new Error(`${path(n)} answered ${answer.status}`);
			}
		}),
	);
	return latencies.sort((a, b) => a - b);
}

async function measure(subject: Subject, service: Served, receiver: Receiver, count: number): Promise<Sample> {
	const deliveries = await makeDeliveries(count, (n) => n % subject.entities);
	const pids = service.pids();
	const cpuBefore = cpuMs(pids);
	const arrivedBefore = receiver.arrived.length;
	const startedAt = performance.now();
	const latencies = await send(service.url, deliveries, subject.path);
	const sentMs = performance.now() - startedAt;
	if (subject.acts) await until(() => receiver.arrived.length - arrivedBefore >= count, 60_000);
	const actedMs = performance.now() - startedAt;
	if (subject.service === "signalbox") await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
	return {
		perSecond: (count / sentMs) * 1_000,
		cpuMs: (cpuMs(pids) - cpuBefore) / count,
		p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
		p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
		actionsPerSecond: subject.acts ? (count / actedMs) * 1_000 : null,
	};
}

/** Apart from the timing, because counting slows everything down. */
async function commitsPerEvent(subject: Subject, service: Served, receiver: Receiver): Promise<number | null> {
	const counter = await countCommits(service.pids());
	if (counter === null) return null;
	await measure(subject, service, receiver, PER_COUNT);
	return round((await counter.stop()) / PER_COUNT, 2);
}

/** A kill -9 while actions are under way: how long after the restart the first of them goes out again. */
async function restart(build: string, folder: string): Promise<{ ready_to_first_action_ms: number }> {
	const receiver = await startReceiver(() => ({ status: 200, after: 2_000 }));
	try {
		const service = await serve(build, folder);
		await prepareTenants(service.url, receiver.url);
		await send(service.url, await makeDeliveries(20, (n) => n), () => "/in/immediate/github");
		await until(() => receiver.arrived.length > 0, 10_000);
		killTree(service.pids());
		const before = receiver.arrived.length;
		const again = await serve(build, folder);
		try {
			const ready = performance.now();
			await until(() => receiver.arrived.length > before, 30_000);
			return { ready_to_first_action_ms: Math.round(performance.now() - ready) };
		} finally {
			await again.stop();
		}
	} finally {
		await receiver.close();
	}
}

async function until(condition: () => boolean, ms: number): Promise<void> {
	const deadline = Date.now() + ms;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error("the receiver waited in vain");
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

function summarize(samples: Sample[], commits: number | null): Result {
	const middle = (pick: (sample: Sample) => number) => median(samples.map(pick));
	const actions = samples.flatMap(({ actionsPerSecond }) => (actionsPerSecond === null ? [] : [actionsPerSecond]));
	return {
		requests_per_second: Math.round(middle(({ perSecond }) => perSecond)),
		ack_p50_ms: round(
			middle(({ p50Ms }) => p50Ms),
			1,
		),
		ack_p99_ms: round(
			middle(({ p99Ms }) => p99Ms),
			1,
		),
		cpu_ms_per_event: round(
			middle((sample) => sample.cpuMs),
			2,
		),
		commits_per_event: commits,
		actions_per_second: actions.length === 0 ? null : Math.round(median(actions)),
	};
}

function median(values: number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number, digits: number): number {
	return Number(value.toFixed(digits));
}

function ratiosOf(results: Record<string, Result>): Record<string, number | null> {
	const of = (a: string, b: string, what: keyof Result) => {
		const [x, y] = [results[a]?.[what], results[b]?.[what]];
		return x == null || y == null || y === 0 ? null : round(x / y, 2);
	};
	return {
		debounced_to_bare_do: of("debounced", "bare_do", "requests_per_second"),
		debounced_hot_to_bare_do_hot: of("debounced_hot", "bare_do_hot", "requests_per_second"),
		immediate_to_bare_do: of("immediate", "bare_do", "requests_per_second"),
		debounced_cpu_to_bare_do: of("debounced", "bare_do", "cpu_ms_per_event"),
		immediate_cpu_to_bare_do: of("immediate", "bare_do", "cpu_ms_per_event"),
		bare_do_to_bare_hono: of("bare_do", "bare_hono", "requests_per_second"),
	};
}

async function main(): Promise<void> {
	const asJson = process.argv.includes("--json");
	const say = (text: string) => asJson || process.stderr.write(`${text}\n`);
	const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
	const receiver = await startReceiver(() => ({ status: 200 }));
	const builds = {
		bare: await bundle("bench/support/bare.ts", "bare"),
		signalbox: await bundle("src/worker.ts", "worker"),
	};
	const services = {
		bare: await serve(builds.bare, join(folder, "bare")),
		signalbox: await serve(builds.signalbox, join(folder, "signalbox")),
	};
	try {
		await prepareTenants(services.signalbox.url, receiver.url);
		const samples = new Map<string, Sample[]>(SUBJECTS.map(({ name }) => [name, []]));
		for (const subject of SUBJECTS) await measure(subject, services[subject.service], receiver, 200);
		for (let turn = 1; turn <= ROUNDS; turn++) {
			for (const subject of SUBJECTS) {
				say(`round ${turn} of ${ROUNDS}: ${subject.name}`);
				samples.get(subject.name)?.push(await measure(subject, services[subject.service], receiver, PER_ROUND));
			}
		}
		const results: Record<string, Result> = {};
		for (const subject of SUBJECTS) {
			say(`counting commits: ${subject.name}`);
			const commits = await commitsPerEvent(subject, services[subject.service], receiver);
			results[subject.name] = summarize(samples.get(subject.name) ?? [], commits);
		}
		const memory = { bare_mib: memoryMiB(services.bare.pids()), signalbox_mib: memoryMiB(services.signalbox.pids()) };
		await Promise.all([services.bare.stop(), services.signalbox.stop()]);
		say("kill -9 and restart");
		const restarted = await restart(builds.signalbox, join(folder, "restart"));
		const report = { results, ratios: ratiosOf(results), memory, restart: restarted };
		if (asJson) console.log(JSON.stringify(report));
		else print(report);
	} finally {
		await Promise.all([services.bare.stop(), services.signalbox.stop()]);
		await receiver.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

function print(report: { results: Record<string, Result>; ratios: object; memory: object; restart: object }): void {
	console.table(report.results);
	console.table(report.ratios);
	console.table({ ...report.memory, ...report.restart });
	if (Object.values(report.results).some(({ commits_per_event }) => commits_per_event === null)) {
		console.log("Commits were not counted: strace is not installed.");
	}
}

await main();
