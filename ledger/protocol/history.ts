// Wire types of the history: the tree of all headers whose root stands in the state, so that one header proves every earlier one.
// Leaf i is of block i + 1: its header's hash and the root over the block's own events, 64 bytes. Free of zod: browsers load it.

/** State `history/tree/blocks`, of every block so far. Hashes in hex. */
export interface HistoryRecord {
  /** Roots of the perfect subtrees that the size is made of, the largest first: one for each set bit of the size. */
  readonly frontier: readonly string[];
  /** RFC 6962's root over all leaves. */
  readonly root: string;
  /** Leaves, as many as there are blocks. */
  readonly size: number;
}

export const historyState = { blocks: "history/tree/blocks" } as const;

/** The leaf of a block: its header's hash, then the root over its own events (those that are no transaction's), 32 bytes each. */
export function historyLeaf(header: Uint8Array, events: Uint8Array): Uint8Array<ArrayBuffer> {
  if (header.length !== 32 || events.length !== 32)
    throw new RangeError(`a leaf is of two hashes of 32 bytes, not of ${header.length} and ${events.length}`);
  const leaf = new Uint8Array(64);
  leaf.set(header);
  leaf.set(events, 32);
  return leaf;
}

/** Answer of GET /v1/history/{height}: that a header is in the tree of a size. Hashes in hex. */
export interface HistoryProofAnswer {
  readonly height: number;
  /** Leaves of the tree that the path leads to: its root is in the state after the block of this height. */
  readonly size: number;
  /** Hash of the block's header. */
  readonly header: string;
  /** Root over the block's own events. */
  readonly events: string;
  /** RFC 9162's inclusion path of leaf `height - 1`, from the leaf upwards. */
  readonly path: readonly string[];
}
