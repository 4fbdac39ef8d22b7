// The one evaluation that is going on. The library's functions get their arguments and nothing else, so what an
// evaluation may still spend, its event and its compiled patterns are kept here while it runs. Evaluating is
// synchronous and calls nothing that could evaluate again, so there is never a second one.

import type { CelInput } from "@bufbuild/cel";
import { COST_MAX } from "./limits";
import type { Pattern } from "./pattern";

export interface Evaluation {
	scope: Record<string, CelInput>;
	patterns: readonly Pattern[];
	left: number;
	/** The first limit that was reached. Kept apart because `||` and `exists` swallow errors. */
	exceeded: string | null;
}

let current: Evaluation | null = null;

/** Runs `work` as the current evaluation and says which limit it reached, if any. */
export function during<T>(parts: Pick<Evaluation, "scope" | "patterns">, work: () => T): [T, string | null] {
	const evaluation: Evaluation = { ...parts, left: COST_MAX, exceeded: null };
	current = evaluation;
	try {
		return [work(), evaluation.exceeded];
	} finally {
		current = null;
	}
}

export function evaluation(): Evaluation {
	if (current === null) throw new Error("nothing is being evaluated");
	return current;
}

/** Pays for work that is about to be done. */
export function charge(cost: number): void {
	const running = evaluation();
	running.left -= cost;
	if (running.left < 0) exceed("the expression takes too long on these values; make it walk or compare less");
}

/** Ends what is being computed: the library turns what its functions throw into error values. */
export function exceed(message: string): never {
	const running = evaluation();
	running.exceeded ??= message;
	throw new Error(message);
}

export function fail(message: string): never {
	throw new Error(message);
}
