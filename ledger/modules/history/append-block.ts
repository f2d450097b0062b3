// Appends each block to the history: two hashes for its leaf and some for the root, as many as the size has bits at most.

import { fromHex, hex } from "../../protocol/bytes.ts";
import { eventsRoot } from "../../protocol/event-root.ts";
import { appendLeaf, rootOfFrontier } from "../../protocol/growing-tree.ts";
import { type HistoryRecord, historyLeaf, historyState } from "../../protocol/history.ts";
import type { BlockEnd, Execution } from "../module.ts";

/** sha256(""), the root of a tree without leaves. */
const emptyRoot = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export function beginHistory({ state }: Execution): void {
  state.set(historyState.blocks, { frontier: [], root: emptyRoot, size: 0 } satisfies HistoryRecord);
}

/** @throws {Error} when the tree does not hold exactly the blocks before. */
export function appendBlock({ state, height, hash, events, hasher }: BlockEnd): void {
  const before = state.get<HistoryRecord>(historyState.blocks);
  if (before?.size !== height - 1)
    throw new Error(`the history holds ${before?.size ?? "no"} blocks before block ${height}`);
  const inner = (left: Uint8Array, right: Uint8Array): Uint8Array => hasher.innerHash(left, right);
  const leaf = hasher.leafHash(historyLeaf(hash, eventsRoot(hasher, events)));
  const { frontier } = appendLeaf(before.frontier.map(fromHex), before.size, leaf, inner);
  const record: HistoryRecord = {
    frontier: frontier.map(hex),
    root: hex(rootOfFrontier(frontier, inner)),
    size: height,
  };
  state.set(historyState.blocks, record);
}
