// A process and all that it started: found, measured and ended by id.

import { readdirSync, readFileSync } from "node:fs";

export function treeOf(root: number): number[] {
	const parents = readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			const stat = statOf(Number(name));
			return stat === null ? [] : [{ pid: Number(name), parent: stat.parent }];
		});
	const tree = [root];
	for (const pid of tree) tree.push(...parents.filter(({ parent }) => parent === pid).map(({ pid: child }) => child));
	return tree;
}

/** Ends every process of a tree at once, as a power cut would. */
export function killTree(pids: readonly number[]): void {
	for (const pid of pids) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			// It has ended by itself.
		}
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
