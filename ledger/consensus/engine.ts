// What orders the chain's blocks, as those see it who read the chain and send transactions: the same for every engine.

import type { StoredBlock, StoredResults } from "../storage/records.ts";
import type { Submission } from "./admission.ts";
import type { Outcome } from "./commit-waiters.ts";
import type { Mempool } from "./mempool.ts";

/** A block that is on disk. */
export interface CommittedBlock {
  readonly height: number;
  readonly stored: StoredBlock;
  readonly results: StoredResults;
  /** Milliseconds that executing it and writing it, synced, took: for the operator's figures only. */
  readonly timings: { readonly executeMs: number; readonly storeMs: number };
}

export interface Engine {
  /** Height of the newest block on disk, header and commits included. */
  readonly height: number;
  /** State root after it. */
  readonly appHash: Uint8Array;
  readonly mempool: Mempool;
  /**
   * Checks a transaction and takes it into the mempool. Bytes that are already waiting are accepted again.
   * @throws what a module throws: a bug.
   */
  submit(bytes: Uint8Array): Promise<Submission>;
  /** Waits until a pending transaction is in a block or dropped; null when the time is over or too many wait already. */
  outcomeOf(id: string, timeoutMs: number): Promise<Outcome | null>;
  /** Calls back after each block is on disk. The answer ends it. */
  onBlock(listener: (block: CommittedBlock) => void): () => void;
}
