// Random timings. A join's condition stands here twice: as the text that the core reads, and as what it means.

import type { JoinPlan, TimingPlan } from "../../src/model/plan";
import { KINDS, type Kind } from "./events";
import type { Prng } from "./prng";

type Has = (branch: Kind) => boolean;

/** Conditions over the names of branches, and what each means. All of them hold once every branch has come. */
export const NEEDS: Record<string, (has: Has) => boolean> = {
	"a && b": (has) => has("a") && has("b"),
	"a || b": (has) => has("a") || has("b"),
	"(a || b) && has_no_such": () => false,
	"a != b || (a && b)": (has) => has("a") !== has("b") || (has("a") && has("b")),
};
/** The one that cannot be evaluated, and so never holds. */
const ERRING = "(a || b) && has_no_such";

export function timingOf(prng: Prng, scale: number): TimingPlan {
	const kind = prng.between(0, 9);
	if (kind <= 2) return { kind: "immediate" };
	if (kind <= 6) return debounceOf(prng, scale);
	const limits = { max_events: prng.pick([2, 4, 1_000]), max_bytes: 1_048_576, top_n: 3 };
	if (kind === 7)
		return { kind: "aggregate", every: "*/10 * * * *", tz: "Europe/Berlin", when_empty: "run", ...limits };
	return { kind: "aggregate", window: scale * 2, when_empty: "skip", ...limits };
}

export function debounceOf(prng: Prng, scale: number): TimingPlan {
	return {
		kind: "debounce",
		quiet: scale,
		max_wait: Math.floor(scale * prng.pick([0.5, 1, 2, 4])),
		edge: prng.chance(0.25) ? "leading" : "trailing",
		keep: prng.chance(0.3) ? "all" : "latest",
	};
}

export function joinOf(prng: Prng, scale: number): JoinPlan {
	const names = KINDS.slice(0, prng.between(2, KINDS.length));
	const role = (i: number) => (i < 2 || prng.chance(0.4) ? "required" : prng.pick(["optional", "veto"] as const));
	const branches = Object.fromEntries(names.map((name, i) => [name, role(i)] as const));
	const required = Object.values(branches).filter((role) => role === "required").length;
	const written = Object.keys(NEEDS).filter((text) => text !== ERRING || prng.chance(0.2));
	return {
		kind: "join",
		branches,
		need: prng.chance(0.3) ? prng.pick(written) : prng.pick([required, prng.between(1, required)]),
		by: Math.floor(scale * prng.pick([1, 3, 10])),
		on_short: prng.pick(["fail", "proceed", "escalate"] as const),
		late: prng.pick(["ignore", "reopen"] as const),
	};
}
