// The engine of a network: CometBFT orders the blocks and asks the application by ABCI 2.0; what was executed is kept here, what is
// asked over the API answered, and what is sent spread. The same mempool as the embedded engine's decides what CometBFT's may hold.

import { join } from "node:path";
import type { StateTree } from "../../../wasm-core/bindings/state-tree.ts";
import type { Application, TransactionResult } from "../../modules/application.ts";
import { fromHex, hex } from "../../protocol/bytes.ts";
import { canonicalText } from "../../protocol/canonical.ts";
import { transactionBytesMax } from "../../protocol/transaction-limits.ts";
import { baseFile, writeBase } from "../../storage/base-state.ts";
import type { LedgerStore } from "../../storage/ledger-store.ts";
import { type StoredResults, storedResultsOf } from "../../storage/records.ts";
import { StoreError } from "../../storage/store-error.ts";
import { Admission, hashOf, type Submission } from "../admission.ts";
import { type BlockBuilder, transactionFramingBytes } from "../block-building.ts";
import { chooseTransactions } from "../block-choice.ts";
import type { Clock } from "../clock.ts";
import { CommitWaiters, type Outcome } from "../commit-waiters.ts";
import type { CommittedBlock, Engine } from "../engine.ts";
import type { EngineReport } from "../engine-report.ts";
import { appVersion, blockBytesMax, blockTransactionsMax } from "../genesis.ts";
import type { Mempool } from "../mempool.ts";
import type { MempoolJournal } from "../mempool-journal.ts";
import { bodyIdOf, idOf } from "../transaction-ids.ts";
import type {
  AbciHandler,
  AbciInfo,
  AbciQuery,
  AbciQueryAnswer,
  AbciSnapshot,
  CheckAnswer,
  ChunkVerdict,
  DecidedBlock,
  FinalizedBlock,
  InitChain,
  InitChainAnswer,
  OfferVerdict,
  PrepareProposal,
  Proposal,
} from "./abci-handler.ts";
import { BlockFollower } from "./block-follower.ts";
import type { CometRpcClient } from "./comet-rpc-client.ts";
import { type RestoredState, StateSnapshots } from "./state-snapshots.ts";
import { TransactionOutbox } from "./transaction-outbox.ts";

const stateNameBytesMax = 256;
/** All that waits is handed to CometBFT again at most this often. */
const spreadAgainPauseMs = 5_000;
/** Blocks whose timings are kept until they are whole. */
const timingsMax = 1_000;

export interface CometEngineOptions {
  readonly builder: BlockBuilder;
  readonly application: Application;
  readonly store: LedgerStore;
  readonly rpc: CometRpcClient;
  readonly clock: Clock;
  /** SHA-256 of the genesis document, hex: what the chain began with. */
  readonly genesisHash: string;
  /** Blocks that CometBFT keeps at least; 0 for all. */
  readonly keepBlocks: number;
  /** Blocks from one snapshot to the next; 0 for none. */
  readonly snapshotBlocks: number;
  readonly chainFolder: string;
  readonly newTree: () => StateTree;
  /** Called once when the engine cannot go on. */
  readonly onFatal: (error: unknown) => void;
  readonly journal?: MempoolJournal;
  readonly report?: (report: EngineReport) => void;
}

interface Executed {
  readonly height: number;
  readonly hash: string;
  readonly timeMs: number;
  readonly transactions: readonly Uint8Array[];
  readonly results: StoredResults;
  readonly changes: ReturnType<Application["finalise"]>["changes"];
  readonly executeMs: number;
}

export class CometEngine implements Engine, AbciHandler {
  readonly #options: CometEngineOptions;
  readonly #admission: Admission;
  readonly #waiters = new CommitWaiters();
  readonly #listeners = new Set<(block: CommittedBlock) => void>();
  readonly #follower: BlockFollower;
  readonly #outbox: TransactionOutbox;
  readonly #snapshots: StateSnapshots;
  readonly #timings = new Map<number, CommittedBlock["timings"]>();
  #appHash: Uint8Array;
  #executed: Executed | null = null;
  #opened = false;
  #spreadAgainMs = Number.NEGATIVE_INFINITY;

  /** The application must stand at the store's newest block. */
  constructor(options: CometEngineOptions) {
    this.#options = options;
    const { builder, application, store, rpc, clock } = options;
    this.#appHash = application.appHash;
    this.#admission = new Admission({
      ...options,
      waiters: this.#waiters,
      report: (report) => options.report?.(report),
      onTaken: () => undefined,
    });
    this.#outbox = new TransactionOutbox({
      mempool: this.#admission.mempool,
      rpc,
      clock,
      onRefused: (id, error) => {
        options.report?.({ kind: "failed", what: "CometBFT did not take a transaction", error });
        this.#admission.leaveOut([id]);
      },
    });
    this.#snapshots = new StateSnapshots({
      core: builder.core,
      newTree: options.newTree,
      application,
      chain: builder.genesis.chain,
      everyBlocks: options.snapshotBlocks,
      folder: join(options.chainFolder, "state-sync"),
      onFault: (error) => options.report?.({ kind: "failed", what: "a snapshot could not be taken", error }),
    });
    this.#follower = new BlockFollower({
      core: builder.core,
      store,
      rpc,
      clock,
      onWhole: (height) => this.#announce(height),
      onDelay: (error) =>
        options.report?.({ kind: "failed", what: "CometBFT's RPC does not tell of new blocks", error }),
      onFatal: options.onFatal,
    });
  }

  get mempool(): Mempool {
    return this.#admission.mempool;
  }

  get height(): number {
    return this.#options.store.wholeTo;
  }

  get appHash(): Uint8Array {
    return this.#appHash;
  }

  /** Completes what a crash left open, and takes up what waited. */
  async start(): Promise<void> {
    await this.#readAppHash();
    this.#follower.wake();
    if (this.#options.store.head !== null) await this.#open();
  }

  async stop(): Promise<void> {
    this.#admission.refuseAll();
    await this.#outbox.stop();
    await this.#snapshots.stop();
    await this.#follower.stop();
    await this.#admission.close();
    this.#waiters.releaseAll();
  }

  async submit(bytes: Uint8Array): Promise<Submission> {
    const known = this.mempool.idOfHash(hashOf(bytes)) !== undefined;
    const taken = await this.#admission.submit(bytes);
    if (taken.ok && !known) this.#outbox.add(taken.id);
    return taken;
  }

  outcomeOf(id: string, timeoutMs: number): Promise<Outcome | null> {
    return this.#waiters.wait(id, timeoutMs, this.#options.clock);
  }

  onBlock(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  info(): AbciInfo {
    const { store, application, clock } = this.#options;
    const height = store.head?.height ?? 0;
    // CometBFT asks this when it begins, and then what it held is gone; but it passes on the same question from anybody.
    const nowMs = clock.nowMs();
    if (Math.abs(nowMs - this.#spreadAgainMs) > spreadAgainPauseMs) {
      this.#spreadAgainMs = nowMs;
      this.#outbox.again();
    }
    return {
      data: "glasstown",
      version: String(appVersion),
      appVersion,
      lastBlockHeight: height,
      lastBlockAppHash: height === 0 ? new Uint8Array() : application.appHash,
    };
  }

  async initChain(request: InitChain): Promise<InitChainAnswer> {
    const { builder, application, store, genesisHash } = this.#options;
    const { genesis } = builder;
    const disagrees = (what: string): Error =>
      new StoreError(
        `${store.folder}: CometBFT's genesis has another ${what} than the ledger's genesis.json; both must be the network's`,
      );
    if (request.chain !== genesis.chain) throw disagrees("chain_id");
    if (request.initialHeight !== 1) throw disagrees("initial_height");
    if (request.timeMs !== genesis.timeMs) throw disagrees("genesis_time");
    const appState: unknown = JSON.parse(Buffer.from(request.appState).toString("utf8"));
    if (canonicalText(appState) !== canonicalText(genesis.appState)) throw disagrees("app_state");
    if (store.head !== null && store.head.height > 0)
      throw new StoreError(`${store.folder}: stands at block ${store.head.height}, but CometBFT begins the chain`);
    if (store.head === null) {
      const changes = application.initialise(genesis.chain, genesis.appState);
      await store.initialise(genesis.chain, hex(application.appHash), changes);
      await store.putGenesisHash(genesisHash);
      this.#appHash = application.appHash;
      await this.#open();
    }
    return { appHash: application.appHash };
  }

  async checkNew(transactions: readonly Uint8Array[]): Promise<readonly CheckAnswer[]> {
    const submissions = await Promise.all(transactions.map((bytes) => this.#admission.submit(bytes)));
    return submissions.map((submission) =>
      submission.ok ? passed : answerOf(submission.code, submission.name, submission.params),
    );
  }

  checkAgain(transaction: Uint8Array): CheckAnswer {
    const stillWaits = this.mempool.idOfHash(hashOf(transaction)) !== undefined;
    return stillWaits ? passed : { code: 1, codespace: "mempool", log: "it does not wait any more" };
  }

  /** From what waits here, which is what CometBFT's mempool holds and a little more, as lanes and fairness say. */
  prepareProposal({ transactionBytesMax: bytes }: PrepareProposal): readonly Uint8Array[] {
    const { application } = this.#options;
    const room = {
      transactions: blockTransactionsMax,
      bytes,
      registrations: application.registrationsPerBlockMax,
    };
    return chooseTransactions(this.mempool, room).map((pending) => pending.bytes);
  }

  processProposal({ transactions }: Proposal): boolean {
    if (transactions.length > blockTransactionsMax) return false;
    const hashes = new Set<string>();
    let bytes = 0;
    for (const transaction of transactions) {
      bytes += transaction.length + transactionFramingBytes;
      if (transaction.length > transactionBytesMax || bytes > blockBytesMax || bodyIdOf(transaction) === null)
        return false;
      hashes.add(hashOf(transaction));
    }
    return hashes.size === transactions.length;
  }

  async finalizeBlock(block: DecidedBlock): Promise<FinalizedBlock> {
    const { application } = this.#options;
    const { height, hash, timeMs, transactions } = block;
    this.#mustBeVersionOf(height);
    const beganMs = performance.now();
    const misbehaviour = block.misbehaviour.map((one) => ({ ...one, address: hex(one.address) }));
    const result = application.finalise({ height, hash, timeMs, transactions, misbehaviour });
    const executeMs = performance.now() - beganMs;
    const ids = transactions.map((bytes) => this.mempool.idOfHash(hashOf(bytes)) ?? idOf(bytes));
    const results = storedResultsOf(result.appHash, ids, result.results, result.events);
    this.#executed = { height, hash: hex(hash), timeMs, transactions, results, changes: result.changes, executeMs };
    return {
      results: result.results.map(resultOf),
      events: result.events,
      appHash: result.appHash,
      validatorUpdates: result.validatorUpdates.map(({ key, power }) => ({ key: fromHex(key), power })),
      appVersion: result.appVersion ?? null,
    };
  }

  /** From an upgrade's block on only the version that was decided may execute. */
  #mustBeVersionOf(height: number): void {
    const upgrade = this.#options.application.upgrade();
    if (upgrade === null || height < upgrade.height || upgrade.version <= appVersion) return;
    throw new StoreError(
      `block ${upgrade.height} is the upgrade to version ${upgrade.version} of the state machine, and this ledger is version ${appVersion}: ` +
        "install the newer one and start again; nothing is lost",
    );
  }

  async commit(): Promise<number> {
    const { builder, application, store, keepBlocks } = this.#options;
    const executed = this.#executed;
    if (executed === null) throw new Error("there is no finalized block to commit");
    const { height, hash, timeMs, results, changes, transactions, executeMs } = executed;
    const head = { chain: builder.genesis.chain, height, hash, appHash: results.appHash };
    const listed = transactions.map((bytes, index) => ({ id: results.ids[index]!, hash: hashOf(bytes), bytes }));
    const beganMs = performance.now();
    await store.append({ head, timeMs, results, changes, transactions: listed });
    this.#keepTimings(height, { executeMs, storeMs: performance.now() - beganMs });
    application.commit();
    this.#executed = null;
    this.#admission.settle(
      results.ids,
      height,
      changes.map(({ name }) => name),
    );
    this.#follower.wake();
    this.#snapshots.advance(height);
    // What is not completed here yet CometBFT must still be able to tell.
    return keepBlocks === 0 ? 0 : Math.max(0, Math.min(height - keepBlocks, store.wholeTo));
  }

  query({ path, data, height, prove }: AbciQuery): AbciQueryAnswer {
    const { application, builder } = this.#options;
    const failed = (log: string): AbciQueryAnswer => ({
      code: 1,
      codespace: "query",
      log,
      key: data,
      value: new Uint8Array(),
      height: 0,
      proof: null,
    });
    if (path !== "/state") return failed("the path must be /state");
    if (data.length === 0 || data.length > stateNameBytesMax)
      return failed(`a name has 1 to ${stateNameBytesMax} bytes`);
    try {
      const name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
      // The newest state whose root stands in a header that exists.
      const at = height === 0 ? Math.max(0, this.height - 1) : height;
      const found = application.query(name, { height: at, prove });
      return {
        code: 0,
        codespace: "",
        log: found.value === null ? "does not exist" : "exists",
        key: data,
        value: found.value ?? new Uint8Array(),
        height: found.height,
        proof: found.proof === null ? null : { key: builder.core.sha256(data), data: found.proof },
      };
    } catch (error) {
      if (error instanceof RangeError) return failed(error.message);
      if (error instanceof TypeError) return failed("the name is not UTF-8");
      throw error;
    }
  }

  listSnapshots(): Promise<readonly AbciSnapshot[]> {
    return Promise.resolve(this.#snapshots.list());
  }

  loadSnapshotChunk(height: number, format: number, chunk: number): Promise<Uint8Array> {
    return Promise.resolve(this.#snapshots.chunk(height, format, chunk));
  }

  /** Only for a ledger that has nothing yet: what is here is never replaced by what others offer. */
  async offerSnapshot(snapshot: AbciSnapshot, appHash: Uint8Array): Promise<OfferVerdict> {
    return this.#options.store.head === null ? this.#snapshots.offer(snapshot, appHash) : "abort";
  }

  async applySnapshotChunk(index: number, chunk: Uint8Array, sender: string): Promise<ChunkVerdict> {
    const { verdict, whole } = await this.#snapshots.apply(index, chunk, sender);
    if (whole !== null) await this.#begin(whole);
    return verdict;
  }

  /** The state that was synced becomes this ledger's; the block after it is the lowest that it will hold. */
  async #begin({ manifest, entries }: RestoredState): Promise<void> {
    const { store, application, builder, chainFolder, genesisHash } = this.#options;
    const { chain, height, appHash } = manifest;
    // From it the blocks that are kept can be replayed.
    await writeBase(baseFile(chainFolder, height), entries());
    // What the block's hash was its successor says.
    await store.beginWith({ chain, height, hash: "", appHash }, entries());
    await store.putGenesisHash(genesisHash);
    const root = await application.restore(builder.genesis.chain, height, entries());
    if (hex(root) !== appHash) throw new Error("the state that was synced has another root than its chunks");
    this.#appHash = root;
    await this.#snapshots.done();
    await this.#open();
  }

  async #open(): Promise<void> {
    if (this.#opened) return;
    this.#opened = true;
    await this.#admission.begin(async (id) => (await this.#options.store.place("id", id)) !== null);
    this.#outbox.again();
  }

  async #readAppHash(): Promise<void> {
    const { store, application } = this.#options;
    const results = this.height === 0 ? null : await store.results(this.height);
    this.#appHash = results === null ? application.appHash : fromHex(results.appHash);
  }

  #keepTimings(height: number, timings: CommittedBlock["timings"]): void {
    this.#timings.set(height, timings);
    for (const oldest of this.#timings.keys()) {
      if (this.#timings.size <= timingsMax) break;
      this.#timings.delete(oldest);
    }
  }

  /** Tells of a block that is whole: whoever fails to hear it does not stop the others. */
  async #announce(height: number): Promise<void> {
    const { store } = this.#options;
    const [stored, results] = await Promise.all([store.block(height), store.results(height)]);
    if (stored === null || results === null) throw new StoreError(`${store.folder}: block ${height} is missing`);
    const timings = this.#timings.get(height) ?? { executeMs: 0, storeMs: 0 };
    this.#timings.delete(height);
    this.#appHash = fromHex(results.appHash);
    for (const [index, id] of results.ids.entries())
      this.#waiters.settle(id, { kind: "committed", height, index, result: results.transactions[index]! });
    for (const listener of this.#listeners) {
      try {
        listener({ height, stored, results, timings });
      } catch (error) {
        this.#options.report?.({ kind: "failed", what: "a listener failed at a block", error });
      }
    }
  }
}

const passed: CheckAnswer = { code: 0, codespace: "", log: "" };

function answerOf(code: number, refusal: string, params: Readonly<Record<string, string | number>>): CheckAnswer {
  return { code, codespace: refusal.slice(0, refusal.indexOf("_")), log: JSON.stringify({ refusal, params }) };
}

function resultOf(result: TransactionResult): FinalizedBlock["results"][number] {
  const { code, codespace, refusal, params, data, events } = result;
  return { code, codespace, log: code === 0 ? "" : JSON.stringify({ refusal, params }), data, events };
}
