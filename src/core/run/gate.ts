// What stands before the first step of a run that may not begin by itself.

import type { Approval } from "../../model/entity";
import type { FailureClass } from "../../model/outcome";

/** It has failed before its first step, or a person has to decide. */
export type Gate = { class: FailureClass; reason: string } | { approval: Approval };
