// What a step can use besides the actions of connectors.

export const BUILT_IN = ["approve", "wait"] as const;
export type BuiltIn = (typeof BUILT_IN)[number];

export function builtInOf(use: unknown): BuiltIn | undefined {
	return BUILT_IN.find((name) => name === use);
}
