import { defineConfig } from "vitest/config";

// Unit tests stand beside their source; tests/ holds conformance, simulation, cluster, browser and tidy.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{settings,supervisor,wasm-core,ledger,world-server,worlds}/**/*.test.ts",
            "client/**/*.test.{ts,tsx}",
            "tests/{bench,conformance,simulation,tidy}/**/*.test.ts",
          ],
          // Only what hangs comes to these: a machine that is busy with other things may be many times slower.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "cluster",
          include: ["tests/cluster/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
