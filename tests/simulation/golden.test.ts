// App hashes are a promise to everyone who keeps blocks: a change of one is a deliberate act (ledger/modules/README.md).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { goldenLines } from "./golden.ts";

it("the app hashes of a seeded run over all modules are those on record", { timeout: 300_000 }, async () => {
  const recorded = readFileSync(join(import.meta.dirname, "golden-app-hashes.txt"), "utf8")
    .trimEnd()
    .split("\n");
  expect(recorded.length).toBeGreaterThan(10);
  expect(await goldenLines()).toEqual(recorded);
});
