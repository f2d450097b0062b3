// prune --keep N: removes blocks, results and index below the newest N blocks. The state before the lowest kept block stays, so that
// what is kept can still be replayed.

import type { Settings } from "../../settings/settings.ts";
import { Replay } from "../consensus/replay.ts";
import { baseFile, baseHeights, readBase, removeBasesBelow, writeBase } from "../storage/base-state.ts";
import { StoreError } from "../storage/store-error.ts";
import { newApplication, openForReading, pagesOf, type ReadableChain } from "./chain.ts";
import { type Command, progressOf, say, UsageError } from "./command.ts";

export const prune: Command = {
  name: "prune",
  usage: "--keep <blocks>",
  summary: "removes blocks, results and index below the newest ones",
  help:
    "Replays the blocks that it removes, so that the state before the first kept block is exactly theirs, and keeps that state in\n" +
    "data/ledger/base for `verify` and `repair`. Daily totals stay. The ledger must be stopped; a running one prunes by itself with\n" +
    "GLASSTOWN_LEDGER_KEEP_BLOCKS. What is removed is gone: take a backup first.",
  values: ["keep"],
  async run(settings, input) {
    const text = input.values["keep"] ?? "";
    const keep = Number(text);
    if (!/^[0-9]{1,15}$/.test(text) || keep < 1)
      throw new UsageError(
        `--keep is "${text}", but must be a whole number from 1; usage: npm run ledger -- prune ${prune.usage}`,
      );
    const chain = await openForReading(settings);
    try {
      const { folder, store } = chain;
      const from = store.lowest;
      const to = store.head!.height - keep + 1;
      const progress = progressOf("prune");
      if (to > from) {
        await writeStateBefore(settings, chain, to, progress);
        await store.forgetBelow(to);
      }
      // Also what an interrupted run left behind.
      for (let swept = 0, step = 1; step > 0; swept += step) {
        step = await store.sweep(100);
        progress(swept, to - from);
      }
      await store.flush();
      if (store.lowest > 1) await removeBasesBelow(folder, store.lowest - 1);
      say({
        chain: chain.genesis.chain,
        removed: store.lowest - from,
        lowest: store.lowest,
        height: store.head!.height,
      });
      return 0;
    } finally {
      await chain.store.close();
    }
  },
};

/** Writes the state before a block, from the nearest state that is known. */
async function writeStateBefore(
  settings: Settings,
  { builder, folder, store }: ReadableChain,
  height: number,
  progress: (done: number, end: number) => void,
): Promise<void> {
  const application = newApplication(settings);
  const known = (await baseHeights(folder)).filter((each) => each < height && each >= store.lowest - 1).at(-1);
  if (known === height - 1) return;
  if (known === undefined && store.lowest > 1)
    throw new StoreError(`${baseFile(folder, store.lowest - 1)}: is missing; without it the chain cannot be replayed`);
  const start =
    known === undefined
      ? Replay.fromGenesis(builder, application)
      : await Replay.fromState(
          builder,
          application,
          (await store.block(known + 1))!,
          readBase(baseFile(folder, known)),
        );
  if (typeof start === "string") throw new StoreError(`${baseFile(folder, known!)}: ${start}`);
  while (start.position.height < height - 1) {
    const at = start.position.height + 1;
    const [stored, results] = [await store.block(at), await store.results(at)];
    const next = stored === null ? "is missing" : start.next(stored, results);
    if (typeof next === "string") throw new StoreError(`${store.folder}: block ${at}: ${next}; nothing was removed`);
    progress(at, height);
  }
  await writeBase(baseFile(folder, height - 1), pagesOf(application));
}
