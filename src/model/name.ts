// Names that people choose. Everything that ends up in an object's name or a path is held to one alphabet.

import { z } from "zod";

const kebab = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export const Name = z
	.string()
	.min(1)
	.max(63)
	.regex(kebab, "use lower-case letters, digits and single hyphens, starting with a letter, like deal-in-review");
export type Name = z.infer<typeof Name>;

/** Step ids are read in expressions as `steps.<id>`, so they are identifiers. */
export const StepId = z
	.string()
	.min(1)
	.max(63)
	.regex(/^[a-z][a-z0-9_]*$/, "use lower-case letters, digits and underscores, starting with a letter, like post_note");
export type StepId = z.infer<typeof StepId>;
