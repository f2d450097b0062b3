// Transactions that wait for a block, first come first served. Bounded by count, by bytes and by share per account,
// so that neither many senders nor one can crowd everyone else out. Held in memory only.

import type { PendingView } from "../modules/application.ts";
import { type Refusal, refuse } from "../protocol/refusals.ts";

const mempoolLimits = {
  transactionsMax: 5_000,
  bytesMax: 16 * 1_048_576,
  /** Of one account. */
  transactionsPerAccountMax: 256,
  bytesPerAccountMax: 4 * 1_048_576,
} as const;
export type MempoolLimits = { readonly [K in keyof typeof mempoolLimits]: number };

export interface PendingTransaction {
  /** sha256 of the canonical body, hex. */
  readonly id: string;
  /** sha256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly by: readonly string[];
  /** Last height at which it may enter a block. */
  readonly expires: number;
  /** Height of the state against which it was last checked. */
  readonly checkedAt: number;
}

export class Mempool implements PendingView {
  readonly #limits: MempoolLimits;
  /** By id, in order of arrival. */
  readonly #pending = new Map<string, PendingTransaction>();
  readonly #idsByHash = new Map<string, string>();
  readonly #accounts = new Map<string, { count: number; bytes: number }>();
  #bytes = 0;

  constructor(limits: MempoolLimits = mempoolLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#pending.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(id: string): boolean {
    return this.#pending.has(id);
  }

  get(id: string): PendingTransaction | undefined {
    return this.#pending.get(id);
  }

  /** The id of the pending transaction with exactly these bytes. */
  idOfHash(hash: string): string | undefined {
    return this.#idsByHash.get(hash);
  }

  countOf(account: string): number {
    return this.#accounts.get(account)?.count ?? 0;
  }

  /** Whether there is room for so many bytes at all: asked before the costly checks. */
  room(bytes: number): Refusal | null {
    const full = this.#pending.size >= this.#limits.transactionsMax || this.#bytes + bytes > this.#limits.bytesMax;
    return full ? refuse("transaction_mempool_must_have_room", { transactions: this.#pending.size }) : null;
  }

  /** Takes a checked transaction; null when taken. */
  add(transaction: PendingTransaction): Refusal | null {
    if (this.#pending.has(transaction.id)) return refuse("transaction_must_not_be_repeated", { id: transaction.id });
    const refusal = this.room(transaction.bytes.length);
    if (refusal !== null) return refusal;
    for (const account of new Set(transaction.by)) {
      const share = this.#accounts.get(account);
      if (share === undefined) continue;
      if (
        share.count >= this.#limits.transactionsPerAccountMax ||
        share.bytes + transaction.bytes.length > this.#limits.bytesPerAccountMax
      )
        return refuse("transaction_quota_must_not_be_exceeded", {
          account,
          limit: this.#limits.transactionsPerAccountMax,
        });
    }
    this.#pending.set(transaction.id, transaction);
    this.#idsByHash.set(transaction.hash, transaction.id);
    this.#count(transaction, 1);
    return null;
  }

  remove(id: string): void {
    const transaction = this.#pending.get(id);
    if (transaction === undefined) return;
    this.#pending.delete(id);
    this.#idsByHash.delete(transaction.hash);
    this.#count(transaction, -1);
  }

  /** In order of arrival. */
  [Symbol.iterator](): IterableIterator<PendingTransaction> {
    return this.#pending.values();
  }

  #count(transaction: PendingTransaction, sign: 1 | -1): void {
    this.#bytes += sign * transaction.bytes.length;
    for (const account of new Set(transaction.by)) {
      const share = this.#accounts.get(account) ?? { count: 0, bytes: 0 };
      share.count += sign;
      share.bytes += sign * transaction.bytes.length;
      if (share.count === 0) this.#accounts.delete(account);
      else this.#accounts.set(account, share);
    }
  }
}
