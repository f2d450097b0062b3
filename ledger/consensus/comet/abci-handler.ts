// ABCI 2.0 (CometBFT v0.38, v0.39) in our own words: what CometBFT asks of the application, one method a request, without sockets.
// All calls come one after the other, whatever connection they came on. What throws is a bug or a disagreement with CometBFT: the
// server answers an exception and the process ends.

import type { LedgerEvent } from "../../protocol/rest.ts";

/** Heights are whole numbers to 2^53 - 1, times UNIX milliseconds (rounded down), hashes and keys bytes. */
export interface AbciHandler {
  info(): AbciInfo;
  /** Comes again when CometBFT ended before its first block: the answer must be the same. */
  initChain(request: InitChain): Promise<InitChainAnswer>;
  /** New ones, together as they came; answers in their order. */
  checkNew(transactions: readonly Uint8Array[]): Promise<readonly CheckAnswer[]>;
  /** Whether one that waits in CometBFT's mempool may still wait after a block. */
  checkAgain(transaction: Uint8Array): CheckAnswer;
  /** Which of the transactions, in which order, this node proposes. No side effects. */
  prepareProposal(request: PrepareProposal): readonly Uint8Array[];
  /** Whether another's proposal is one that this node votes for. Pure: the same on every node. */
  processProposal(request: Proposal): boolean;
  /** Executes a block. Nothing is on disk afterwards. */
  finalizeBlock(request: DecidedBlock): Promise<FinalizedBlock>;
  /** The block that was finalized is on disk when the promise resolves. Answers the height below which CometBFT may prune; 0 for none. */
  commit(): Promise<number>;
  query(request: AbciQuery): AbciQueryAnswer;
  listSnapshots(): Promise<readonly AbciSnapshot[]>;
  /** `appHash`: verified by CometBFT's light client for the snapshot's height. */
  offerSnapshot(snapshot: AbciSnapshot, appHash: Uint8Array): Promise<OfferVerdict>;
  /** Empty when it is not there any more. */
  loadSnapshotChunk(height: number, format: number, chunk: number): Promise<Uint8Array>;
  applySnapshotChunk(index: number, chunk: Uint8Array, sender: string): Promise<ChunkVerdict>;
}

export interface AbciInfo {
  readonly data: string;
  readonly version: string;
  readonly appVersion: number;
  /** 0 before the first block. */
  readonly lastBlockHeight: number;
  /** Empty before the first block. */
  readonly lastBlockAppHash: Uint8Array;
}

export interface ValidatorPower {
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array;
  /** 0 takes it out. */
  readonly power: number;
}

export interface InitChain {
  readonly timeMs: number;
  readonly chain: string;
  readonly validators: readonly ValidatorPower[];
  /** Of genesis, as it stands there: JSON. */
  readonly appState: Uint8Array;
  readonly initialHeight: number;
}

export interface InitChainAnswer {
  readonly appHash: Uint8Array;
}

/** What the application says of a transaction. Code, data and gas must be the same on every node; the log need not. */
export interface CheckAnswer {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
}

export interface PrepareProposal {
  readonly height: number;
  readonly timeMs: number;
  /** Bytes that the proposal's transactions may take together, each with its protobuf framing. */
  readonly transactionBytesMax: number;
  readonly transactions: readonly Uint8Array[];
}

export interface Proposal {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly timeMs: number;
  readonly transactions: readonly Uint8Array[];
}

/** A validator that signed what it must not, as CometBFT has proven. */
export interface AbciMisbehaviour {
  readonly kind: "duplicate-vote" | "light-client-attack";
  /** 20 bytes. */
  readonly address: Uint8Array;
  readonly power: number;
  /** When it happened. */
  readonly height: number;
  readonly timeMs: number;
  readonly totalPower: number;
}

export interface DecidedBlock extends Proposal {
  readonly misbehaviour: readonly AbciMisbehaviour[];
}

export interface AbciTransactionResult extends CheckAnswer {
  readonly data: Uint8Array;
  readonly events: readonly LedgerEvent[];
}

export interface FinalizedBlock {
  /** One a transaction, in order. Gas is always 0. */
  readonly results: readonly AbciTransactionResult[];
  readonly events: readonly LedgerEvent[];
  readonly appHash: Uint8Array;
  /** Each key once. */
  readonly validatorUpdates: readonly ValidatorPower[];
  /** From the next block on; null for no change. */
  readonly appVersion: number | null;
}

export interface AbciQuery {
  readonly path: string;
  readonly data: Uint8Array;
  /** 0 for the newest that can be proven. */
  readonly height: number;
  readonly prove: boolean;
}

export interface AbciQueryAnswer {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly height: number;
  /** Encoded ICS-23 CommitmentProof, given as one operation of type `ics23:simple`; null for none. */
  readonly proof: { readonly key: Uint8Array; readonly data: Uint8Array } | null;
}

export interface AbciSnapshot {
  readonly height: number;
  readonly format: number;
  readonly chunks: number;
  readonly hash: Uint8Array;
  readonly metadata: Uint8Array;
}

export type OfferVerdict = "accept" | "abort" | "reject" | "reject-format" | "reject-sender";

export interface ChunkVerdict {
  readonly result: "accept" | "abort" | "retry" | "retry-snapshot" | "reject-snapshot";
  readonly refetchChunks?: readonly number[];
  readonly rejectSenders?: readonly string[];
}
