// verify: replays the chain from genesis, or from the state before the lowest kept block, and compares everything that is stored.

import { join, resolve } from "node:path";
import type { Settings } from "../../settings/settings.ts";
import { type Progress, replayChain } from "../consensus/replay.ts";
import { checkBackup } from "../storage/backup.ts";
import { findDamage } from "../storage/level-files.ts";
import { repairAdvice, StoreError } from "../storage/store-error.ts";
import { chainFolderOf, newApplication, openBackedUp, openForReading, type ReadableChain } from "./chain.ts";
import { type Command, progressOf, say } from "./command.ts";

export const verify: Command = {
  name: "verify",
  usage: "[--from <backup>]",
  summary: "replays the chain and compares headers, signatures, results, index and state",
  help:
    "Reads every file whole, executes every kept block on a fresh state machine (from genesis, or after pruning from the oldest\n" +
    "kept state) and compares what is stored with it. The ledger must be stopped; while it\n" +
    "runs, make a backup and give its folder to --from, which reads it without changing it and compares it with its digest too.\n" +
    "Status 1 when anything differs; nothing is changed.",
  values: ["from"],
  async run(settings, input) {
    const { from } = input.values;
    const progress = progressOf("verify");
    if (from !== undefined) return verifyBackup(settings, resolve(from), progress);
    const damage = await findDamage(join(chainFolderOf(settings), "store"));
    if (damage !== null) throw new StoreError(`${damage.file}: ${damage.what}; ${repairAdvice}`);
    const chain = await openForReading(settings);
    try {
      return await replay(settings, chain, progress);
    } finally {
      await chain.store.close();
    }
  },
};

async function verifyBackup(settings: Settings, folder: string, progress: Progress): Promise<number> {
  const chain = await openBackedUp(folder);
  try {
    await checkBackup(folder, chain.backup, chain.store.keyValue, () => undefined);
    return await replay(settings, chain, progress);
  } finally {
    await chain.store.close();
  }
}

async function replay(
  settings: Settings,
  { builder, genesis, store }: ReadableChain,
  progress: Progress,
): Promise<number> {
  const { lowest } = store;
  const report = await replayChain(store, builder, newApplication(settings), progress);
  say({ chain: genesis.chain, lowest, ...report });
  return report.fault === null ? 0 : 1;
}
