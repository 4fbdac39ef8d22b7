// Everything that runs in plain Node: the pure core, connectors, registry rules, the simulation, the architecture.

import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		exclude: ["test/worker/**", "test/scenario/**", "test/crash/**", "test/demo/**", "node_modules/**"],
		// A busy machine is slow; what hangs is found all the same.
		testTimeout: 60_000,
	},
});
