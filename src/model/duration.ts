// Durations as people write them (`90s`, `10m`, `36h`, `7d`), in milliseconds once parsed.

import { z } from "zod";

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PATTERN = /^(\d{1,9})(ms|s|m|h|d)$/;

export const Duration = z
	.string()
	.regex(PATTERN, "write a duration as a whole number and a unit: 500ms, 90s, 10m, 36h or 7d")
	.transform((text) => {
		const [, digits, unit] = PATTERN.exec(text) ?? [];
		return Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
	});

/** A duration that is at least `minMs` and at most `maxMs`; both bounds are named in the message. */
export function durationBetween(min: string, max: string) {
	const minMs = Duration.parse(min);
	const maxMs = Duration.parse(max);
	return Duration.refine((ms) => ms >= minMs && ms <= maxMs, `must be between ${min} and ${max}`);
}
