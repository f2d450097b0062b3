// The way into the mempool and out of it: submission, what a block takes or touches, what is dropped and who is told, and what a
// restart finds. Bounds: the mempool's and the admission queue's; after each block at most 256 transactions are checked again.

import { hash as digest } from "node:crypto";
import type { Application, Checked, TransactionResult } from "../modules/application.ts";
import { type Refusal, type RefusalName, refuse } from "../protocol/refusals.ts";
import { transactionBytesMax } from "../protocol/transaction-limits.ts";
import { AdmissionQueue } from "./admission-queue.ts";
import type { CommitWaiters } from "./commit-waiters.ts";
import type { EngineReport } from "./engine-report.ts";
import { Mempool } from "./mempool.ts";
import type { MempoolJournal } from "./mempool-journal.ts";

/** Checked again after a block; what it touched beyond that has its turn after the next, or is refused in a block. */
const recheckedMax = 256;
/** Readmitted in one turn of the event loop. */
const readmittedPerTurn = 64;

export type Submission = { readonly ok: true; readonly id: string; readonly hash: string } | Refusal;

export interface AdmissionOptions {
  readonly application: Application;
  readonly waiters: CommitWaiters;
  readonly report: (report: EngineReport) => void;
  /** Called when the mempool has taken a transaction. */
  readonly onTaken: () => void;
  readonly mempool?: Mempool;
  readonly journal?: MempoolJournal;
}

export class Admission {
  readonly mempool: Mempool;
  readonly #options: AdmissionOptions;
  readonly #queue = new AdmissionQueue<Submission>((batch) => this.#admit(batch));
  /** Touched by a block and not checked since, in the order in which they were touched. */
  readonly #touched = new Set<string>();
  /** From the start, once what waited is taken up, to the end: nobody comes before those who waited. */
  #open = false;
  #ended = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.mempool = options.mempool ?? new Mempool();
  }

  /**
   * Checks a transaction and takes it into the mempool. Bytes that are already waiting are accepted again.
   * @throws what a module throws: a bug.
   */
  async submit(bytes: Uint8Array): Promise<Submission> {
    if (!this.#open) return refuse("transaction_ledger_must_be_running");
    if (bytes.length > transactionBytesMax)
      return refuse("transaction_bytes_must_not_exceed_limit", { bytes: bytes.length, limit: transactionBytesMax });
    const hash = hashOf(bytes);
    const waiting = this.mempool.idOfHash(hash);
    if (waiting !== undefined) return { ok: true, id: waiting, hash };
    return this.#queue.add(Uint8Array.from(bytes), hash, saysAnchor(bytes)) ?? this.mempool.fullRefusal();
  }

  /** Takes out what is in a block, drops what the block made invalid or too late. `changed`: names of the state's entries. */
  settle(ids: readonly string[], height: number, changed: Iterable<string>): void {
    const { mempool } = this;
    mempool.remove(ids);
    for (const id of mempool.expiredAt(height + 1))
      this.#drop(
        id,
        refuse("transaction_must_not_be_expired", { expires: mempool.get(id)!.expires, height: height + 1 }),
      );
    for (const id of mempool.restingOn(changed)) this.#touched.add(id);
    this.#checkTouched();
    // While it is taken up, what waits is not all in the mempool yet, and the journal alone holds the rest.
    if (this.#open) this.#options.journal?.trim(mempool, mempool.bytes);
  }

  /** Takes in again what waited when the process ended, after the first block, so that everything is checked; then all that comes. */
  async begin(isInBlock: (id: string) => Promise<boolean>): Promise<void> {
    await this.#recover(isInBlock);
    this.#open = !this.#ended;
  }

  async #recover(isInBlock: (id: string) => Promise<boolean>): Promise<void> {
    const { journal, report } = this.#options;
    if (journal === undefined) return;
    const { transactions, tornBytes } = await journal.recover();
    if (transactions.length === 0 && tornBytes === 0) return;
    const counts = { taken: 0, inBlock: 0, dropped: 0 };
    for (const [index, bytes] of transactions.entries()) {
      if (index % readmittedPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      const { id, refusal } = this.#readmit(bytes);
      if (refusal === null) counts.taken++;
      else if (await isInBlock(id)) counts.inBlock++;
      else {
        counts.dropped++;
        this.mempool.countDropped(refusal.name);
        report({ kind: "dropped", id, refusal, restart: true });
      }
    }
    report({ kind: "recovered", ...counts, tornBytes });
  }

  /** Drops what was in a block that could not be executed. */
  leaveOut(ids: readonly string[]): void {
    for (const id of ids) if (this.mempool.has(id)) this.#drop(id, this.mempool.pushedOutRefusal());
  }

  /** Takes no more. What waits is on disk when the promise resolves. */
  async close(): Promise<void> {
    this.refuseAll();
    await this.#options.journal?.close(this.mempool);
  }

  /** Takes no more, and leaves the journal as it is. */
  refuseAll(): void {
    this.#open = false;
    this.#ended = true;
  }

  *#admit(batch: readonly { readonly bytes: Uint8Array; readonly hash: string }[]): Generator<Submission> {
    const all = batch.map(({ bytes }) => bytes);
    let index = 0;
    for (const checked of this.#options.application.checkAll(all, this.mempool)) {
      const { bytes, hash } = batch[index++]!;
      const refusal = this.#open ? this.#take(checked, bytes, hash) : refuse("transaction_ledger_must_be_running");
      if (refusal === null) this.#options.journal?.append(bytes);
      yield refusal ?? { ok: true, id: checked.id, hash };
    }
  }

  #take(checked: Checked, bytes: Uint8Array, hash: string): Refusal | null {
    if (checked.code !== 0) return refusalOf(checked);
    const { id, by, expires, lane, registrations, rests } = checked;
    const taken = this.mempool.add({ id, hash, bytes, by, expires, lane, registrations, rests });
    if (!taken.ok) return taken;
    for (const { id: pushedOut } of taken.pushedOut) this.#tell(pushedOut, this.mempool.pushedOutRefusal());
    this.#options.onTaken();
    return null;
  }

  #readmit(bytes: Uint8Array): { readonly id: string; readonly refusal: Refusal | null } {
    try {
      const checked = this.#options.application.check(bytes, this.mempool);
      return { id: checked.id, refusal: this.#take(checked, bytes, hashOf(bytes)) };
    } catch (error) {
      // A bug in a module must not keep the ledger from starting: what met it is left out.
      this.#options.report({ kind: "failed", what: "a transaction that waited could not be checked", error });
      return { id: "", refusal: refuse("transaction_mempool_place_must_be_kept") };
    }
  }

  #checkTouched(): void {
    let left = recheckedMax;
    for (const id of this.#touched) {
      if (left === 0) return;
      this.#touched.delete(id);
      const pending = this.mempool.get(id);
      if (pending === undefined) continue;
      left--;
      // It does not stand in its own way; what else waits was counted when it came.
      const checked = this.#options.application.check(pending.bytes, { has: () => false, countOf: () => 0 });
      if (checked.code === 0 || mayPass.has(checked.refusal)) continue;
      this.#drop(id, refusalOf(checked));
    }
  }

  #drop(id: string, refusal: Refusal): void {
    this.mempool.drop(id, refusal.name);
    this.#tell(id, refusal);
  }

  #tell(id: string, refusal: Refusal): void {
    this.#touched.delete(id);
    this.#options.waiters.settle(id, { kind: "dropped", refusal });
    this.#options.report({ kind: "dropped", id, refusal, restart: false });
  }
}

/** What is over a quota now may fit into a later block. */
const mayPass: ReadonlySet<string> = new Set<RefusalName>(["transaction_quota_must_not_be_exceeded"]);

export function refusalOf(result: TransactionResult): Refusal {
  return { ok: false, name: result.refusal as RefusalName, code: result.code, params: result.params };
}

/** Whether it looks like an anchor. Whether it is one is known when it is checked. */
function saysAnchor(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"telemetry/anchor-log"');
}

export function hashOf(bytes: Uint8Array): string {
  return digest("sha256", bytes, "hex");
}
