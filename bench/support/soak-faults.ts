// How the outside world of a soak misbehaves: which fault comes next is drawn from a seed, and counted.

/** What is wrong with an answer. `before` and `after`: whether the target has acted by then. */
export const FAULTS = [
	"429_seconds",
	"429_date",
	"500_before",
	"500_after",
	"reset_before",
	"reset_after",
	"slow_headers_before",
	"slow_headers_after",
	"slow_body",
	"cut_body",
	"oversized",
	"hang",
	"200_ratelimited",
	"200_error_before",
	"200_error_after",
	"200_refused",
	"probe_lags",
	"probe_withholds",
	"probe_has_more",
] as const;
export type FaultName = (typeof FAULTS)[number];

/** Percent of the requests. */
type Mixture = Partial<Record<FaultName, number>>;

export const HTTP: Mixture = {
	"429_seconds": 0.3,
	"429_date": 0.3,
	"500_before": 4,
	"500_after": 4,
	reset_before: 2,
	reset_after: 2,
	slow_headers_before: 0.5,
	slow_headers_after: 1,
	slow_body: 1,
	cut_body: 1,
	oversized: 1,
	hang: 1,
};

export const SLACK_POST: Mixture = {
	...HTTP,
	"200_ratelimited": 0.5,
	"200_error_before": 2,
	"200_error_after": 3,
	"200_refused": 0.5,
};

/** What changes nothing when it is repeated cannot act twice. */
export const SLACK_DELETE: Mixture = { ...HTTP, "200_error_after": 2 };

export const SLACK_PROBE: Mixture = {
	"429_seconds": 0.5,
	"500_before": 4,
	reset_before: 2,
	oversized: 1,
	hang: 1,
	"200_ratelimited": 0.5,
	probe_lags: 4,
	probe_withholds: 2,
	probe_has_more: 2,
};

/** Mulberry32: small, and the same on every machine. Answers numbers in [0, 1). */
export function randomOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

export interface Faults {
	/** What is wrong with the next answer; null if nothing is. */
	draw: (mixture: Mixture) => FaultName | null;
	stop: () => void;
	counts: Map<FaultName, number>;
}

export function faultsOf(random: () => number): Faults {
	const counts = new Map<FaultName, number>();
	let active = true;
	const draw = (mixture: Mixture) => {
		let left = random() * 100;
		for (const name of FAULTS) {
			left -= mixture[name] ?? 0;
			if (left >= 0) continue;
			if (!active) return null;
			counts.set(name, (counts.get(name) ?? 0) + 1);
			return name;
		}
		return null;
	};
	return {
		draw,
		counts,
		stop: () => {
			active = false;
		},
	};
}
