import { expect, test } from "vitest";
import { Parking } from "../../../src/core/pacing/parking";
import type { Wanted } from "../../../src/model/message";

function wanted(workflow: string, run: string): Wanted {
	return { workflow, entity_key: "e", run, step: "tell" };
}

function parked(...steps: [workflow: string, run: string][]): Parking {
	const parking = new Parking();
	for (const [workflow, run] of steps) parking.park(wanted(workflow, run));
	return parking;
}

function called(parking: Parking, count: number, without: string[] = []): string[] {
	return parking.next(count, new Set(without)).map(({ run }) => run);
}

test("workflows take turns, and in each of them who came first is first", () => {
	const parking = parked(["a", "a1"], ["a", "a2"], ["a", "a3"], ["b", "b1"], ["b", "b2"], ["c", "c1"]);
	expect(called(parking, 2)).toEqual(["a1", "b1"]);
	expect(called(parking, 3)).toEqual(["c1", "a2", "b2"]);
	expect(called(parking, 9)).toEqual(["a3"]);
	expect(parking.size).toBe(0);
	expect(called(parking, 9)).toEqual([]);
});

test("workflows that are left out keep their places", () => {
	const parking = parked(["a", "a1"], ["b", "b1"], ["b", "b2"]);
	expect(called(parking, 9, ["b"])).toEqual(["a1"]);
	expect(called(parking, 9)).toEqual(["b1", "b2"]);
});

test("a step has one place, and may leave it", () => {
	const parking = parked(["a", "a1"], ["a", "a2"], ["a", "a1"]);
	expect([parking.size, parking.has(wanted("a", "a1"))]).toEqual([2, true]);
	parking.leave(wanted("a", "a1"));
	parking.leave(wanted("a", "nobody"));
	parking.leave(wanted("nobody", "a2"));
	expect([parking.size, parking.has(wanted("a", "a1"))]).toEqual([1, false]);
	expect(called(parking, 9)).toEqual(["a2"]);
});
