// Continuous pruning: keeps the newest blocks (GLASSTOWN_LEDGER_KEEP_BLOCKS) and, from time to time, the state from which they can be
// replayed. After each block a bounded step: at most `stepBlocks` blocks are removed, or one page of the state is written.

import { baseFile, baseHeights, type EntryPage, removeBasesBelow, writeBase } from "./base-state.ts";
import type { LedgerStore } from "./ledger-store.ts";

const stepBlocks = 16;
/** A base is written after so many blocks, or half of what is kept if that is more. */
const baseIntervalMin = 50;

export class Pruner {
  readonly #store: LedgerStore;
  readonly #chainFolder: string;
  readonly #keep: number;
  readonly #onError: (error: unknown) => void;
  #working: Promise<void> | null = null;
  #stopped = false;
  #newestBase: number | null = null;

  /** @param keep blocks to keep, at least 1. A pruner that failed stays quiet: nothing is lost by not pruning. */
  constructor(store: LedgerStore, chainFolder: string, keep: number, onError: (error: unknown) => void) {
    this.#store = store;
    this.#chainFolder = chainFolder;
    this.#keep = keep;
    this.#onError = onError;
  }

  /** To be called after each block, before the next: what is begun here sees the state of that block. */
  advance(): void {
    if (this.#stopped || this.#working !== null) return;
    const head = this.#store.head!.height;
    const due = this.#newestBase !== null && head - this.#newestBase >= Math.max(baseIntervalMin, this.#keep >> 1);
    // Taken now, so that it is the state of this very block.
    const base = due ? this.#store.stateView() : null;
    this.#working = this.#work(head, base)
      .catch((error: unknown) => {
        this.#stopped = true;
        this.#onError(error);
      })
      .finally(() => {
        this.#working = null;
      });
  }

  /** Ends after the step that runs; what is unfinished is removed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  async #work(
    head: number,
    base: { pages(): AsyncGenerator<EntryPage>; close(): Promise<void> } | null,
  ): Promise<void> {
    if (this.#newestBase === null) this.#newestBase = (await baseHeights(this.#chainFolder)).at(-1) ?? 0;
    if (base !== null)
      try {
        const whole = await writeBase(baseFile(this.#chainFolder, head), base.pages(), () => !this.#stopped);
        if (whole) this.#newestBase = head;
      } finally {
        await base.close();
      }
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const limit = this.#store.wholeTo - this.#keep;
    const base = (await baseHeights(this.#chainFolder)).filter((height) => height <= limit).at(-1);
    if (base !== undefined && base >= this.#store.lowest) {
      await this.#store.forgetBelow(base + 1);
      await removeBasesBelow(this.#chainFolder, base);
    }
    await this.#store.sweep(stepBlocks);
  }
}
