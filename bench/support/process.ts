// The service that is measured, and the commits that it makes to disk.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { treeOf } from "../../scripts/support/process-tree.ts";

export interface Served {
	url: string;
	child: ChildProcess;
	/** The process itself and all that it started. */
	pids: () => number[];
	stop: () => Promise<void>;
}

/** Starts serve.ts on a free port and waits until it listens. */
export async function serve(bundlePath: string, stateFolder: string, port = 0): Promise<Served> {
	const child = spawn(process.execPath, ["bench/support/serve.ts", bundlePath, String(port), stateFolder], {
		stdio: ["ignore", "pipe", "inherit"],
		detached: true,
	});
	const url = await new Promise<string>((resolve, reject) => {
		let text = "";
		child.stdout?.on("data", (chunk) => {
			text += chunk;
			const found = /listening (\S+)/.exec(text);
			if (found?.[1] !== undefined) resolve(found[1]);
		});
		child.once("exit", (code) => reject(new Error(`the service ended with ${code} before it listened`)));
	});
	const pids = () => treeOf(child.pid ?? 0);
	return { url, child, pids, stop: () => stop(child) };
}

function stop(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		if (child.exitCode !== null || child.signalCode !== null) return resolve();
		child.once("exit", () => resolve());
		child.kill("SIGTERM");
	});
}

export interface CommitCounter {
	/** fsync and fdatasync calls since the counter started. */
	stop: () => Promise<number>;
}

/** Counts commits of a tree with strace; null where there is none. It slows the tree down: count and time apart. */
export async function countCommits(pids: number[]): Promise<CommitCounter | null> {
	if (!["/usr/bin/strace", "/bin/strace", "/usr/local/bin/strace"].some(existsSync)) return null;
	const output = join(tmpdir(), `signalbox-commits-${process.pid}-${Date.now()}`);
	const attach = pids.flatMap((pid) => ["-p", String(pid)]);
	const strace = spawn("strace", ["-f", "-q", "-e", "trace=fsync,fdatasync", "-o", output, ...attach], {
		stdio: "ignore",
	});
	await new Promise((resolve) => setTimeout(resolve, 800));
	return {
		stop: async () => {
			const ended = new Promise((resolve) => strace.once("exit", resolve));
			strace.kill("SIGINT");
			await ended;
			const calls = readFileSync(output, "utf8").match(/\b(fsync|fdatasync)\(/g)?.length ?? 0;
			rmSync(output);
			return calls;
		},
	};
}
