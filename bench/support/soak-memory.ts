// Resident memory of the service over time, and whether it grows within one process.

import { memoryMiB } from "../../scripts/support/process-tree.ts";

const EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
/** What a runtime may take more and still be called flat: its collector gives memory back late. */
const FLAT_RATIO = 1.2;
const FLAT_MIB = 32;

interface Sample {
	at: number;
	mib: number;
}

export interface MemoryWatch {
	/** From now on it is another process. */
	restarted: () => void;
	stop: () => void;
	result: () => MemoryResult;
}

/** Of the last process: the medians of an early and a late stretch, and the slope by least squares between them. */
export interface MemoryResult {
	early_mib: number;
	late_mib: number;
	early_minutes: string;
	late_minutes: string;
	slope_mib_per_minute: number;
	most_mib: number;
	samples: number;
	flat: boolean;
}

export function watchMemory(pids: () => number[]): MemoryWatch {
	let samples: Sample[] = [];
	let most = 0;
	let startedAt = Date.now();
	const timer = setInterval(() => {
		const mib = memoryMiB(pids());
		most = Math.max(most, mib);
		if (mib > 0) samples.push({ at: (Date.now() - startedAt) / MINUTE_MS, mib });
	}, EVERY_MS);
	return {
		restarted: () => {
			samples = [];
			startedAt = Date.now();
		},
		stop: () => clearInterval(timer),
		result: () => ({ ...compare(samples), most_mib: most }),
	};
}

/** Minutes 5 to 10 of the process and its last 5; in a process that lived shorter, its second and its last quarter. */
function compare(samples: readonly Sample[]): Omit<MemoryResult, "most_mib"> {
	const end = samples.at(-1)?.at ?? 0;
	const [from, to, last] = end >= 14 ? [5, 10, end - 5] : [end / 4, end / 2, (end * 3) / 4];
	const early = median(samples.filter(({ at }) => at >= from && at <= to));
	const late = median(samples.filter(({ at }) => at >= last));
	return {
		early_mib: early,
		late_mib: late,
		early_minutes: `${from.toFixed(1)}–${to.toFixed(1)}`,
		late_minutes: `${last.toFixed(1)}–${end.toFixed(1)}`,
		slope_mib_per_minute: slope(samples.filter(({ at }) => at >= from)),
		samples: samples.length,
		flat: late <= Math.max(early * FLAT_RATIO, early + FLAT_MIB),
	};
}

function median(samples: readonly Sample[]): number {
	return samples.map(({ mib }) => mib).sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
}

function slope(samples: readonly Sample[]): number {
	const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
	const [x, y] = [mean(samples.map(({ at }) => at)), mean(samples.map(({ mib }) => mib))];
	const up = samples.reduce((sum, { at, mib }) => sum + (at - x) * (mib - y), 0);
	const across = samples.reduce((sum, { at }) => sum + (at - x) ** 2, 0);
	return across === 0 ? 0 : Number((up / across).toFixed(2));
}
