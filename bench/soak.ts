// `npm run soak`: the real service under load for half an hour, with targets that misbehave at random, deliveries that
// come twice, and kill -9 of its whole process tree. An oracle beside it knows what was answered and what took effect; in
// the end both are compared. `-- --minutes 2` is a short one, `-- --seed 7` draws the same faults again, though what
// meets which fault is a matter of timing; `-- --only saga` draws one kind of delivery. Ends with 1 if a check fails.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Api } from "../scripts/support/api.ts";
import { freePort } from "../scripts/support/dev-server.ts";
import { endTree } from "../scripts/support/process-tree.ts";
import { bundle } from "./support/build.ts";
import { serve } from "./support/process.ts";
import { type Faults, faultsOf, randomOf } from "./support/soak-faults.ts";
import { judge, openRuns, readBooks, standing, verifyAudit } from "./support/soak-judge.ts";
import { type Load, newLoad, sleep } from "./support/soak-load.ts";
import { type MemoryWatch, watchMemory } from "./support/soak-memory.ts";
import { newOracle, type Oracle, twice } from "./support/soak-oracle.ts";
import { type Outside, startOutside } from "./support/soak-receiver.ts";
import { KINDS, type Kind, prepareSoak } from "./support/soak-workflows.ts";

const MINUTE_MS = 60_000;
const CALIBRATION_MS = 15_000;
/** Of what it managed while it was calibrated: enough is left to catch up after a kill. */
const SUSTAINABLE = 0.6;
const MOST_PER_SECOND = 20;
/** A kill for every so many minutes, all in the first half: the last process is left alone to see its memory. */
const KILL_EVERY_MINUTES = 7;
const KILLS_WITHIN = 0.47;
const SETTLE_MS = 150_000;
const EXAMPLES = 5;

interface Soak {
	minutes: number;
	seed: number;
	oracle: Oracle;
	faults: Faults;
	outside: Outside;
	load: Load;
	/** Of workerd, and of the emulator's host that runs it. */
	memory: MemoryWatch;
	host: MemoryWatch;
	api: Api;
	kills: number[];
	restart: () => Promise<void>;
}

function say(text: string): void {
	console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: { minutes: { type: "string" }, seed: { type: "string" }, only: { type: "string" } },
	});
	const minutes = Number(values.minutes ?? 30);
	const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
	const folder = mkdtempSync(join(tmpdir(), "signalbox-soak-"));
	say(`seed ${seed}, ${minutes} minutes, state in ${folder}`);
	const random = randomOf(seed);
	const oracle = newOracle();
	const faults = faultsOf(randomOf(seed + 1));
	const outside = await startOutside(oracle, faults);
	// A copy: what is built while it runs does not change what is run.
	const build = join(folder, "worker.js");
	copyFileSync(await bundle("src/worker.ts", `soak-${process.pid}`), build);
	rmSync(join("dist", `soak-${process.pid}.js`));
	const port = await freePort();
	const state = join(folder, "state");
	let service = await serve(build, state, port);
	const end = () => endTree(service.child.pid ?? 0);
	for (const signal of ["SIGINT", "SIGTERM"] as const) {
		process.once(signal, () => {
			end();
			process.exit(130);
		});
	}
	let passed = false;
	try {
		const api = await prepareSoak(service.url, outside.receiver.url);
		const memory = watchMemory(() => service.pids().slice(1));
		const host = watchMemory(() => service.pids().slice(0, 1));
		const kills: number[] = [];
		const restart = async () => {
			kills.push(Date.now());
			end();
			service = await serve(build, state, port);
			memory.restarted();
			host.restarted();
		};
		const load = newLoad(service.url, oracle, random, kindOf(values.only));
		const soak = { minutes, seed, oracle, faults, outside, load, memory, host, api, kills, restart };
		const perSecond = await calibrate(soak);
		await bear(soak, perSecond);
		await settle(soak);
		passed = await report(soak);
		process.exitCode = passed ? 0 : 1;
	} finally {
		end();
		await outside.receiver.close();
		if (passed) rmSync(folder, { recursive: true, force: true });
		else say(`the state stays in ${folder}`);
	}
}

function kindOf(name: string | undefined): Kind | undefined {
	return (Object.keys(KINDS) as Kind[]).find((kind) => kind === name);
}

async function calibrate({ load }: Soak): Promise<number> {
	const most = await load.run(CALIBRATION_MS, null);
	const perSecond = Math.max(1, Math.min(MOST_PER_SECOND, most * SUSTAINABLE));
	say(`calibrated: ${most.toFixed(1)} events/s at most, ${perSecond.toFixed(1)} events/s from now on`);
	return perSecond;
}

/** Load and kills until the time is over. */
async function bear(soak: Soak, perSecond: number): Promise<void> {
	const { minutes, load, oracle, memory, outside } = soak;
	const began = Date.now();
	const ms = minutes * MINUTE_MS;
	const count = Math.max(1, Math.round(minutes / KILL_EVERY_MINUTES));
	const bearing = load.run(ms, perSecond);
	const telling = setInterval(() => {
		const { late_mib } = memory.result();
		say(
			`${oracle.taken.size} events, ${outside.requests()} requests, ${load.unfinished().length} unfinished, ${late_mib} MiB`,
		);
	}, MINUTE_MS);
	for (let n = 1; n <= count; n++) {
		await sleep(Math.max(0, began + (ms * KILLS_WITHIN * n) / count - Date.now()));
		const before = oracle.taken.size;
		const at = Date.now();
		await soak.restart();
		say(`kill -9 number ${n} at ${before} events; back after ${Date.now() - at} ms`);
	}
	say(`bore ${(await bearing).toFixed(1)} events/s`);
	clearInterval(telling);
	soak.memory.stop();
	soak.host.stop();
}

/** Faults stop, and everything comes to its end, or the time is over. */
async function settle({ faults, load, api }: Soak): Promise<void> {
	faults.stop();
	await load.settle();
	const deadline = Date.now() + SETTLE_MS;
	let before = "";
	let still = 0;
	// What stays the same for half a minute is settled: letters, and joins that wait.
	while (Date.now() < deadline && still < 6) {
		await sleep(5_000);
		const now = `${load.unfinished().length} events unfinished, ${await openRuns(api)} runs open`;
		still = now === before ? still + 1 : 0;
		if (now !== before) say(now);
		before = now;
	}
}

async function report(soak: Soak): Promise<boolean> {
	const { oracle, faults, outside, load, memory, api, kills } = soak;
	const books = await readBooks(api);
	const verdict = await judge(api, oracle, books, kills);
	const audits = await verifyAudit(api);
	const again = twice(oracle);
	const mem = memory.result();
	const hosted = soak.host.result();
	const checks: Record<string, string[]> = {
		"every delivery answered as it should": load.sent.otherwise,
		"nothing lost": verdict.lost,
		"nothing under two keys": again.keys,
		"no message twice that could be seen": again.messages,
		"every step after what it needs": oracle.disorders,
		"every run ended or waits by name": verdict.unended,
		"every failure has its letter": verdict.letterless,
		"every compensation complete": verdict.uncompensated,
		"audit verified": audits.filter(({ ok }) => !ok).map(({ tenant }) => tenant),
		"memory flat": mem.flat ? [] : [`${mem.early_mib} MiB became ${mem.late_mib} MiB`],
	};
	console.table({
		seed: soak.seed,
		minutes: soak.minutes,
		"events answered with 200": oracle.taken.size,
		duplicates: load.sent.duplicates,
		"sent again, unanswered": load.sent.unanswered,
		"kills (-9)": kills.length,
		"requests at the receiver": outside.requests(),
		"faults, all": [...faults.counts.values()].reduce((sum, n) => sum + n, 0),
		"repeated under a key that had acted": oracle.repeats,
		"runs in the journal": Object.values(verdict.runs).reduce((sum, n) => sum + n, 0),
		"dead letters": Object.values(verdict.letters).reduce((sum, n) => sum + n, 0),
		"events accounted for by a letter": verdict.lettered,
		"joins that wait": verdict.waiting,
		"messages twice, unseen by a probe": again.unseen,
		"refused sagas' messages that stand": standing(oracle),
		"unknown to the journal after a kill": verdict.gaps.length,
		"journal entries": audits.map(({ entries }) => entries).join(" + "),
		[`memory, minutes ${mem.early_minutes} of the last process`]: `${mem.early_mib} MiB`,
		[`memory, minutes ${mem.late_minutes}`]: `${mem.late_mib} MiB`,
		"memory, slope": `${mem.slope_mib_per_minute} MiB a minute`,
		"memory, most": `${mem.most_mib} MiB`,
		"memory of the emulator's host": `${hosted.early_mib} MiB, then ${hosted.late_mib} MiB`,
	});
	console.table(Object.fromEntries(faults.counts));
	console.table({ ...verdict.runs });
	console.table({ ...verdict.letters });
	console.table(Object.fromEntries(Object.entries(checks).map(([name, wrong]) => [name, wrong.length || "ok"])));
	for (const [name, wrong] of [...Object.entries(checks), ["gaps", verdict.gaps] as const]) {
		for (const one of wrong.slice(0, EXAMPLES)) say(`${name}: ${one}`);
	}
	return Object.values(checks).every((wrong) => wrong.length === 0);
}

await main();
