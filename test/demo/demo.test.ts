// The demonstration, as somebody sees it who has just cloned the repository: it tells what it promises, its commands work,
// and Ctrl-C leaves nothing behind, whenever it comes.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endTree, treeOf } from "../../scripts/support/process-tree.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
const STARTS_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 10_000;

/** Everything temporary of a demonstration lies in here. */
let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "signalbox-demo-test-"));
});

const started: ChildProcess[] = [];
afterEach(() => {
	for (const { pid } of started.splice(0)) if (pid !== undefined) endTree(pid);
	rmSync(folder, { recursive: true, force: true });
});

interface Demo {
	child: ChildProcess;
	output: () => string;
	/** Every process of its tree that was seen so far. */
	seen: Set<number>;
	ended: Promise<number | null>;
}

function startDemo(...flags: string[]): Demo {
	const env = { ...process.env, TMPDIR: folder, PATH: `${PROJECT}/node_modules/.bin:${process.env.PATH ?? ""}` };
	// A group of its own, so that a signal can be sent to all of it, as a terminal does.
	const child = spawn("node", ["scripts/demo/demo.ts", ...flags], { cwd: PROJECT, env, detached: true });
	started.push(child);
	let output = "";
	child.stdout.on("data", (chunk: Buffer) => {
		output += chunk.toString();
	});
	child.stderr.on("data", (chunk: Buffer) => {
		output += chunk.toString();
	});
	const ended = new Promise<number | null>((done) => child.once("exit", done));
	return { child, output: () => output, seen: new Set(), ended };
}

function look({ child, seen }: Demo): void {
	if (child.pid !== undefined && child.exitCode === null) for (const pid of treeOf(child.pid)) seen.add(pid);
}

async function until(demo: Demo, what: string, holds: () => boolean, withinMs: number): Promise<void> {
	const deadline = Date.now() + withinMs;
	while (!holds()) {
		if (Date.now() > deadline) throw new Error(`waited in vain until ${what}; it said:\n${demo.output()}`);
		look(demo);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	look(demo);
}

async function saying(demo: Demo, text: string): Promise<void> {
	await until(demo, `it says “${text}”`, () => demo.output().includes(text), STARTS_WITHIN_MS);
}

function isAlive(pid: number): boolean {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
	} catch {
		return false;
	}
}

/** Ends by itself, in order, and nothing of it is left: no process, no file. */
async function leavesNothing(demo: Demo): Promise<void> {
	await until(
		demo,
		"it has ended",
		() => demo.child.exitCode !== null || demo.child.signalCode !== null,
		ENDS_WITHIN_MS,
	);
	expect([await demo.ended, demo.child.signalCode]).toEqual([0, null]);
	await until(demo, "its processes have ended", () => ![...demo.seen].some(isAlive), ENDS_WITHIN_MS);
	expect(readdirSync(folder)).toEqual([]);
}

describe("the morning", () => {
	test("is told in full, can be looked into, and is over with Ctrl-C", async () => {
		const demo = startDemo();
		await saying(demo, "The service stays up until you press Ctrl-C.");
		const output = demo.output();
		for (const [what, told] of Object.entries(PROMISED))
			expect([what, output]).toEqual([what, expect.stringMatching(told)]);
		expect(output).not.toMatch(/undefined|\[object|NaN|Error:/);

		const [trace = "", events = "", letter = "", retry = ""] = output.match(/curl -s .*/g) ?? [];
		expect(run(trace).facts.map(({ kind }: { kind: string }) => kind)).toEqual(
			expect.arrayContaining(["event.received", "event.duplicate", "run.started", "attempt.finished", "run.finished"]),
		);
		expect(run(events).items).toHaveLength(15);
		expect(run(letter)).toMatchObject({ letter: { state: "open", class: "exhausted", connection: "growth-board" } });
		expect(run(retry)).toMatchObject({ state: "retrying" });

		const [url = ""] = output.match(/http:\/\/127\.0\.0\.1:\d+(?=\/admin)/) ?? [];
		process.kill(demo.child.pid ?? 0, "SIGINT");
		await leavesNothing(demo);
		await expect(fetch(`${url}/admin/v1/health`)).rejects.toThrow();
	});
});

test("a service that is about to stop is told of as it was, without commands that would ask it", async () => {
	const demo = startDemo("--exit");
	await saying(demo, "What waits for a person");
	await leavesNothing(demo);
	expect(demo.output()).toContain("signup-digest/post to growth-board");
	expect(demo.output()).not.toMatch(/curl|Look for yourself|stays up/);
});

/** What somebody should have seen: what was held back and why, and how trouble outside ended. */
const PROMISED: Record<string, RegExp> = {
	"six edits are held back": /(github +issue\.updated +held back, until it is quiet, by issue-settled\n[\s\S]*?){6}/,
	"signups are collected": /(accounts +user\.created +collected with others by signup-digest\n[\s\S]*?){5}/,
	"a redelivery is noted": /2 deliveries that had been here before: noted, not acted on/,
	"a bot is not acted on": /not for issue-settled: on wants human, and the actor is automation/,
	"a pin is not an edit": /not for issue-settled: on wants issue\.updated, and the event is issue\.pinned/,
	"a small sum is let go": /not for payment-failed: on\.if is false/,
	"a forgery is refused": /and one that was refused at the door: somebody forges an edit → 401/,
	"one message goes out":
		/chat\.postMessage +answered 200 +#1 Spelling error in the README file has settled after 6 edits/,
	"the pager is busy": /\/pager\/pages +answered 429/,
	"and is asked again": /\/pager\/pages +answered 202/,
	"the finance system times out": /\/finance\/failures +no answer/,
	"and is asked again too": /\/finance\/failures +answered 201/,
	"the board is gone, and somebody has to look":
		/signup-digest\/post to growth-board: exhausted: the connection failed/,
};

/** A printed command, word for word. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
function run(command: string): any {
	const { stdout, stderr, status } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
	if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
	return JSON.parse(stdout);
}

describe("Ctrl-C leaves nothing behind", () => {
	test.each([
		["while the registry is made", "preparing the registry", 300],
		["while the service starts", "starting the service", 0],
		["while the service is nearly up", "starting the service", 1_500],
		["while the morning is played", "delivery 3 of", 0],
	])("%s", async (_, after, pause) => {
		const demo = startDemo();
		await saying(demo, after);
		const at = Date.now() + pause;
		await until(demo, "it is time", () => Date.now() >= at, pause + 1_000);
		process.kill(demo.child.pid ?? 0, "SIGINT");
		await leavesNothing(demo);
	});

	test("when the whole terminal hears it, and impatient people press it twice", async () => {
		const demo = startDemo();
		await saying(demo, "making a tenant");
		process.kill(-(demo.child.pid ?? 0), "SIGINT");
		process.kill(demo.child.pid ?? 0, "SIGINT");
		await leavesNothing(demo);
		expect(demo.output()).not.toMatch(/failed|Error/);
	});
});
