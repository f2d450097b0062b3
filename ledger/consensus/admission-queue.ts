// Transactions on their way into the mempool: what arrives in one turn of the event loop is checked together, since signatures
// verify at half the cost in a batch. Alone, a transaction waits for the end of the turn and no longer. Bounds: 2,000 and 4 MiB,
// and 64 and 256 KiB more for what looks like an anchor.

/** One turn checks so many at most, so that other work gets its turn between. */
const batchMax = 128;
const queuedMax = 2_000;
const queuedBytesMax = 4 * 1_048_576;
const urgentMax = 64;
const urgentBytesMax = 256 * 1_024;

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

  /** Null when too many are queued; what is urgent has a little room of its own. The bytes are kept. */
  add(bytes: Uint8Array, hash: string, urgent = false): Promise<Answer> | null {
    const same = this.#queued.get(hash);
    if (same !== undefined) return same.answered;
    const [most, bytesMost] = urgent
      ? [queuedMax + urgentMax, queuedBytesMax + urgentBytesMax]
      : [queuedMax, queuedBytesMax];
    if (this.#queued.size >= most || this.#bytes + bytes.length > bytesMost) return null;
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
    const { answered } = this.#answer(batch);
    // A bug in a module. Those without a verdict are checked alone, so that only who brings it out sees an internal error.
    for (const each of batch.slice(answered)) {
      const alone = this.#answer([each]);
      if (alone.answered === 0) each.fail(alone.error);
    }
  }

  /** How many have their answer, and what kept the next one from it. */
  #answer(batch: readonly Queued<Answer>[]): { readonly answered: number; readonly error: unknown } {
    let answered = 0;
    try {
      for (const answer of this.#admit(batch)) batch[answered++]?.settle(answer);
      return { answered, error: new Error("a transaction got no verdict") };
    } catch (error) {
      return { answered, error };
    }
  }
}
