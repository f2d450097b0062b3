// Any file of a chain, damaged anywhere: the ledger says in one line what is wrong, or nothing is. Never does it go on with something
// lost or changed, and never does it answer with a stack trace.

import { randomInt } from "node:crypto";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { findDamage } from "../storage/level-files.ts";
import { StoreError } from "../storage/store-error.ts";
import { replayChain } from "./replay.ts";
import {
  advanceToBlock,
  ManualClock,
  makeTestFolder,
  newApplication,
  openTestChain,
  removeTestFolder,
  submitSomeone,
} from "./test-chain.ts";

/** The first once met a read error of LevelDB that named no folder. */
const seeds = [502_979_425, Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31))];
let folder: string;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => removeTestFolder(folder));

/** Two starts, so that there are a table and a log. */
async function makeChain(
  whole: string,
  clock: ManualClock,
): Promise<{ readonly height: number; readonly hash: string }> {
  let head = { height: 0, hash: "" };
  for (const start of [1, 2]) {
    const chain = await openTestChain({ folder: whole, clock });
    await chain.engine.start();
    for (let block = 0; block < 4; block++) {
      await submitSomeone(chain, `Citizen ${start} ${block}`);
      await advanceToBlock(chain, clock, 10_000);
    }
    head = chain.store.head!;
    await chain.close();
  }
  return head;
}

test.each(seeds)(
  "a flipped bit, a cut, a missing file (seed %i)",
  async (seed) => {
    const random = seededNumbers(seed);
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const whole = join(folder, "whole");
    const head = await makeChain(whole, clock);
    const names = (await readdir(whole, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !["LOCK", "LOG", "LOG.old", "mempool.journal"].includes(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(whole.length + 1));
    let refused = 0;
    for (let round = 0; round < 60; round++) {
      const copy = join(folder, "copy");
      await rm(copy, { recursive: true, force: true });
      await cp(whole, copy, { recursive: true });
      const name = names[round % names.length]!;
      const file = join(copy, name);
      const bytes = await readFile(file);
      const kind = random(6);
      const at = random(bytes.length);
      if (kind === 0) await rm(file);
      else if (kind === 1) await writeFile(file, bytes.subarray(0, at));
      else {
        bytes[at]! ^= 1 << random(8);
        await writeFile(file, bytes);
      }
      const what = `round ${round}: ${name}, ${kind === 0 ? "gone" : kind === 1 ? `cut at ${at}` : `bit in byte ${at}`}`;
      // What `verify` looks at first; a start looks at a part of it.
      const damage = await findDamage(join(copy, "store"));
      let said: unknown = null;
      try {
        const chain = await openTestChain({ folder: copy, clock });
        try {
          // Everything that was acknowledged is there, or it is made again from the proposal.
          await chain.engine.start();
          expect(await chain.store.heightOf(head.hash), what).toBe(head.height);
          const report = await replayChain(chain.store, chain.builder, newApplication());
          if (damage === null) expect(report.fault, what).toBeNull();
        } finally {
          await chain.close();
        }
      } catch (error) {
        said = error;
      }
      if (said === null) continue;
      refused++;
      expect(said, what).toBeInstanceOf(StoreError);
      expect((said as Error).message, what).not.toContain("\n");
      expect((said as Error).message, what).toContain(copy);
    }
    expect(refused).toBeGreaterThan(20);
  },
  120_000,
);
