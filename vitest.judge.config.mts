// `npm run judge`: our golden requests before the vendors' own published descriptions, of which a clone of each is needed.

import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/judge/**/*.judge.ts"] } });
