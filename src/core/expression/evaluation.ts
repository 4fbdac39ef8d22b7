// The one evaluation that is going on. The library's functions get their arguments and nothing else, so what an
// evaluation may still spend, its event and its compiled patterns are kept here while it runs. Evaluating is
// synchronous and calls nothing that could evaluate again, so there is never a second one.

import type { CelInput, CelList } from "@bufbuild/cel";
import { err, type Result } from "../../model/result";
import { COST_MAX, FAILURE_COST } from "./limits";
import type { Pattern } from "./pattern";
import type { ExpressionProblem } from "./problem";

export interface Evaluation {
	scope: Record<string, CelInput>;
	patterns: readonly Pattern[];
	/** Views of lists that were read before. */
	lists: Map<unknown[], CelList>;
	left: number;
	/** The first limit that was reached. Kept apart because `||` and `exists` swallow errors. */
	exceeded: string | null;
}

let current: Evaluation | null = null;

/**
 * Runs `work` as the current evaluation. The library turns what is thrown below it into values; what is thrown beside
 * it, like a limit that is met while the result is copied, ends here.
 */
export function during<T>(
	parts: Pick<Evaluation, "scope" | "patterns">,
	work: () => Result<T, EvaluationFailure>,
): Result<T, EvaluationFailure> {
	const evaluation: Evaluation = { ...parts, lists: new Map(), left: COST_MAX, exceeded: null };
	current = evaluation;
	let result: Result<T, EvaluationFailure>;
	try {
		result = work();
	} catch (error) {
		result = err({ reason: "evaluation", message: error instanceof Error ? error.message : String(error) });
	} finally {
		current = null;
	}
	return evaluation.exceeded === null ? result : err({ reason: "limit", message: evaluation.exceeded });
}

export interface EvaluationFailure {
	reason: ExpressionProblem["reason"];
	message: string;
	/** From the beginning of the expression. */
	offset?: number;
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
	charge(FAILURE_COST);
	throw new Error(message);
}
