// What the index and the daily totals are made from: a block's transactions and results, read once.
// The same facts come from a block that is being written and from one on disk, so a rebuilt index is the index.

import { fromUtf8 } from "../protocol/bytes.ts";
import type { LedgerEvent } from "../protocol/rest.ts";

export interface TransactionFacts {
  readonly id: string;
  /** CometBFT's hash, hex. */
  readonly hash: string;
  readonly bytes: number;
  /** 0 when applied, else a refusal code, with its name. */
  readonly code: number;
  readonly refusal: string;
  /** Accounts that acted, each once. */
  readonly by: readonly string[];
  /** Types of the messages, in order. */
  readonly messages: readonly string[];
  readonly events: readonly LedgerEvent[];
}

export interface BlockFacts {
  readonly height: number;
  /** Block time, UNIX milliseconds. */
  readonly timeMs: number;
  readonly transactions: readonly TransactionFacts[];
  /** Of the block itself. */
  readonly events: readonly LedgerEvent[];
}

const typeForm = /^[a-z][a-z0-9-]{0,40}\/[a-z][a-z0-9-]{0,40}$/;

/**
 * Accounts that acted and message types of a transaction's bytes. What is not a transaction, as another engine could put it into
 * a block, has neither.
 */
export function actsOf(transaction: Uint8Array): {
  readonly by: readonly string[];
  readonly messages: readonly string[];
} {
  try {
    const { body, auth } = JSON.parse(fromUtf8(transaction)) as {
      body: { messages: { type: string; by: string }[] };
      auth: { by: string }[];
    };
    const by = new Set([...body.messages, ...auth].map((each) => String(each.by)));
    const messages = body.messages.map(({ type }) => String(type)).filter((type) => typeForm.test(type));
    return { by: [...by], messages };
  } catch {
    return { by: [], messages: [] };
  }
}
