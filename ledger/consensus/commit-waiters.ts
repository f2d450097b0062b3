// Callers that wait for their transaction to be in a block. Bounded: past the limit a caller is told to ask again later.

import type { Refusal } from "../protocol/refusals.ts";
import type { StoredResult } from "../storage/records.ts";
import type { Clock } from "./clock.ts";

const waitersMax = 2_000;

export type Outcome =
  | {
      readonly kind: "committed";
      readonly height: number;
      readonly index: number;
      readonly result: StoredResult;
    }
  /** It became invalid while it waited. */
  | { readonly kind: "dropped"; readonly refusal: Refusal };

export class CommitWaiters {
  readonly #waiting = new Map<string, Set<(outcome: Outcome | null) => void>>();
  #count = 0;

  /** Null when the time is over, or at once when too many wait. */
  wait(id: string, timeoutMs: number, clock: Clock): Promise<Outcome | null> {
    if (this.#count >= waitersMax) return Promise.resolve(null);
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiters);
      this.#count++;
      const cancel = clock.after(timeoutMs, () => done(null));
      const done = (outcome: Outcome | null): void => {
        if (!waiters.delete(done)) return;
        cancel();
        this.#count--;
        if (waiters.size === 0) this.#waiting.delete(id);
        resolve(outcome);
      };
      waiters.add(done);
    });
  }

  settle(id: string, outcome: Outcome): void {
    for (const done of [...(this.#waiting.get(id) ?? [])]) done(outcome);
  }

  /** At the end: everyone gets null. */
  releaseAll(): void {
    for (const waiters of [...this.#waiting.values()]) for (const done of [...waiters]) done(null);
  }
}
