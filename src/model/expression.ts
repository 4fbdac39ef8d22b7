// The text of a CEL expression. Whether it parses and stays within its limits is decided in core/expression.

import { z } from "zod";

export const Expression = z.string().min(1).max(4_096);
export type Expression = z.infer<typeof Expression>;
