// Everything that runs in workerd: the worker itself with its real bindings. Storage is fresh for every test file.

import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { TEST_SETTINGS } from "./test/worker/settings.ts";

/** As in wrangler.toml, but for how long facts wait for company: most scenarios wait with them. */
const JOURNAL = {
	maxBatchSize: 100,
	maxBatchTimeout: 0.05,
	maxRetries: 20,
	deadLetterQueue: "signalbox-journal-dead",
};

export default defineConfig(async () => ({
	plugins: [
		cloudflareTest({
			wrangler: { configPath: "./wrangler.toml" },
			miniflare: {
				queueConsumers: { "signalbox-journal": JOURNAL },
				bindings: { ...TEST_SETTINGS, TEST_MIGRATIONS: await readD1Migrations("./src/registry/migrations") },
			},
		}),
	],
	test: {
		include: ["test/worker/**/*.test.ts", "test/scenario/**/*.test.ts"],
		setupFiles: ["./test/worker/setup.ts"],
		globalSetup: ["./test/scenario/support/outside-setup.ts", "./test/worker/support/receiver-setup.ts"],
		// Each file has a runtime of its own, and two cores are soon full.
		maxWorkers: 2,
		// A busy machine is slow; what hangs is found all the same.
		testTimeout: 60_000,
		expect: { poll: { timeout: 15_000 } },
	},
}));
