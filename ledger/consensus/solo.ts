// The embedded engine: one validator orders, signs and stores blocks in CometBFT v0.38's form.
// A block is made soon after a transaction, once more after a block that changed the state (so that the new state can be proven),
// when the application asks for one, and as a heartbeat. Nothing is announced before it is synced to disk.

import type { Application, BlockInput, BlockResult } from "../modules/application.ts";
import { hex } from "../protocol/bytes.ts";
import {
  blockIdToJson,
  commitToJson,
  headerToJson,
  msOfTimestamp,
  timestampOfMs,
  toBase64,
} from "../protocol/comet.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import { type StoredBlock, storedResultsOf } from "../storage/records.ts";
import { StoreError } from "../storage/store-error.ts";
import { Admission, hashOf, type Submission } from "./admission.ts";
import { type BlockBuilder, type BuiltBlock, blockDataBytesMax, type ChainPosition } from "./block-building.ts";
import { chooseTransactions } from "./block-choice.ts";
import type { Clock } from "./clock.ts";
import { CommitWaiters, type Outcome } from "./commit-waiters.ts";
import type { CommittedBlock, Engine } from "./engine.ts";
import type { EngineReport } from "./engine-report.ts";
import { blockTransactionsMax } from "./genesis.ts";
import type { Mempool } from "./mempool.ts";
import type { MempoolJournal } from "./mempool-journal.ts";
import type { ValidatorSigner } from "./validator-signer.ts";

export interface SoloOptions {
  readonly builder: BlockBuilder;
  readonly application: Application;
  readonly store: LedgerStore;
  readonly signer: ValidatorSigner;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** Called once when the engine cannot go on; it has stopped then, and nothing half-made was announced. */
  readonly onFatal: (error: unknown) => void;
  readonly mempool?: Mempool;
  /** Keeps what waits over a restart. */
  readonly journal?: MempoolJournal;
  /** Told of what went wrong without stopping the engine, and of what was dropped. */
  readonly report?: (report: EngineReport) => void;
}

/** Least time between two blocks that something asked for. */
const blockIntervalMs = 200;
/** After an idle time, how long a first transaction waits for others. */
const gatherMs = 20;

/** A candidate for the next block. */
interface Candidate {
  readonly id: string;
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly by: readonly string[];
}

export class SoloEngine implements Engine {
  readonly #admission: Admission;
  readonly #options: SoloOptions;
  readonly #waiters = new CommitWaiters();
  readonly #listeners = new Set<(block: CommittedBlock) => void>();
  #position: ChainPosition;
  #lastMadeMs = 0;
  /** When the first transaction came that found none waiting; null while none waits. */
  #waitingSinceMs: number | null = null;
  #followUp = false;
  #cancelTimer: (() => void) | null = null;
  #producing: Promise<void> | null = null;
  #state: "new" | "running" | "stopped" = "new";

  /** The application must stand at the position: initialised or restored. */
  constructor(options: SoloOptions, position: ChainPosition) {
    this.#options = options;
    this.#position = position;
    this.#admission = new Admission({
      ...options,
      waiters: this.#waiters,
      report: (report) => options.report?.(report),
      onTaken: () => {
        this.#waitingSinceMs ??= options.clock.nowMs();
        this.#schedule();
      },
    });
  }

  get mempool(): Mempool {
    return this.#admission.mempool;
  }

  /** Height of the newest block on disk. */
  get height(): number {
    return this.#position.height;
  }

  get appHash(): Uint8Array {
    return this.#position.appHash;
  }

  /**
   * Makes the block that a crash interrupted, else a new one, so that the state as it was found is under a header and can be
   * proven; then keeps making blocks. @throws {StoreError} when the validator has signed more than the store holds.
   */
  async start(): Promise<void> {
    const { store, signer } = this.#options;
    const proposal = await store.proposal();
    const next = this.height + 1;
    if (signer.height > this.height && (proposal?.height !== next || signer.height > next))
      throw new StoreError(
        `${store.folder}: ends at block ${this.height}, but the validator has signed block ${signer.height}; ` +
          "restore the newer store, the validator must not sign again",
      );
    // Every block in the store was signed first. Without that memory nothing tells whether this store is the newest one.
    if (signer.height < this.height)
      throw new StoreError(
        `${store.folder}: ends at block ${this.height}, but validator-state.json is missing or too old ` +
          `(block ${signer.height}); restore it, the validator must not sign a block twice`,
      );
    this.#state = "running";
    // What was not signed yet may become another block: its transactions wait in the journal.
    if (proposal?.height === next && signer.height === next) {
      const candidates = proposal.transactions.map((bytes) => this.#candidateOf(bytes));
      await this.#make(candidates, proposal.voteTimeMs, true);
    } else await this.#make([], this.#voteTimeMs(), false);
    await this.#admission.begin(async (id) => (await store.place("id", id)) !== null);
    this.#schedule();
  }

  /** Lets the block in progress finish and makes no more. Waiting callers get null. */
  async stop(): Promise<void> {
    this.#state = "stopped";
    this.#cancelTimer?.();
    this.#admission.refuseAll();
    await this.#producing?.catch(() => undefined);
    await this.#admission.close();
    this.#waiters.releaseAll();
  }

  /** Calls back after each block is on disk. The answer ends it. */
  onBlock(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Checks a transaction and takes it into the mempool. Bytes that are already waiting are accepted again.
   * @throws what a module throws: a bug.
   */
  submit(bytes: Uint8Array): Promise<Submission> {
    return this.#admission.submit(bytes);
  }

  /** Waits until a pending transaction is in a block or dropped; null when the time is over or too many wait already. */
  outcomeOf(id: string, timeoutMs: number): Promise<Outcome | null> {
    return this.#waiters.wait(id, timeoutMs, this.#options.clock);
  }

  #voteTimeMs(): number {
    const blockTimeMs = msOfTimestamp(this.#options.builder.timeAfter(this.#position));
    return Math.max(Math.floor(this.#options.clock.nowMs()), blockTimeMs + 1);
  }

  /** Sets the one timer to the earliest moment at which a block is due. */
  #schedule(): void {
    if (this.#state !== "running" || this.#producing !== null) return;
    this.#cancelTimer?.();
    const { clock, heartbeatMs, application } = this.#options;
    const now = clock.nowMs();
    // A clock that was set back must not make us wait until it is again what it was.
    const made = Math.min(this.#lastMadeMs, now);
    const soonest = made + blockIntervalMs;
    let due = made + heartbeatMs;
    if (this.#followUp) due = Math.min(due, soonest);
    // Counted from the first that waits: those that follow it do not put the block off.
    if (this.mempool.size > 0)
      due = Math.min(due, Math.max(soonest, Math.min(this.#waitingSinceMs ?? now, now) + gatherMs));
    const wake = application.wakeAtMs();
    if (wake !== null) due = Math.min(due, Math.max(soonest, wake));
    this.#cancelTimer = clock.after(Math.max(0, due - now), () => this.#tick());
  }

  #tick(): void {
    if (this.#state !== "running" || this.#producing !== null) return;
    this.#producing = this.#produce().then(
      () => {
        this.#producing = null;
        this.#schedule();
      },
      (error: unknown) => {
        this.#producing = null;
        this.#state = "stopped";
        this.#admission.refuseAll();
        this.#waiters.releaseAll();
        this.#options.onFatal(error);
      },
    );
  }

  async #produce(): Promise<void> {
    const room = {
      transactions: blockTransactionsMax,
      bytes: blockDataBytesMax,
      registrations: this.#options.application.registrationsPerBlockMax,
    };
    const chosen = chooseTransactions(this.mempool, room);
    this.mempool.propose(chosen);
    await this.#make(chosen, this.#voteTimeMs(), false);
  }

  /**
   * Executes, signs and stores one block. Signed is what was executed, so that a bug in a module stops the node before, and what
   * is on disk as the proposal, so that after a crash exactly this block is signed again and no other.
   */
  async #make(candidates: readonly Candidate[], voteTimeMs: number, resumed: boolean): Promise<void> {
    const { builder, application, store, signer, clock } = this.#options;
    const begunMs = clock.nowMs();
    const height = this.height + 1;
    const transactions = candidates.map((candidate) => candidate.bytes);
    const block = builder.build(this.#position, transactions);
    const timeMs = msOfTimestamp(block.header.time);
    // The disk writes while the block is executed.
    const proposed = resumed ? null : store.putProposal({ height, voteTimeMs, transactions });
    proposed?.catch(() => undefined);
    const beganMs = performance.now();
    const result = this.#execute({ height, hash: block.blockId.hash, timeMs, transactions }, candidates);
    const executeMs = performance.now() - beganMs;
    if (result.results.length !== transactions.length) throw new Error("the application lost a result");
    await proposed;
    const timestamp = timestampOfMs(voteTimeMs);
    const signature = await signer.sign(height, builder.voteSignBytes(block, timestamp));
    const commit = builder.commitOf(block, timestamp, signature);
    const stored = storedBlockOf(block, commit);
    const ids = candidates.map(({ id }) => id);
    const results = storedResultsOf(result.appHash, ids, result.results, result.events);
    const head = {
      chain: builder.genesis.chain,
      height,
      hash: hex(block.blockId.hash),
      appHash: hex(result.appHash),
    };
    const { encoded } = block;
    const storingMs = performance.now();
    await store.append({ head, encoded, timeMs, commit, results, changes: result.changes, transactions: candidates });
    const storeMs = performance.now() - storingMs;
    application.commit();
    // New state is provable only under the next header. Housekeeping alone, such as forgetting old ids, can wait for the heartbeat.
    this.#followUp = transactions.length > 0 || result.events.length > 0;
    this.#position = builder.positionAfter(stored, results);
    this.#lastMadeMs = begunMs;
    this.#announce({ height, stored, results, timings: { executeMs, storeMs } }, result);
    if (this.mempool.size === 0) this.#waitingSinceMs = null;
  }

  /** A bug that a transaction brings out must not stop the next start too: what was in the block does not wait any more. */
  #execute(block: BlockInput, candidates: readonly Candidate[]): BlockResult {
    try {
      return this.#options.application.finalise(block);
    } catch (error) {
      this.#admission.leaveOut(candidates.map(({ id }) => id));
      throw error;
    }
  }

  /** Tells of a block that is on disk: whoever fails to hear it does not stop the others. */
  #announce(block: CommittedBlock, { changes }: BlockResult): void {
    const { ids, transactions } = block.results;
    this.#admission.settle(
      ids,
      block.height,
      changes.map(({ name }) => name),
    );
    for (const [index, id] of ids.entries())
      this.#waiters.settle(id, { kind: "committed", height: block.height, index, result: transactions[index]! });
    for (const listener of this.#listeners) {
      try {
        listener(block);
      } catch (error) {
        this.#options.report?.({ kind: "failed", what: "a listener failed at a block", error });
      }
    }
  }

  /** Of a transaction that a stored proposal holds: it was checked before it came there. */
  #candidateOf(bytes: Uint8Array): Candidate {
    const checked = this.#options.application.check(bytes, { has: () => false, countOf: () => 0 });
    return { id: checked.id, hash: hashOf(bytes), bytes, by: checked.by };
  }
}

function storedBlockOf(block: BuiltBlock, commit: Parameters<typeof commitToJson>[0]): StoredBlock {
  return {
    block_id: blockIdToJson(block.blockId),
    block: {
      header: headerToJson(block.header),
      data: { txs: block.transactions.map(toBase64) },
      evidence: { evidence: [] },
      last_commit: commitToJson(block.lastCommit),
    },
    commit: commitToJson(commit),
    size: block.encoded.length,
  };
}
