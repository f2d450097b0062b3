// What the engine hands to the store for a block, and what the store makes of it.

import type { CommitFields, HeaderFields } from "../../wasm-core/bindings/comet.ts";
import type { StateChange } from "../modules/application.ts";
import { actsOf, type BlockFacts } from "./block-facts.ts";
import type { Head, Proposal, StoredResults } from "./records.ts";

/** Everything that one block adds. */
export interface BlockRecord {
  readonly head: Head;
  /** The protobuf bytes that the block's id binds. */
  readonly encoded: Uint8Array;
  /** Block time, UNIX milliseconds. */
  readonly timeMs: number;
  /** The commit that the validators signed for this very block. */
  readonly commit: CommitFields;
  readonly results: StoredResults;
  readonly changes: readonly StateChange[];
  /** In block order. Ids and hashes in hex. */
  readonly transactions: readonly BlockTransaction[];
}

/** A block that an engine elsewhere ordered: its header and commits come after it was executed (`LedgerStore.complete`). */
export type OpenBlockRecord = Omit<BlockRecord, "encoded" | "commit"> & { readonly encoded?: undefined };

/** What completes it. */
export interface BlockHead {
  readonly header: HeaderFields;
  readonly lastCommit: CommitFields;
  /** The commit that the validators signed for this very block. */
  readonly commit: CommitFields;
  /** As CometBFT writes it in JSON; mostly empty. */
  readonly evidence: readonly unknown[];
  /** Bytes of the protobuf-encoded block. */
  readonly size: number;
}

/** A block whose head is still to come. */
export interface OpenBlock {
  readonly height: number;
  /** The header's hash, hex. */
  readonly hash: string;
  /** Block time, UNIX milliseconds. */
  readonly timeMs: number;
}

export interface BlockTransaction {
  readonly id: string;
  readonly hash: string;
  readonly bytes: Uint8Array;
}

type FactSource = Pick<BlockRecord, "timeMs" | "results" | "transactions"> & { readonly head: Pick<Head, "height"> };

/** What the index and the totals are made from. */
export function factsOf({ head, timeMs, results, transactions }: FactSource): BlockFacts {
  return {
    height: head.height,
    timeMs,
    transactions: transactions.map(({ id, hash, bytes }, index) => {
      const { code, refusal, events } = results.transactions[index]!;
      return { id, hash, bytes: bytes.length, code, refusal, events, ...actsOf(bytes) };
    }),
    events: results.events,
  };
}

/** Whether the proposal's transactions, which are on disk, are the block's. */
export function isProposed(proposed: Proposal | null, height: number, transactions: readonly Uint8Array[]): boolean {
  if (proposed?.height !== height || proposed.transactions.length !== transactions.length) return false;
  return proposed.transactions.every((bytes, index) => Buffer.compare(bytes, transactions[index]!) === 0);
}
