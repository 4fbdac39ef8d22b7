// Tests that start the real development server as a process of its own: crashes and the demonstration.

import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/crash/**/*.test.ts", "test/demo/**/*.test.ts"],
		fileParallelism: false,
		testTimeout: 240_000,
	},
});
