/// <reference types="@cloudflare/vitest-plugin/types" />

// The bindings that tests find in `env` of cloudflare:workers: the worker's own, and the registry's migrations.

import type { D1Migration } from "cloudflare:test";
import type { Env as WorkerEnv } from "../../src/env";

declare global {
	namespace Cloudflare {
		interface Env extends WorkerEnv {
			TEST_MIGRATIONS: D1Migration[];
		}
		interface GlobalProps {
			mainModule: { default: ExportedHandler<WorkerEnv> };
		}
	}
}
