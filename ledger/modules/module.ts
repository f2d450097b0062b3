// What a ledger module declares. A module is one folder and one line in enabled.ts; others see only its interface.ts.
// Modules are deterministic: no clock, randomness, network, files or floating point. A refusal is a value, an exception a bug.

import type { z } from "zod";
import type { Role } from "../protocol/accounts.ts";
import type { AppState } from "../protocol/genesis.ts";
import type { Refusal } from "../protocol/refusals.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { Message } from "../protocol/transaction.ts";
import type { RecordChange, StateReader, StateWriter } from "../state/overlay.ts";
import type { Misbehaviour, Upgrade, ValidatorUpdate } from "./application.ts";
import type { Auditor } from "./auditor.ts";
import type { EventType } from "./event.ts";
import type { Hasher } from "./hasher.ts";
import type { Query } from "./query.ts";

/** What code that runs within a block gets. */
export interface Execution {
  readonly state: StateWriter;
  readonly height: number;
  /** Block time, UNIX milliseconds. */
  readonly timeMs: number;
  /** Equal to `timeMs` in a block; later at admission, where the block that will carry the transaction is still to come. */
  readonly timeMsLatest: number;
  emit(type: string, attributes: Readonly<Record<string, string>>): void;
}

/** What a module gets before a block's transactions. */
export interface BlockBegin extends Execution {
  /** What the consensus engine proved of validators. */
  readonly misbehaviour: readonly Misbehaviour[];
}

/** What a module gets when a block's transactions are over. It tells of nothing then: what the block told of is complete. */
export interface BlockEnd {
  readonly state: StateWriter;
  readonly height: number;
  /** The header's hash, 32 bytes. */
  readonly hash: Uint8Array;
  /** The block's own events: what is not a transaction's. */
  readonly events: readonly LedgerEvent[];
  readonly hasher: Hasher;
}

export interface MessageExecution extends Execution {
  readonly transactionId: string;
  readonly messageIndex: number;
}

/** A message's schema and what it does to the state. What it wrote is dropped when it answers a refusal. */
export interface MessageBinding {
  readonly type: Message["type"];
  readonly schema: z.ZodType;
  readonly apply: (execution: MessageExecution, message: Message) => Refusal | null;
}

/** Binds a schema of ledger/protocol to its handler. */
export function bind<T extends Message>(
  type: T["type"],
  schema: z.ZodType<T>,
  apply: (execution: MessageExecution, message: T) => Refusal | null,
): MessageBinding {
  return {
    type,
    schema,
    apply: (execution, message) => {
      if (message.type !== type) throw new TypeError(`${message.type} came to the handler of ${type}`);
      return apply(execution, message as T);
    },
  };
}

/**
 * Something that must hold after every block, said per entry so that it costs as much as the block changed:
 * weights sum to zero over all entries, so they sum to zero over a block's changes too; and every entry is well.
 */
export interface Invariant {
  /** The rule's id and what it says. */
  readonly rule: string;
  /** The entry's part of a sum that is always zero; 0n for entries that do not take part. */
  readonly weigh?: (name: string, record: unknown) => bigint;
  /** False when the entry cannot be right by itself. */
  readonly holds?: (name: string, record: unknown) => boolean;
}

/** What the simulation hands to a module's random operations. */
export interface Draw {
  /** A whole number from 0 to below. */
  readonly random: (below: number) => number;
  readonly state: StateReader;
  readonly timeMs: number;
  /** Registered citizens; at least one. */
  readonly citizens: readonly string[];
  /** An account that does not exist yet, with its key. */
  newcomer(): { readonly account: string; readonly key: string };
  /** A public key that nobody has yet and with which the simulation can sign, once an account holds it. */
  newKey(): string;
  /** An Ed25519 key that nobody may enter: of small order, or no point's one encoding. */
  unsoundKey(): string;
  /** An account with a role; the city's registrar when nobody has it. */
  service(role: Role): string;
}

/** A random operation, valid or nearly so; null when there is nothing to do now. */
export type Operation = (draw: Draw) => Message | null;

export interface Module {
  readonly name: string;
  readonly messages: readonly MessageBinding[];
  /** What it tells of; telling of anything else is a bug. */
  readonly events: readonly EventType[];
  /** What it answers under /v1. */
  readonly queries?: readonly Query[];
  /** Writes the module's first entries. */
  readonly genesis?: (execution: Execution, appState: AppState) => void;
  /** Runs before a block's transactions. */
  readonly beginBlock?: (execution: BlockBegin) => void;
  /** Runs after a block's transactions. */
  readonly endBlock?: (end: BlockEnd) => void;
  /** UNIX ms at which the module wants a block; null for none. */
  readonly wakeAtMs?: (state: StateReader) => number | null;
  /** Powers that a block changed, from the records that it changed: by key, each once. One module at most has this. */
  readonly validatorUpdates?: (changes: readonly RecordChange[]) => readonly ValidatorUpdate[];
  /** From which height on which version of the state machine goes on. One module at most has this. */
  readonly upgrade?: (state: StateReader) => Upgrade | null;
  readonly invariants: readonly Invariant[];
  readonly workload: readonly Operation[];
  /** The module's independent model, for the simulation; needed as soon as it has messages. */
  readonly auditor?: Auditor;
}
