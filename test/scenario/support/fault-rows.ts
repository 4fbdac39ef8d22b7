// What the table of faults is written in: how a fault ends, and the words for endings that are alike.

import { expect } from "vitest";
import type { Answer } from "../../../scripts/support/receiver";
import { type Ending, type Fault, suffer } from "./faults";

/** Pauses as the least and the most of each, in milliseconds. */
export type Expected = Partial<Omit<Ending, "pauses">> & { pauses?: [least: number, most: number][] };
export type Row = [fault: string, of: Fault, ends: Expected];

export const SECOND = 1_000;
export const DAY = 86_400 * SECOND;
export const BACKOFF: [number, number][] = [
	[0, SECOND],
	[0, 4 * SECOND],
];
export const BIG = "x".repeat(2_000);
export const ACTS: Answer = { status: 200, acts: true };
export const POSTS: Answer = { status: 200, acts: true, body: { ok: true, channel: "C0", ts: "1.0" } };
export const POST = "chat.postMessage";
export const LOOK = "conversations.history";

export function thrice<T>(one: T): T[] {
	return [one, one, one];
}

export function letter(failure: string, reason: string | RegExp): Ending["letter"] {
	const said = typeof reason === "string" ? reason : expect.stringMatching(reason);
	return expect.objectContaining({ state: "open", class: failure, reason: said, step: "tell", connection: "out" });
}

/** Three attempts, and nobody knows what came of any. */
export function givenUp(failure: string, reason: RegExp, more: Expected = {}): Expected {
	return {
		...{ run: "failed", attempts: 3, outcomes: thrice("unknown"), pauses: BACKOFF },
		...{ requests: thrice("POST"), acted: 0, keys: 1, told: thrice(expect.stringMatching(reason)) },
		letter: letter(failure, reason),
		...more,
	};
}

/** One attempt, and a person has to look. */
export function refused(failure: string, reason: string, more: Expected = {}): Expected {
	return {
		...{ run: "failed", attempts: 1, outcomes: ["permanent"], pauses: [], acted: 0, strayed: 0 },
		letter: letter(failure, reason),
		...more,
	};
}

export function well(more: Expected): Expected {
	return { run: "succeeded", acted: 1, keys: 1, letter: null, ...more };
}

/** The first attempt came to nothing that anybody knows of, the second found out. */
export function atSecond(more: Expected): Expected {
	return well({ attempts: 2, outcomes: ["unknown", "succeeded"], ...more });
}

export async function endsAs(fault: Fault, { pauses, ...expected }: Expected): Promise<void> {
	const ending = await suffer(fault);
	expect(ending).toMatchObject(expected);
	if (pauses === undefined) return;
	expect(ending.pauses).toHaveLength(pauses.length);
	for (const [n, [least, most]] of pauses.entries()) {
		expect(ending.pauses[n]).toBeGreaterThanOrEqual(least);
		expect(ending.pauses[n]).toBeLessThanOrEqual(most);
	}
}
