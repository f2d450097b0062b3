// Transactions that wait for a block. Four lanes with a queue each (fair-queue.ts): the twin's anchors, services, citizens, and
// newcomers, whose accounts cost nothing to make up. Bounded by count, bytes and each account's share of both; a lane's reserve is
// out of reach of the lanes after it. When a lane is full, who waits for most makes room for who waits for less; what stands in a
// block under way counts still, but makes room for nobody.

import type { Lane, PendingView } from "../modules/application.ts";
import { type Refusal, type RefusalName, refuse } from "../protocol/refusals.ts";
import { FairQueue, turnsOf } from "./fair-queue.ts";
import { VerdictIndex } from "./verdict-index.ts";

export interface MempoolLimits {
  readonly transactionsMax: number;
  readonly bytesMax: number;
  /** Of one account. */
  readonly transactionsPerAccountMax: number;
  readonly bytesPerAccountMax: number;
  /** The anchors' own room: no other lane gets into it, and they get no other. */
  readonly anchors: Room;
  /** Room that citizens and newcomers cannot take from services. */
  readonly servicesReserve: Room;
  /** Room that services cannot take from citizens and newcomers. */
  readonly citizensReserve: Room;
  readonly newcomersMax: Room;
  /** About how long a block takes, and how much it takes: for the hint when to try again. */
  readonly blockMs: number;
  readonly blockTransactions: number;
}

export interface Room {
  readonly transactions: number;
  readonly bytes: number;
}

const kilobyte = 1_024;
export const mempoolLimits: MempoolLimits = {
  transactionsMax: 5_000,
  bytesMax: 16 * kilobyte * kilobyte,
  transactionsPerAccountMax: 256,
  bytesPerAccountMax: 4 * kilobyte * kilobyte,
  anchors: { transactions: 64, bytes: 256 * kilobyte },
  servicesReserve: { transactions: 500, bytes: 2 * kilobyte * kilobyte },
  citizensReserve: { transactions: 1_000, bytes: 4 * kilobyte * kilobyte },
  newcomersMax: { transactions: 400, bytes: kilobyte * kilobyte },
  blockMs: 200,
  blockTransactions: 2_000,
};

export interface PendingTransaction {
  /** sha256 of the canonical body, hex. */
  readonly id: string;
  /** sha256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: Uint8Array;
  /** Each account once. */
  readonly by: readonly string[];
  /** Last height at which it may enter a block. */
  readonly expires: number;
  readonly lane: Lane;
  /** Accounts that it registers. */
  readonly registrations: number;
  /** On what its admission rests. */
  readonly rests: { readonly names: Iterable<string>; readonly prefixes: Iterable<string> };
}

/** Taken, and what had to make room for it: newest first, all of one account. */
export interface Taken {
  readonly ok: true;
  readonly pushedOut: readonly PendingTransaction[];
}

/** In the order of their urgency. */
export const lanes = ["anchor", "service", "citizen", "newcomer"] as const satisfies readonly Lane[];

export interface MempoolFigures {
  readonly transactions: number;
  readonly bytes: number;
  readonly lanes: Readonly<Record<Lane, Room>>;
  /** What was accepted and then dropped since the start, by reason. */
  readonly dropped: Readonly<Partial<Record<RefusalName, number>>>;
}

export class Mempool implements PendingView {
  readonly #limits: MempoolLimits;
  readonly #byId = new Map<string, PendingTransaction>();
  readonly #idsByHash = new Map<string, string>();
  readonly #shares = new Map<string, { transactions: number; bytes: number }>();
  readonly #queues: Readonly<Record<Lane, FairQueue<PendingTransaction>>> = {
    anchor: new FairQueue(),
    service: new FairQueue(),
    citizen: new FairQueue(),
    newcomer: new FairQueue(),
  };
  /** What stands in the block under way, out of the queues; and the room that it takes until it is removed. */
  readonly #proposed = new Set<string>();
  readonly #proposedRoom: Readonly<Record<Lane, { transactions: number; bytes: number }>> = {
    anchor: { transactions: 0, bytes: 0 },
    service: { transactions: 0, bytes: 0 },
    citizen: { transactions: 0, bytes: 0 },
    newcomer: { transactions: 0, bytes: 0 },
  };
  readonly #verdicts = new VerdictIndex();
  readonly #dropped: Partial<Record<RefusalName, number>> = {};

  constructor(limits: MempoolLimits = mempoolLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  get bytes(): number {
    return this.#bytesOf(lanes);
  }

  get figures(): MempoolFigures {
    const room = (lane: Lane): Room => ({ transactions: this.#countOf([lane]), bytes: this.#bytesOf([lane]) });
    return {
      transactions: this.size,
      bytes: this.bytes,
      lanes: {
        anchor: room("anchor"),
        service: room("service"),
        citizen: room("citizen"),
        newcomer: room("newcomer"),
      },
      dropped: { ...this.#dropped },
    };
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): PendingTransaction | undefined {
    return this.#byId.get(id);
  }

  /** The id of the pending transaction with exactly these bytes. */
  idOfHash(hash: string): string | undefined {
    return this.#idsByHash.get(hash);
  }

  countOf(account: string): number {
    return this.#shares.get(account)?.transactions ?? 0;
  }

  /** In order of arrival. */
  [Symbol.iterator](): IterableIterator<PendingTransaction> {
    return this.#byId.values();
  }

  /** A lane's transactions that are in no block yet, in the order in which they are served. */
  inLane(lane: Lane): Iterable<PendingTransaction> {
    return this.#queues[lane];
  }

  /** Takes a checked transaction. */
  add(transaction: PendingTransaction): Taken | Refusal {
    const { id, hash, by } = transaction;
    if (this.#byId.has(id)) return refuse("transaction_must_not_be_repeated", { id });
    const overShare = by.find((account) => !this.#fitsShare(account, transaction));
    if (overShare !== undefined)
      return refuse("transaction_mempool_share_must_not_be_exceeded", {
        account: overShare,
        limit: this.#limits.transactionsPerAccountMax,
        retryMs: this.#retryMs(),
      });
    const pushedOut = this.#makeRoom(transaction);
    if (pushedOut === null) return this.fullRefusal();
    for (const other of pushedOut) this.drop(other.id, "transaction_mempool_place_must_be_kept");
    this.#byId.set(id, transaction);
    this.#idsByHash.set(hash, id);
    this.#queues[transaction.lane].add(transaction);
    this.#verdicts.add(id, transaction.rests);
    this.#share(transaction, 1);
    return { ok: true, pushedOut };
  }

  /** Why nothing more is taken. */
  fullRefusal(): Refusal {
    return refuse("transaction_mempool_must_have_room", { transactions: this.size, retryMs: this.#retryMs() });
  }

  /** Why a transaction that waited does so no more. */
  pushedOutRefusal(): Refusal {
    return refuse("transaction_mempool_place_must_be_kept", { transactions: this.size, retryMs: this.#retryMs() });
  }

  /**
   * Tells which transactions the block under way is of. They stay until they are removed, but are in no later block and make room
   * for nobody; accounts that come later stand behind them.
   */
  propose(transactions: readonly PendingTransaction[]): void {
    const waiting = transactions.filter(({ id }) => this.#byId.has(id) && !this.#proposed.has(id));
    for (const lane of lanes) {
      const ofLane = waiting.filter((each) => each.lane === lane);
      this.#queues[lane].served(ofLane);
      this.#queues[lane].remove(ofLane);
    }
    for (const transaction of waiting) {
      this.#proposed.add(transaction.id);
      this.#countProposed(transaction, 1);
    }
  }

  /** Takes out what is in a block. */
  remove(ids: readonly string[]): void {
    const gone = [...new Set(ids)].flatMap((id) => this.#byId.get(id) ?? []);
    for (const transaction of gone) {
      this.#byId.delete(transaction.id);
      this.#idsByHash.delete(transaction.hash);
      this.#verdicts.remove(transaction.id);
      this.#share(transaction, -1);
    }
    const queued = gone.filter(({ id }) => !this.#proposed.has(id));
    for (const lane of lanes) this.#queues[lane].remove(queued.filter((each) => each.lane === lane));
    for (const transaction of gone) if (this.#proposed.delete(transaction.id)) this.#countProposed(transaction, -1);
  }

  /** Takes out what will be in no block, and counts why. */
  drop(id: string, reason: RefusalName): void {
    if (!this.#byId.has(id)) return;
    this.remove([id]);
    this.countDropped(reason);
  }

  /** Counts what was accepted once and is not taken again. */
  countDropped(reason: RefusalName): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }

  /** Ids whose admission rests on one of these entries. */
  restingOn(names: Iterable<string>): ReadonlySet<string> {
    return this.#verdicts.restingOn(names);
  }

  /** Ids of what may not enter a block of this height any more. */
  expiredAt(height: number): readonly string[] {
    const expired: string[] = [];
    for (const { id, expires } of this.#byId.values()) if (expires < height) expired.push(id);
    return expired;
  }

  #fitsShare(account: string, { bytes }: PendingTransaction): boolean {
    const share = this.#shares.get(account);
    const { transactionsPerAccountMax, bytesPerAccountMax } = this.#limits;
    if (share === undefined) return bytes.length <= bytesPerAccountMax;
    return share.transactions < transactionsPerAccountMax && share.bytes + bytes.length <= bytesPerAccountMax;
  }

  /** What must go for the transaction to fit; null when it cannot, or only at the cost of who waits for no more than it. */
  #makeRoom(transaction: PendingTransaction): readonly PendingTransaction[] | null {
    const queue = this.#queues[transaction.lane];
    const pushedOut: PendingTransaction[] = [];
    const busiest = queue.busiest();
    let freed = 0;
    let turns = busiest?.turns ?? 0;
    const wanted = turnsOf(transaction) + Math.max(0, ...transaction.by.map((account) => queue.turnsOf(account)));
    while (!this.#hasRoom(transaction, pushedOut.length, freed)) {
      const next = busiest?.entries.at(-1 - pushedOut.length);
      if (next === undefined) return null;
      turns -= turnsOf(next);
      if (turns < wanted) return null;
      freed += next.bytes.length;
      pushedOut.push(next);
    }
    return pushedOut;
  }

  /** Whether the transaction fits once its lane is so much smaller. */
  #hasRoom({ lane, bytes }: PendingTransaction, fewer: number, freed: number): boolean {
    const { transactionsMax, bytesMax, anchors, servicesReserve, citizensReserve, newcomersMax } = this.#limits;
    const fits = (those: readonly Lane[], transactions: number, most: number): boolean =>
      this.#countOf(those) - fewer < transactions && this.#bytesOf(those) - freed + bytes.length <= most;
    if (lane === "anchor") return fits(["anchor"], anchors.transactions, anchors.bytes);
    const transactions = transactionsMax - anchors.transactions;
    const most = bytesMax - anchors.bytes;
    if (!fits(["service", "citizen", "newcomer"], transactions, most)) return false;
    if (lane === "service")
      return fits(["service"], transactions - citizensReserve.transactions, most - citizensReserve.bytes);
    if (!fits(["citizen", "newcomer"], transactions - servicesReserve.transactions, most - servicesReserve.bytes))
      return false;
    return lane === "citizen" || fits(["newcomer"], newcomersMax.transactions, newcomersMax.bytes);
  }

  #countOf(those: readonly Lane[]): number {
    return those.reduce((sum, lane) => sum + this.#queues[lane].size + this.#proposedRoom[lane].transactions, 0);
  }

  #bytesOf(those: readonly Lane[]): number {
    return those.reduce((sum, lane) => sum + this.#queues[lane].bytes + this.#proposedRoom[lane].bytes, 0);
  }

  /** When the blocks to come will have taken what waits now. */
  #retryMs(): number {
    return this.#limits.blockMs * (1 + Math.floor(this.size / this.#limits.blockTransactions));
  }

  #countProposed({ lane, bytes }: PendingTransaction, sign: 1 | -1): void {
    this.#proposedRoom[lane].transactions += sign;
    this.#proposedRoom[lane].bytes += sign * bytes.length;
  }

  #share({ by, bytes }: PendingTransaction, sign: 1 | -1): void {
    for (const account of by) {
      const share = this.#shares.get(account) ?? { transactions: 0, bytes: 0 };
      share.transactions += sign;
      share.bytes += sign * bytes.length;
      if (share.transactions === 0) this.#shares.delete(account);
      else this.#shares.set(account, share);
    }
  }
}
