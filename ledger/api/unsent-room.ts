// The room that all clients of a stream share for what was sent to them and not taken yet. What several hold, such as a block's
// events, is in memory once and counts once. Half of it is for events: where that is taken, events wait, and the client whose oldest
// unsent bytes have waited longest is ended first, never one that takes what it is sent. The other half is for answers.

import type { Clock } from "../consensus/clock.ts";

/** What may be held. Its size may grow while it is held, see `recount`. */
export interface Held {
  readonly bytes: number;
}

interface UnsentRoomOptions<Client> {
  readonly bytesMax: number;
  /** How long a client's oldest bytes must have waited before it counts as one that takes nothing. */
  readonly stalledMs: number;
  readonly clock: Clock;
  /** Ends a client, which must `leave`: at once, or as soon as it has been told why. */
  readonly end: (client: Client, atOnce: boolean) => void;
}

interface Hold {
  readonly what: Held;
  readonly sinceMs: number;
}

interface Waiting {
  readonly bytes: number;
  /** Only to tell whether several wait for the same: who waits holds nothing. */
  readonly what: WeakRef<Held>;
  readonly wake: () => void;
}

export class UnsentRoom<Client extends object> {
  readonly #options: UnsentRoomOptions<Client>;
  /** The oldest hold of each client first. */
  readonly #clients = new Map<Client, Set<Hold>>();
  /** Who is being ended, and is told why. */
  readonly #ending = new Set<Client>();
  readonly #held = new Map<Held, { holds: number; bytes: number }>();
  #waiting: Waiting[] = [];
  #bytes = 0;
  #cancelJudging: (() => void) | null = null;

  constructor(options: UnsentRoomOptions<Client>) {
    this.#options = options;
  }

  /** What is held by all clients. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Null when there is room for events; else resolves when it is time to ask again. What is larger than the room goes alone. */
  forEvents(what: Held): Promise<void> | null {
    if (this.#held.has(what) || this.#fitsEvents(what.bytes)) return null;
    const { bytes } = what;
    const waiting = new Promise<void>((wake) => this.#waiting.push({ bytes, what: new WeakRef(what), wake }));
    this.#judgeAfter(0);
    return waiting;
  }

  /** Whether there is room for an answer; whoever takes nothing is ended for it at once. */
  forAnswer(bytes: number): boolean {
    const fits = (): boolean => this.#bytes + bytes <= this.#options.bytesMax;
    if (fits()) return true;
    for (const client of [...this.#ending, ...this.#stalled()]) {
      this.#options.end(client, true);
      if (fits()) return true;
    }
    return false;
  }

  /** Counts what a client holds from now on; the answer ends that, once. */
  hold(client: Client, what: Held): () => void {
    const hold: Hold = { what, sinceMs: this.#options.clock.nowMs() };
    const holds = this.#clients.get(client);
    if (holds === undefined) this.#clients.set(client, new Set([hold]));
    else holds.add(hold);
    const entry = this.#held.get(what);
    if (entry === undefined) {
      this.#held.set(what, { holds: 1, bytes: what.bytes });
      this.#bytes += what.bytes;
    } else entry.holds++;
    return () => this.#release(client, hold);
  }

  /** To be called when something that may be held has grown. */
  recount(what: Held): void {
    const entry = this.#held.get(what);
    if (entry === undefined) return;
    this.#bytes += what.bytes - entry.bytes;
    entry.bytes = what.bytes;
  }

  /** The client is gone, and holds nothing any more. */
  leave(client: Client): void {
    this.#ending.delete(client);
    for (const hold of [...(this.#clients.get(client) ?? [])]) this.#release(client, hold);
  }

  #release(client: Client, hold: Hold): void {
    const holds = this.#clients.get(client);
    if (holds?.delete(hold) !== true) return;
    if (holds.size === 0) this.#clients.delete(client);
    const entry = this.#held.get(hold.what)!;
    if (--entry.holds > 0) return;
    this.#held.delete(hold.what);
    this.#bytes -= entry.bytes;
    this.#wake();
  }

  /** Wakes as many as there is room for together, those that have waited longest first. */
  #wake(): void {
    if (this.#waiting.length === 0) return;
    const left: Waiting[] = [];
    const planned = new Set<Held>();
    let plannedBytes = 0;
    for (const waiting of this.#waiting) {
      const what = waiting.what.deref();
      const isShared = what !== undefined && (planned.has(what) || this.#held.has(what));
      if (!isShared && !this.#fitsEvents(waiting.bytes, plannedBytes)) left.push(waiting);
      else {
        if (!isShared) plannedBytes += waiting.bytes;
        if (what !== undefined) planned.add(what);
        waiting.wake();
      }
    }
    this.#waiting = left;
  }

  #fitsEvents(bytes: number, planned = 0): boolean {
    const before = this.#bytes + planned;
    return before === 0 || before + bytes <= this.#options.bytesMax / 2;
  }

  /** Those that are not being ended and have taken nothing for too long, the one furthest behind first. */
  #stalled(): Client[] {
    const latest = this.#options.clock.nowMs() - this.#options.stalledMs;
    return this.#byAge()
      .filter(({ sinceMs }) => sinceMs <= latest)
      .map(({ client }) => client);
  }

  #byAge(): { readonly client: Client; readonly sinceMs: number }[] {
    return [...this.#clients]
      .filter(([client]) => !this.#ending.has(client))
      .map(([client, [oldest]]) => ({ client, sinceMs: oldest!.sinceMs }))
      .sort((a, b) => a.sinceMs - b.sinceMs);
  }

  #judgeAfter(ms: number): void {
    if (this.#cancelJudging !== null) return;
    this.#cancelJudging = this.#options.clock.after(ms, () => {
      // What the system has taken in the meantime is told first: a server that was busy must not blame its clients.
      setImmediate(() => {
        this.#cancelJudging = null;
        this.#judge();
      });
    });
  }

  /** Ends as many as needed for those that wait, and looks again when the next one may have to be. */
  #judge(): void {
    this.#wake();
    if (this.#waiting.length === 0) return;
    const wanted = Math.max(...this.#waiting.map(({ bytes }) => bytes));
    const stalled = this.#stalled();
    const left = this.#heldByOthersThan(this.#ending);
    for (const client of stalled) {
      if (left.bytes === 0 || left.bytes + wanted <= this.#options.bytesMax / 2) break;
      left.without(client);
      this.#ending.add(client);
      this.#options.end(client, false);
    }
    const { clock, stalledMs } = this.#options;
    const nowMs = clock.nowMs();
    const nextMs = (this.#byAge()[0]?.sinceMs ?? nowMs) + stalledMs - nowMs;
    if (this.#waiting.length > 0) this.#judgeAfter(nextMs > 0 ? nextMs : stalledMs);
  }

  /** What will be held when some clients have gone, and then others. */
  #heldByOthersThan(gone: ReadonlySet<Client>): { readonly bytes: number; without(client: Client): void } {
    const holds = new Map([...this.#held].map(([what, entry]) => [what, entry.holds]));
    const left = {
      bytes: this.#bytes,
      without: (client: Client): void => {
        for (const { what } of this.#clients.get(client) ?? []) {
          const others = holds.get(what)! - 1;
          holds.set(what, others);
          if (others === 0) left.bytes -= this.#held.get(what)!.bytes;
        }
      },
    };
    for (const client of gone) left.without(client);
    return left;
  }
}
