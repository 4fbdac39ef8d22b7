// Processes are found and ended with all that they started, with /proc and without.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { endTree, parentsByPs, treeOf } from "../../scripts/support/process-tree.ts";

const hasPs = spawnSync("ps", ["-A"]).status === 0;

async function untilThere<T>(look: () => T, holds: (seen: T) => boolean): Promise<T> {
	for (let tries = 0; tries < 200; tries++) {
		const seen = look();
		if (holds(seen)) return seen;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error("waited in vain");
}

function family(): { root: number; ended: Promise<void> } {
	const child = spawn("sh", ["-c", "sh -c 'sleep 300 & wait' & sleep 300 & wait"], { stdio: "ignore" });
	if (child.pid === undefined) throw new Error("no shell");
	return { root: child.pid, ended: new Promise((resolve) => child.once("exit", () => resolve())) };
}

function isAlive(pid: number): boolean {
	try {
		return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		return false;
	}
}

test("a process ends with its children and theirs", async () => {
	const { root, ended } = family();
	const tree = await untilThere(
		() => treeOf(root),
		(seen) => seen.length === 4,
	);
	endTree(root);
	await ended;
	await untilThere(
		() => tree.filter(isAlive),
		(alive) => alive.length === 0,
	);
});

test.runIf(hasPs)("ps tells the same parents as /proc", async () => {
	const { root, ended } = family();
	const tree = await untilThere(
		() => treeOf(root),
		(seen) => seen.length === 4,
	);
	const parents = new Map(parentsByPs());
	for (const pid of tree.slice(1)) expect(tree).toContain(parents.get(pid));
	endTree(root);
	await ended;
});
