// verify: replays the chain from genesis, or from the state before the lowest kept block, and compares everything that is stored.

import { join } from "node:path";
import { replayChain } from "../consensus/replay.ts";
import { findDamage } from "../storage/level-files.ts";
import { repairAdvice, StoreError } from "../storage/store-error.ts";
import { chainFolderOf, newApplication, openForReading } from "./chain.ts";
import { type Command, progressOf, say } from "./command.ts";

export const verify: Command = {
  name: "verify",
  usage: "",
  summary: "replays the chain and compares headers, signatures, results, index and state",
  help:
    "Reads every file whole, executes every kept block on a fresh state machine (from genesis, or after pruning from the oldest\n" +
    "kept state) and compares what is stored with it. The ledger must be stopped. Status 1 when anything differs; nothing is changed.",
  async run(settings) {
    const damage = await findDamage(join(chainFolderOf(settings), "store"), true);
    if (damage !== null) throw new StoreError(`${damage.file}: ${damage.what}; ${repairAdvice}`);
    const { builder, genesis, store } = await openForReading(settings);
    try {
      const { lowest } = store;
      const report = await replayChain(store, builder, newApplication(), progressOf("verify"));
      say({ chain: genesis.chain, lowest, ...report });
      return report.fault === null ? 0 : 1;
    } finally {
      await store.close();
    }
  },
};
