// What the ledger took into its mempool goes from here to CometBFT's, which spreads it to the other nodes. In order, in batches; while
// CometBFT does not answer, or is full, all of it waits. Bound: what the ledger's own mempool holds.

import type { Clock } from "../clock.ts";
import type { Mempool } from "../mempool.ts";
import { type CometRpcClient, CometUnreachable } from "./comet-rpc-client.ts";

const batchTransactionsMax = 200;
/** CometBFT takes bodies of 1 MB; base64 and JSON take a third more. */
const batchBytesMax = 500_000;
const pauseMs = 500;

export class TransactionOutbox {
  readonly #options: { readonly mempool: Mempool; readonly rpc: CometRpcClient; readonly clock: Clock };
  /** Ids that are to be sent, in order. */
  readonly #waiting = new Set<string>();
  readonly #onRefused: (id: string, error: Error) => void;
  #sending: Promise<void> | null = null;
  #stopped = false;
  #endPause: (() => void) | null = null;

  constructor(options: {
    readonly mempool: Mempool;
    readonly rpc: CometRpcClient;
    readonly clock: Clock;
    /** CometBFT will not take it: it does not wait any more. */
    readonly onRefused: (id: string, error: Error) => void;
  }) {
    this.#options = options;
    this.#onRefused = options.onRefused;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(id: string): void {
    this.#waiting.add(id);
    this.#wake();
  }

  /** CometBFT has begun anew, with an empty mempool: all that waits goes to it once more. */
  again(): void {
    for (const { id } of this.#options.mempool) this.#waiting.add(id);
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endPause?.();
    await this.#sending;
  }

  #wake(): void {
    if (this.#stopped || this.#sending !== null || this.#waiting.size === 0) return;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = null;
      this.#wake();
    });
  }

  async #sendAll(): Promise<void> {
    // What comes in one turn goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#stopped && this.#waiting.size > 0) {
      const batch = this.#batch();
      if (batch.length === 0) continue;
      try {
        const answers = await this.#options.rpc.spread(batch.map(({ bytes }) => bytes));
        for (const [index, { id }] of batch.entries()) {
          const refused = answers[index] ?? null;
          // Full: it and what comes after it wait.
          if (refused?.data.includes("mempool is full") === true) continue;
          this.#waiting.delete(id);
          if (refused !== null && !refused.data.includes("already exists in cache")) this.#onRefused(id, refused);
        }
        if (batch.some(({ id }) => this.#waiting.has(id))) await this.#pause();
      } catch (error) {
        if (!(error instanceof CometUnreachable)) throw error;
        await this.#pause();
      }
    }
  }

  /** Leaves out what does not wait any more. */
  #batch(): readonly { readonly id: string; readonly bytes: Uint8Array }[] {
    const batch: { readonly id: string; readonly bytes: Uint8Array }[] = [];
    let bytes = 0;
    for (const id of this.#waiting) {
      const pending = this.#options.mempool.get(id);
      if (pending === undefined) {
        this.#waiting.delete(id);
        continue;
      }
      if (batch.length >= batchTransactionsMax || bytes + pending.bytes.length > batchBytesMax) break;
      batch.push({ id, bytes: pending.bytes });
      bytes += pending.bytes.length;
    }
    return batch;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(pauseMs, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
