// What the light client says, in words that panels can show. Verdicts are values; only bugs throw.

import type { LedgerEvent } from "../protocol/ledger-event.ts";
import type { ShownAttack } from "./witnesses/attack.ts";
import type { ShownWitness } from "./witnesses/witness.ts";

/** Steps of the chain of custody, in order. */
export const custodySteps = ["device", "log", "checkpoint", "block", "signatures"] as const;
export type CustodyStep = (typeof custodySteps)[number];

/** Why a verdict is not green. Append-only names; message files translate `proof.reason.<name>`. */
export type FailureReason =
  | "answer_must_be_well_formed"
  | "value_must_match_entry"
  | "device_signature_must_be_valid"
  | "device_must_be_registered"
  | "entry_must_be_in_log"
  | "checkpoint_must_be_in_state"
  | "state_proof_must_match_app_hash"
  | "transaction_must_be_in_block"
  | "header_hash_must_match_commit"
  | "header_chain_must_match"
  | "header_height_must_match"
  | "header_time_must_be_plausible"
  | "validators_must_match_header"
  | "validators_must_be_trusted"
  | "commit_must_match_validators"
  | "signature_must_be_valid"
  | "signatures_must_exceed_two_thirds"
  | "trust_must_not_be_expired"
  | "event_must_be_in_results"
  | "bundle_must_be_well_formed"
  | "log_must_be_consistent"
  | "header_must_be_in_history"
  | "checkpoint_must_match"
  | "checkpoint_must_be_well_formed"
  | "sources_must_agree";

export interface StepResult {
  readonly step: CustodyStep;
  readonly state: "passed" | "failed" | "pending" | "skipped";
}

export type Verdict =
  /** Everything holds. */
  | {
      readonly state: "verified";
      readonly height: number;
      readonly time: string;
      readonly signers: number;
      readonly validators: number;
      readonly steps: readonly StepResult[];
      readonly value: unknown;
      /** No server answers: this is what this browser itself verified at that time, in UNIX milliseconds. */
      readonly remembered?: { readonly atMs: number };
    }
  /** The device's signature and its key in proven ledger state hold, but the entry is younger than the newest checkpoint. */
  | {
      readonly state: "signed";
      readonly height: number;
      readonly steps: readonly StepResult[];
      readonly value: unknown;
    }
  /** A server could not be reached or has not the data: nothing was proven, nothing disproven. */
  | {
      readonly state: "unverified";
      readonly reason: "server_must_answer" | "not_on_ledger";
      readonly detail: string;
      readonly steps: readonly StepResult[];
    }
  /** A check failed. The evidence is what was received. */
  | {
      readonly state: "failed";
      readonly reason: FailureReason;
      readonly detail: string;
      readonly steps: readonly StepResult[];
      readonly evidence: unknown;
    };

/** A reading as the page shows it; the proof must be of exactly this. */
export interface ShownReading {
  readonly device: string;
  readonly stream: string;
  readonly time: string;
  readonly result: number;
  readonly logIndex: number;
}

/** A transaction as the page shows it; the proof must be of exactly this. Signatures are part of it. */
export interface ShownTransaction {
  readonly transaction: unknown;
  /** 0 when shown as applied, else the refusal's code. */
  readonly code: number;
}

/** A block as the page shows it. Its events are no part of this: those of transactions have `verifyEvents`, its own are in the history. */
export interface ShownBlock {
  /** Lower-case hex. */
  readonly hash: string;
  readonly appHash: string;
  /** RFC 3339, as the header has it. */
  readonly time: string;
  readonly transactions: readonly ShownTransaction[];
}

/** A checkpoint as a screen shows it: hashes in lower-case hex, `text` as `checkpointText` writes it. */
export interface ShownCheckpoint {
  readonly text: string;
  readonly chain: string;
  readonly height: number;
  readonly hash: string;
  /** Hash of the chain's first header: the same for everybody at all times. */
  readonly genesis: string;
}

/** What a bundle can be made of. */
export type BundleQuestion =
  /** With `expected`, the parsed JSON that is shown: no bundle is made of another value. */
  | { readonly kind: "state"; readonly name: string; readonly expected?: unknown }
  | { readonly kind: "reading"; readonly reading: ShownReading }
  | { readonly kind: "transaction" | "result"; readonly id: string; readonly height: number }
  /** One of the events that a transaction told, by its number from 0 on. */
  | { readonly kind: "event"; readonly id: string; readonly height: number; readonly number: number }
  /** The anchored telemetry log begins with that of this size. */
  | { readonly kind: "log"; readonly size: number };

export type MadeBundle =
  | { readonly state: "made"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly state: "unverified"; readonly reason: "server_must_answer" | "not_on_ledger"; readonly detail: string }
  | { readonly state: "failed"; readonly reason: FailureReason; readonly detail: string; readonly evidence: unknown };

/** The worker's face towards the page. `ledgerUrl` and `logUrl` are base URLs. */
export interface LightClientPort {
  verifyReading(reading: ShownReading): Promise<Verdict>;
  /**
   * Proves one state entry as it is now, or its absence (value null in the verdict). `expected` is the parsed JSON the page shows, when
   * it shows one. With a height, the entry as it was after that block, which servers know of the newest 1,000 or so.
   */
  verifyState(name: string, expected?: unknown, height?: number): Promise<Verdict>;
  /**
   * Proves that a transaction with this id stands in the block at this height; with `shown`, that it says just what is shown and
   * ended as is shown. Without `shown`, a page must show nothing but the verdict's value beside the verdict.
   */
  verifyTransaction(id: string, height: number, shown?: ShownTransaction): Promise<Verdict>;
  /** Proves a block's header alone. The verdict's value: `{ hash, time, appHash, proposer }`. */
  verifyHeader(height: number): Promise<Verdict>;
  /** Proves a block's header and that its transactions are what the header commits to; with `shown`, that they are those shown. */
  verifyBlock(height: number, shown?: ShownBlock): Promise<Verdict>;
  /**
   * The checkpoint of a block of the trusted chain, for another person to compare or begin with; of the newest block when no height is
   * given. The verdict's value is a `ShownCheckpoint`.
   */
  checkpoint(height?: number): Promise<Verdict>;
  /** Whether another person's checkpoint lies on the chain that is trusted here. Changes nothing. The value is a `ShownCheckpoint`. */
  compare(text: string): Promise<Verdict>;
  /** Drops all trust and begins anew from a checkpoint; where that cannot be, trust stays as it was. */
  begin(text: string): Promise<Verdict>;
  /** Proves what a transaction told when it was applied; with `shown`, that it is what is shown. The verdict's value: the events. */
  verifyEvents(id: string, height: number, shown?: readonly LedgerEvent[]): Promise<Verdict>;
  /**
   * Proves that the telemetry log of `first` entries is the beginning of that of `second` (the anchored one when left out), and both
   * of the anchored one. The verdict's value: `{ from, to, anchored }`, each `{ size, root }`.
   */
  verifyLog(first: number, second?: number): Promise<Verdict>;
  /** A proof that others can check with no server: see bundle/README.md. Its verdict when there is nothing to prove. */
  bundle(question: BundleQuestion): Promise<MadeBundle>;
  /** Servers whose headers are compared with the ledger's, by their base URLs: at most 8. */
  setWitnesses(urls: readonly string[]): Promise<void>;
  /** What each of them says of the newest header that was compared. */
  witnesses(): Promise<readonly ShownWitness[]>;
  /** Why nothing is believed any more: two servers have signed headers that cannot both be true. Null while none was seen. */
  attack(): Promise<ShownAttack | null>;
  /** The trusted head, if there is one. */
  head(): Promise<{ readonly chain: string; readonly height: number; readonly time: string } | null>;
}
