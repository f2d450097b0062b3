// The offline commands keep to GLASSTOWN_LEDGER_STATE_MIB as the server does, and say so when it is too little.

import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";
import { readSettings } from "../../settings/settings.ts";
import { StateTreeFull } from "../../wasm-core/bindings/state-tree.ts";
import { backup } from "./backup.ts";
import { parseInput } from "./command.ts";
import { exportState } from "./export.ts";
import { importState } from "./import.ts";
import { prune } from "./prune.ts";
import { repair } from "./repair.ts";
import { complain } from "./serve.ts";
import { test } from "./test-folders.ts";
import { makeBlocks } from "./test-process.ts";
import { verify } from "./verify.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("each command that holds the state is bounded, and leaves the ledger as it was", async ({ root, data, other }) => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await makeBlocks(data, 4);
  const roomy = readSettings({ GLASSTOWN_DATA: data });
  const copy = join(root, "backup");
  const snapshot = join(root, "snapshot");
  await backup.run(roomy, parseInput(backup, [copy]));
  await exportState.run(roomy, parseInput(exportState, [snapshot, "--from", copy]));
  const tight = { ...roomy, ledgerStateMib: 0 };
  for (const [command, args] of [
    [verify, []],
    [verify, ["--from", copy]],
    [exportState, [join(root, "a")]],
    [exportState, [join(root, "b"), "--from", copy]],
    [prune, ["--keep", "1"]],
    [repair, []],
  ] as const)
    await expect(command.run(tight, parseInput(command, args)), command.name).rejects.toThrow(StateTreeFull);
  const elsewhere = { ...tight, data: other };
  await expect(importState.run(elsewhere, parseInput(importState, [snapshot]))).rejects.toThrow(StateTreeFull);
  expect(await verify.run(roomy, parseInput(verify, []))).toBe(0);
}, 60_000);

test("what is said names the setting and its value", () => {
  vi.stubEnv("GLASSTOWN_LEDGER_STATE_MIB", "64");
  const said: unknown[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(text) > 0);
  complain(new StateTreeFull("the state tree is full"));
  vi.unstubAllEnvs();
  expect(said).toEqual([
    "ledger: the state takes more memory than GLASSTOWN_LEDGER_STATE_MIB allows, which is 64; raise it (4096 at most)\n",
  ]);
});
