// What an expression may cost. Authors of workflows are trusted with their own data, not with the isolate that they
// share: each limit bounds time or memory for the worst text and the worst event, and none is met by ordinary use.

/** Characters of one expression. */
export const SOURCE_MAX = 4_096;

/** Brackets inside brackets; the parser recurses about ten calls for each. */
export const NESTING_MAX = 64;

/** Nodes of the syntax tree, macros expanded. */
export const NODES_MAX = 500;

/** Comprehensions (`exists`, `map`, …) inside each other's bodies. */
export const COMPREHENSION_DEPTH_MAX = 2;

/** Comprehensions that feed each other, like `.filter(…).map(…)`. */
export const COMPREHENSION_CHAIN_MAX = 4;

/** Characters of a `matches` pattern, and states of the automaton that it becomes. */
export const PATTERN_MAX = 256;
export const PATTERN_STATES_MAX = 2_000;

/**
 * Units that one evaluation may spend: about one per node that is evaluated, plus the size of what functions read.
 * A unit takes between a tenth and a quarter of a microsecond, so the longest evaluation takes some 50 ms.
 */
export const COST_MAX = 250_000;

/** Units for making an error that `||` or `exists` may swallow; it records where it was made, which is slow. */
export const FAILURE_COST = 250;

/** Elements of a list that a comprehension walks or an expression builds. Longer ones can be indexed and measured. */
export const LIST_MAX = 1_000;

/**
 * Characters of a text that an expression computes with or builds. Inputs are not capped as a whole, because they are
 * neither copied nor measured: an expression pays for what it touches, and longer texts may pass through untouched.
 */
export const TEXT_MAX = 65_536;

/** Objects and lists inside each other, where a value is compared or leaves the engine. */
export const DEPTH_MAX = 64;

/** Characters of one result as JSON text. */
export const OUTPUT_MAX = 102_400;

/** Characters of a rendered template as JSON text. */
export const RENDERED_MAX = 262_144;

/** Expressions of one template. */
export const TEMPLATE_EXPRESSIONS_MAX = 200;
