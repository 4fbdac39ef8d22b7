// A step between what its author wrote and what it is compiled to: what its checks are given, and what they find.

import type { StepPlan } from "../../model/plan";
import type { Path } from "../expression/path";
import type { Program } from "../expression/program";
import type { Catalogue, CompiledStep } from "./compile";
import type { Report } from "./schema-issues";

/** What a step of `on_failure` cannot have. */
export const FORWARD_KEYS = ["undo", "for_each", "concurrency"];

export interface StepCheck {
	path: Path;
	/** The step as it was written, whatever is wrong with it. */
	raw: Record<string, unknown>;
	catalogue: Catalogue;
	report: Report;
	/** The workflow joins events: `branches` can be read. */
	joins: boolean;
	isOnFailure: boolean;
	compensates: boolean;
}

/** An expression, and where it stands. What an undo reads, it reads after its step has ended. */
export interface PlacedProgram {
	path: Path;
	program: Program;
	isUndo?: true;
}

/** A step as far as it could be read. What is returned counts only if nothing was reported. */
export interface CheckedStep {
	/** Empty if it has none. */
	id: string;
	path: Path;
	raw: Record<string, unknown>;
	/** Undefined if nobody knows what it does. */
	use: string | undefined;
	template: CompiledStep["template"] | undefined;
	undo: CompiledStep["undo"];
	output?: CompiledStep["output"];
	/** Names that later steps can read of its output; undefined where that is not known. */
	fields: readonly string[] | undefined;
	/** True if its output is a list, of what each element's was. */
	isList: boolean;
	programs: readonly PlacedProgram[];
	/** Without its needs. */
	plan: StepPlan;
}
