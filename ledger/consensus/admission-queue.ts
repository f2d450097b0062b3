// Transactions on their way into the mempool: what arrives in one turn of the event loop is checked together, since signatures
// verify at half the cost in a batch. Alone, a transaction waits for the end of the turn and no longer. Bounds: 2,000 and 4 MiB.

/** One turn checks so many at most, so that other work gets its turn between. */
const batchMax = 128;
const queuedMax = 2_000;
const queuedBytesMax = 4 * 1_048_576;

interface Queued<Answer> {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly answered: Promise<Answer>;
  readonly settle: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

export class AdmissionQueue<Answer> {
  /** By hash, in order of arrival: the same bytes twice are checked once. */
  readonly #queued = new Map<string, Queued<Answer>>();
  readonly #admit: (batch: readonly { readonly bytes: Uint8Array; readonly hash: string }[]) => Iterable<Answer>;
  #bytes = 0;
  #scheduled = false;

  /** @param admit answers one after the other, in order. */
  constructor(admit: (batch: readonly { readonly bytes: Uint8Array; readonly hash: string }[]) => Iterable<Answer>) {
    this.#admit = admit;
  }

  get size(): number {
    return this.#queued.size;
  }

  /** Null when too many are queued. The bytes are kept. */
  add(bytes: Uint8Array, hash: string): Promise<Answer> | null {
    const same = this.#queued.get(hash);
    if (same !== undefined) return same.answered;
    if (this.#queued.size >= queuedMax || this.#bytes + bytes.length > queuedBytesMax) return null;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#queued.set(hash, { bytes, hash, answered: promise, settle: resolve, fail: reject });
    this.#bytes += bytes.length;
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#scheduled || this.#queued.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#checkSome();
      this.#schedule();
    });
  }

  #checkSome(): void {
    const batch: Queued<Answer>[] = [];
    for (const each of this.#queued.values()) {
      if (batch.length >= batchMax) break;
      batch.push(each);
      this.#queued.delete(each.hash);
      this.#bytes -= each.bytes.length;
    }
    let answered = 0;
    try {
      for (const answer of this.#admit(batch)) batch[answered++]?.settle(answer);
      if (answered < batch.length) throw new Error("a transaction got no verdict");
    } catch (error) {
      // A bug in a module. The one that met it and those behind it are told; callers see an internal error.
      for (const { fail } of batch.slice(answered)) fail(error);
    }
  }
}
