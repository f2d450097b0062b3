// index: makes the index, the look-ups and the daily totals again from the blocks.

import { openForReading } from "./chain.ts";
import { type Command, progressOf, say } from "./command.ts";

export const rebuildIndex: Command = {
  name: "index",
  usage: "",
  summary: "makes the index, the daily totals and the history's nodes again from the blocks",
  help:
    "The ledger must be stopped. When it is interrupted, run it again: until then the ledger does not start. Totals of days of which\n" +
    "blocks were pruned stay as they are.",
  async run(settings) {
    const { genesis, store } = await openForReading(settings);
    try {
      await store.rebuildIndex(progressOf("index"));
      say({ chain: genesis.chain, lowest: store.lowest, height: store.head!.height, index: "made again" });
      return 0;
    } finally {
      await store.close();
    }
  },
};
