import { expect, test } from "vitest";
import { book, type Line, standing, waitingIn } from "../../../src/core/pacing/line";

const NOW = 1_000_000;

function lined(line: Line, workflow: string, steps: number, { floor = NOW, now = NOW, random = 0 } = {}) {
	const times: number[] = [];
	let all = line;
	for (let n = 0; n < steps; n++) {
		const [next, at] = book(all, workflow, { now, floor, spacing_ms: 100, random });
		all = next;
		times.push(at - now);
	}
	return { line: all, times };
}

const NOBODY: Line = new Map();

test("steps come back one after the other, each at some time of its own", () => {
	expect(lined(NOBODY, "a", 4).times).toEqual([0, 100, 200, 300]);
	expect(lined(NOBODY, "a", 4, { random: 0.5, floor: NOW + 1_000 }).times).toEqual([1_050, 1_150, 1_250, 1_350]);
});

test("two workflows stand beside each other, and half as close", () => {
	const { line } = lined(NOBODY, "a", 10);
	expect(lined(line, "b", 3).times).toEqual([0, 200, 400]);
	expect(lined(lined(line, "b", 1).line, "a", 2).times).toEqual([1_000, 1_200]);
});

test("a pause moves the end of a line behind it", () => {
	const { line } = lined(NOBODY, "a", 2);
	expect(lined(line, "a", 2, { floor: NOW + 60_000 }).times).toEqual([60_000, 60_100]);
});

test("a line has an end: who would come after it comes before", () => {
	const { line } = lined(NOBODY, "a", 10_000);
	const { times } = lined(line, "a", 1, { random: 0.25 });
	expect(times).toEqual([225_000]);
});

test("those who wait are counted until they are back, and then forgotten", () => {
	const { line } = lined(NOBODY, "a", 20, { floor: NOW + 1_000 });
	expect([0, 999, 2_000, 3_000].map((ms) => waitingIn(line, NOW + ms))).toEqual([20, 20, 10, 0]);
	expect(standing(line, NOW + 4_999).size).toBe(1);
	expect(standing(line, NOW + 5_000).size).toBe(0);
});
