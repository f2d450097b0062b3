// Everything about a block that can be made again from the block: index, look-ups, time. What is written with a block, compared by
// `verify`, made again by `index`, removed by pruning.

import type { BlockFacts } from "./block-facts.ts";
import type { KeyValueReader, Operation } from "./key-value.ts";
import { blockHashKey, timeKey, transactionKey } from "./keys.ts";
import { postingsOf } from "./place-index.ts";
import { writeVarints } from "./varint.ts";

type Put = Extract<Operation, { type: "put" }>;

/** Letters of the keys that `indexOperations` writes. */
export const indexLetters = ["p", "i", "x", "t", "h"] as const;

export function indexOperations(facts: BlockFacts, blockHash: string): Put[] {
  const height = writeVarints([facts.height]);
  const operations: Put[] = [
    { type: "put", key: blockHashKey(blockHash), value: height },
    { type: "put", key: timeKey(facts.timeMs), value: height },
    ...postingsOf(facts),
  ];
  facts.transactions.forEach(({ id, hash }, index) => {
    const value = writeVarints([facts.height, index]);
    operations.push({ type: "put", key: transactionKey("id", id), value });
    operations.push({ type: "put", key: transactionKey("hash", hash), value });
  });
  return operations;
}

/** What the index says differently from the block that gives these operations; null when it agrees. */
export async function differenceOfIndex(reader: KeyValueReader, operations: readonly Put[]): Promise<string | null> {
  for (const { key, value } of operations) {
    const found = await reader.get(key);
    if (found === undefined)
      return "the index lacks an entry of the block; make it again with `npm run ledger -- index`";
    if (Buffer.compare(found, value) !== 0)
      return "the index differs from the block; make it again with `npm run ledger -- index`";
  }
  return null;
}
