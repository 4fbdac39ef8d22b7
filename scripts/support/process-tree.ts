// A process and all that it started: found, measured and ended by id.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

export function treeOf(root: number): number[] {
	const all = parents();
	const tree = [root];
	for (const pid of tree) for (const [child, parent] of all) if (parent === pid) tree.push(child);
	return tree;
}

/** The parent of every process. */
function parents(): [pid: number, parent: number][] {
	if (!existsSync("/proc/self/stat")) return parentsByPs();
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			const stat = statOf(Number(name));
			return stat === null ? [] : [[Number(name), stat.parent]];
		});
}

/** Where there is no /proc, as on a Mac. */
export function parentsByPs(): [pid: number, parent: number][] {
	const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
	return (stdout ?? "")
		.split("\n")
		.map((line) => line.trim().split(/\s+/).map(Number))
		.flatMap(([pid, parent]) => (pid && parent !== undefined ? [[pid, parent]] : []));
}

/** Ends a process and all that it started, at once, as a power cut would. */
export function endTree(root: number): void {
	let tree: number[] = [];
	// What is stopped starts nothing more, so that nothing is started behind our back.
	for (let grown = treeOf(root); grown.length > tree.length; grown = treeOf(root)) {
		tree = grown;
		for (const pid of tree) signal(pid, "SIGSTOP");
	}
	killTree(tree);
}

/** Ends every process of a tree at once. */
export function killTree(pids: readonly number[]): void {
	for (const pid of pids) signal(pid, "SIGKILL");
}

function signal(pid: number, name: NodeJS.Signals): void {
	// Numbers below 1 mean groups of processes, up to all there are.
	if (pid < 1) return;
	try {
		process.kill(pid, name);
	} catch {
		// It has ended by itself.
	}
}

/** CPU milliseconds, user and system, that a tree has used so far. */
export function cpuMs(pids: readonly number[]): number {
	return pids.reduce((total, pid) => total + (statOf(pid)?.ticks ?? 0) * 10, 0);
}

/** Resident memory of a tree in MiB. */
export function memoryMiB(pids: readonly number[]): number {
	const pages = pids.reduce((total, pid) => total + (statOf(pid)?.residentPages ?? 0), 0);
	return Math.round((pages * 4) / 1024);
}

function statOf(pid: number): { parent: number; ticks: number; residentPages: number } | null {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "utf8");
		const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
		return {
			parent: Number(fields[1]),
			ticks: Number(fields[11]) + Number(fields[12]),
			residentPages: Number(fields[21]),
		};
	} catch {
		return null;
	}
}
