// What the store answers per block: CometBFT JSON of the block and its commit, and the results in our own words. How it lies on
// disk is said in block-records.ts.

import type { TransactionResult } from "../modules/application.ts";
import { hex } from "../protocol/bytes.ts";
import {
  type BlockIdJson,
  type BlockJson,
  type CommitJson,
  fromBase64,
  type HeaderJson,
  toBase64,
} from "../protocol/comet.ts";
import type { LedgerEvent } from "../protocol/rest.ts";

export interface StoredBlock {
  readonly block_id: BlockIdJson;
  readonly block: BlockJson;
  /** The commit that the validators signed for this very block. */
  readonly commit: CommitJson;
  /** Bytes of the protobuf-encoded block. */
  readonly size: number;
}

/** A block without its transactions. */
export interface SignedHeader {
  readonly block_id: BlockIdJson;
  readonly header: HeaderJson;
  /** The commit that the validators signed for this very block. */
  readonly commit: CommitJson;
  /** Bytes of the protobuf-encoded block. */
  readonly size: number;
}

/** A transaction's result as stored; `data` is base64. */
export interface StoredResult extends Omit<TransactionResult, "data"> {
  readonly data: string;
}

export interface StoredResults {
  /** State root after the block, hex. */
  readonly appHash: string;
  /** Transaction ids in block order, hex: kept so that reading many blocks needs no hashing. */
  readonly ids: readonly string[];
  readonly transactions: readonly StoredResult[];
  readonly events: readonly LedgerEvent[];
}

/** The newest block. */
export interface Head {
  readonly chain: string;
  /** 0 before the first block. */
  readonly height: number;
  /** Block hash, hex; empty before the first block. */
  readonly hash: string;
  /** State root after that block, hex. */
  readonly appHash: string;
}

/** A member of a set of validators; its address follows from the key. */
export interface StoredValidator {
  /** Ed25519, hex. */
  readonly key: string;
  /** Decimal. */
  readonly power: string;
}

/** Where something stands in the chain; index -1 is the block itself (its own events). */
export interface Place {
  readonly height: number;
  readonly index: number;
}

/** A page of places: heights from..to inclusive, after (exclusive) a cursor in walking order. */
export interface PlaceRange {
  readonly from?: number;
  readonly to?: number;
  readonly descending?: boolean;
  readonly after?: Place;
  readonly limit: number;
}

/** A block that was about to be signed: found after a crash, it is the one that must be made again. */
export interface Proposal {
  readonly height: number;
  readonly voteTimeMs: number;
  readonly transactions: readonly Uint8Array[];
}

function storedResultOf(result: TransactionResult): StoredResult {
  return { ...result, data: toBase64(result.data) };
}

export function resultOfStored(result: StoredResult): TransactionResult {
  return { ...result, data: fromBase64(result.data) };
}

export function storedResultsOf(
  appHash: Uint8Array,
  ids: readonly string[],
  results: readonly TransactionResult[],
  events: readonly LedgerEvent[],
): StoredResults {
  return { appHash: hex(appHash), ids, transactions: results.map(storedResultOf), events };
}
