// kill -9 of the ledger process under load, twenty times at random moments; 200 times in the soak (`--only ledger/kill`).
// GLASSTOWN_SEED repeats a run's choices; GLASSTOWN_KILLS sets how many.

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { killAndCheck } from "./kill-ledger.ts";

const kills = Number(process.env["GLASSTOWN_KILLS"] ?? 20);
const seed = Number(process.env["GLASSTOWN_SEED"] ?? randomBytes(4).readUInt32LE());

test(`${kills} times kill -9 (seed ${seed})`, { timeout: 60_000 + kills * 20_000 }, async () => {
  console.log(`kill.test: GLASSTOWN_SEED=${seed} GLASSTOWN_KILLS=${kills}`);
  const report = await killAndCheck(kills, seed);
  expect(report.kills).toBe(kills);
  console.log(`kill.test: ${report.acknowledged} acknowledged, ${report.blocks} blocks, app hash ${report.appHash}`);
});
