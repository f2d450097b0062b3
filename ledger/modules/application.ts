// The boundary between the state machine and the engine that drives it: ABCI 2.0 in our own words.
// The engine orders transactions and hands in block times; the application is deterministic and holds the state in memory.
// Life: restore or initialise once, then per block finalise and, when the engine has written the changes, commit.

import type { AppState } from "../protocol/genesis.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { StateSnapshot } from "../state/snapshot-export.ts";
import type { StateUsage } from "../state/versioned-state.ts";
import type { NotThere, Query, QueryInput, RunnableQuery } from "./query.ts";

export interface TransactionResult {
  /** 0 when applied, else a refusal code. */
  readonly code: number;
  /** ABCI codespace; empty when applied. */
  readonly codespace: string;
  /** Refusal name; empty when applied. */
  readonly refusal: string;
  readonly params: Readonly<Record<string, string | number>>;
  /** Enters the results hash: the root over its events (protocol/event-root.ts), 32 bytes; empty when refused. */
  readonly data: Uint8Array;
  readonly events: readonly LedgerEvent[];
}

/** One state entry's change: value null when it is gone. Values are canonical JSON bytes. */
export interface StateChange {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** Some entries of a state. */
export type EntryBatch = readonly (readonly [name: string, value: Uint8Array])[];

/** What CometBFT proved of a validator, by ABCI's Misbehavior. */
export interface Misbehaviour {
  readonly kind: "duplicate-vote" | "light-client-attack";
  /** Of the validator's key: 40 lower-case hex digits. */
  readonly address: string;
  /** Where it happened: a block before. */
  readonly height: number;
  /** UNIX milliseconds. */
  readonly timeMs: number;
  /** Power of all validators at that height. */
  readonly totalPower: number;
}

/** A validator's new power. CometBFT lets it vote with it from the block's height + 2 on. */
export interface ValidatorUpdate {
  /** Ed25519, 64 lower-case hex digits. */
  readonly key: string;
  /** 0: it is no validator any more. */
  readonly power: number;
}

/** At `height` the network goes on with `version` of the state machine: header version.app. */
export interface Upgrade {
  readonly height: number;
  readonly version: number;
}

export interface BlockInput {
  readonly height: number;
  /** The header's hash, 32 bytes: ABCI's RequestFinalizeBlock.hash. */
  readonly hash: Uint8Array;
  /** Block time, UNIX milliseconds. */
  readonly timeMs: number;
  readonly transactions: readonly Uint8Array[];
  /** Left out: none. */
  readonly misbehaviour?: readonly Misbehaviour[];
}

export interface BlockResult {
  readonly results: readonly TransactionResult[];
  readonly events: readonly LedgerEvent[];
  /** State root after the block: goes into the next header. */
  readonly appHash: Uint8Array;
  /** Everything that must be on disk before the block counts, sorted by name, each name once. */
  readonly changes: readonly StateChange[];
  /** By key, each once; empty in almost all blocks, and always where genesis names no validators. */
  readonly validatorUpdates: readonly ValidatorUpdate[];
  /** The consensus parameter version.app after this block; left out when it stays. */
  readonly appVersion?: number;
}

export interface StateAnswer {
  /** Height whose state was read; its root stands in header height + 1. */
  readonly height: number;
  /** Null when absent. */
  readonly value: Uint8Array | null;
  /** Encoded ICS-23 CommitmentProof (existence or non-existence) for key sha256(name); only when asked for. */
  readonly proof: Uint8Array | null;
}

/** What a module's query answered, and the entries from which it follows. */
export interface Asked {
  /** Height whose state was read; its root stands in header height + 1. */
  readonly height: number;
  readonly answer: unknown | NotThere;
  /** Every entry that was read, absent ones with value null, each once. Proofs (ICS-23, of key sha256(name)) when asked for. */
  readonly entries: readonly {
    readonly name: string;
    readonly value: Uint8Array | null;
    readonly proof: Uint8Array | null;
  }[];
}

/**
 * How urgent a transaction is: the anchors of the telemetry log by the twin; what only accounts with a role do; what citizens
 * do; what needs an account that does not exist yet, which costs nothing to make up.
 */
export type Lane = "anchor" | "service" | "citizen" | "newcomer";

/** What admission says of a transaction. */
export interface Checked extends TransactionResult {
  /** Empty when the bytes are no transaction. */
  readonly id: string;
  readonly by: readonly string[];
  readonly expires: number;
  readonly lane: Lane;
  /** Accounts that it registers: a block takes `registrationsPerBlockMax`. */
  readonly registrations: number;
  /** Names of entries and prefixes of lists on which the verdict rests: it stands until one of them changes. */
  readonly rests: { readonly names: Iterable<string>; readonly prefixes: Iterable<string> };
}

export interface Application {
  /** Height of the last committed block; 0 before the first. */
  readonly height: number;
  /** Root of the last committed state. */
  readonly appHash: Uint8Array;
  /** Fresh chain. The changes returned must be stored with the genesis. */
  initialise(chain: string, genesis: AppState): readonly StateChange[];
  /**
   * After a restart: the chain, the height and all its entries, batch by batch, so that they are never in memory twice. Returns the
   * root, for the engine to compare with its last header. Nothing else may be called until it has answered.
   */
  restore(
    chain: string,
    height: number,
    batches: Iterable<EntryBatch> | AsyncIterable<EntryBatch>,
  ): Promise<Uint8Array>;
  /** Admission to the mempool against the committed state. Keeps the bytes. Never throws on hostile ones. */
  check(transaction: Uint8Array, pending: PendingView): Checked;
  /** The verdicts that `check` gives, one after the other as they are asked for; signatures are verified together. */
  checkAll(transactions: readonly Uint8Array[], pending: PendingView): Iterable<Checked>;
  readonly registrationsPerBlockMax: number;
  /** Executes a block on top of the committed state. Does not change what queries see. @throws on an invariant violation or a header's hash that is none: a bug, stop the node. */
  finalise(block: BlockInput): BlockResult;
  /** Makes the finalised block the committed state. */
  commit(): void;
  /** Reads one entry at a height (default: last committed). Versions are kept for `versionsMax` blocks. @throws {RangeError} when that height is not kept. */
  query(name: string, options: { readonly height?: number; readonly prove: boolean }): StateAnswer;
  /** What the modules answer about their state. */
  readonly queries: readonly Query[];
  /**
   * Runs a query on the state of a height (default: last committed). Lists are known of the last two heights only.
   * A list's proofs show that each of its entries is there, not that there are no others.
   * @throws {RangeError} when that height is not kept. @throws {QueryTooLarge} when it would read too much.
   */
  ask(query: RunnableQuery, input: QueryInput, options: { readonly height?: number; readonly prove: boolean }): Asked;
  /** Entries whose names start with the prefix, ascending, from the last committed state. */
  list(
    prefix: string,
    options?: { readonly limit?: number; readonly after?: string; readonly descending?: boolean },
  ): readonly (readonly [name: string, value: Uint8Array])[];
  /**
   * Takes a snapshot of the committed state in steps of some milliseconds; blocks may be committed between them. Its chunks are read as
   * long as the state keeps the version. @throws {RangeError} from a step, when it is kept no longer.
   */
  snapshot(): Generator<void, StateSnapshot, undefined>;
  /** What the state takes of memory. */
  usage(): StateUsage;
  /** UNIX ms at which the application wants a block even if no transaction comes (such as a slot's end); null for none. */
  wakeAtMs(): number | null;
  /** What the validators have decided, as of the committed state; null for nothing. It stays after its height. */
  upgrade(): Upgrade | null;
}

/** What the mempool already holds, so that quotas count it. */
export interface PendingView {
  has(transactionId: string): boolean;
  countOf(account: string): number;
}
