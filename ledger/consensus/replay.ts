// Replays stored blocks on a fresh application, and checks on the way that every block is well made: its header follows from the
// chain before it, its commit is signed by the validator, its results and state roots agree. `verify`, `repair` and `import` use it.

import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Application, StateChange } from "../modules/application.ts";
import { fromHex, fromUtf8, hex } from "../protocol/bytes.ts";
import {
  blockIdFromJson,
  commitFromJson,
  fromBase64,
  headerFromJson,
  msOfTimestamp,
  timestampFromText,
} from "../protocol/comet.ts";
import { verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import { type HistoryRecord, historyState } from "../protocol/history.ts";
import { baseFile, type EntryPage, readBase } from "../storage/base-state.ts";
import { type BlockRecord, factsOf } from "../storage/block-record.ts";
import { addToTotals, type DailyTotals, dayOf } from "../storage/daily-totals.ts";
import { differenceOfHistory } from "../storage/history-nodes.ts";
import { differenceOfIndex, indexOperations } from "../storage/index-operations.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import { resultOfStored, type StoredBlock, type StoredResults, storedResultsOf } from "../storage/records.ts";
import { repairAdvice } from "../storage/store-error.ts";
import { listed, SurplusIndex, surplusDays, surplusRecords } from "../storage/surplus.ts";
import type { BlockBuilder, ChainPosition } from "./block-building.ts";
import { resultsHash } from "./block-encoding.ts";
import { idOf } from "./transaction-ids.ts";

/** Entries of the state that a report names. */
const differencesNamedMax = 3;

export interface ReplayReport {
  readonly height: number;
  readonly transactions: number;
  /** State root after the last block, hex. */
  readonly appHash: string;
  /** The first disagreement; null when everything agrees. */
  readonly fault: { readonly height: number; readonly reason: string } | null;
}

/** Called after each block. */
export type Progress = (height: number, end: number) => void;

/** An application that follows stored blocks. */
export class Replay {
  readonly #builder: BlockBuilder;
  readonly #application: Application;
  position: ChainPosition;
  /** The state at the start, when that is genesis. */
  readonly genesisChanges: readonly StateChange[];

  private constructor(
    builder: BlockBuilder,
    application: Application,
    position: ChainPosition,
    genesisChanges: readonly StateChange[],
  ) {
    this.#builder = builder;
    this.#application = application;
    this.position = position;
    this.genesisChanges = genesisChanges;
  }

  /** From the beginning; the application must be fresh. */
  static fromGenesis(builder: BlockBuilder, application: Application): Replay {
    const changes = application.initialise(builder.genesis.chain, builder.genesis.appState);
    return new Replay(builder, application, builder.start(application.appHash), changes);
  }

  /** From the state before a block; what was wrong with it, when its root is not the one in the block's header. */
  static async fromState(
    builder: BlockBuilder,
    application: Application,
    first: StoredBlock,
    pages: AsyncIterable<EntryPage>,
  ): Promise<Replay | string> {
    const position = positionBefore(first);
    const root = await application.restore(builder.genesis.chain, position.height, pages);
    if (hex(root) !== hex(position.appHash)) return `the state before block ${position.height + 1} is not its header's`;
    return new Replay(builder, application, position, []);
  }

  /** Executes the next block and answers what to store of it, or what is wrong with it. `results` null: not known any more. */
  next(stored: StoredBlock, results: StoredResults | null): BlockRecord | string {
    const builder = this.#builder;
    const height = this.position.height + 1;
    const transactions = (stored.block.data.txs ?? []).map(fromBase64);
    if (!builder.follows(this.position, stored, transactions))
      return "the header does not follow from the chain before it";
    const block = builder.build(this.position, transactions);
    const commit = commitFromJson(stored.commit);
    if (!isSigned(builder, stored)) return "the commit's signature is not valid";
    const timeMs = msOfTimestamp(block.header.time);
    const result = this.#application.finalise({ height, hash: block.blockId.hash, timeMs, transactions });
    const replayed = storedResultsOf(result.appHash, transactions.map(idOf), result.results, result.events);
    if (results !== null) {
      const storedRoot = resultsHash(builder.core, results.transactions.map(resultOfStored));
      if (hex(storedRoot) !== hex(resultsHash(builder.core, result.results))) return "the results differ";
      if (replayed.appHash !== results.appHash) return "the state root differs";
      if (JSON.stringify(replayed) !== JSON.stringify(results)) return "the events or ids of the results differ";
    }
    this.#application.commit();
    this.position = builder.positionAfter(stored, replayed);
    return {
      head: { chain: builder.genesis.chain, height, hash: hex(block.blockId.hash), appHash: replayed.appHash },
      encoded: block.encoded,
      timeMs,
      commit,
      results: replayed,
      changes: result.changes,
      transactions: transactions.map((bytes, index) => ({
        id: replayed.ids[index]!,
        hash: createHash("sha256").update(bytes).digest("hex"),
        bytes,
      })),
    };
  }
}

/** Whether the one validator signed a stored block's own id. */
export function isSigned(
  builder: BlockBuilder,
  { block, commit: json }: Pick<StoredBlock, "commit"> & { readonly block: Pick<StoredBlock["block"], "header"> },
): boolean {
  const commit = commitFromJson(json);
  const vote = commit.signatures[0];
  if (vote === undefined || commit.signatures.length !== 1) return false;
  if (hex(builder.core.headerHash(headerFromJson(block.header))) !== hex(commit.blockId.hash)) return false;
  const signBytes = builder.core.voteSignBytes({
    chainId: builder.genesis.chain,
    height: BigInt(block.header.height),
    round: 0n,
    blockId: commit.blockId,
    timestamp: vote.timestamp,
  });
  return verifyEd25519Sync(builder.genesis.validator.publicKey, signBytes, vote.signature);
}

/** Where the chain stood before a block, as the block itself says. */
export function positionBefore({ block }: StoredBlock): ChainPosition {
  const { header } = block;
  return {
    height: Number(header.height) - 1,
    blockId: blockIdFromJson(header.last_block_id),
    commit: commitFromJson(block.last_commit!),
    appHash: fromHex(header.app_hash),
    resultsHash: fromHex(header.last_results_hash),
  };
}

/** Executes the kept blocks up to a height on a fresh application, and answers what is wrong with one; null when nothing is. */
export async function replayUntil(
  store: LedgerStore,
  builder: BlockBuilder,
  application: Application,
  end: number,
  progress: Progress,
): Promise<ReplayReport["fault"]> {
  const start = await startOf(store, builder, application);
  if (typeof start === "string") return { height: store.lowest, reason: start };
  for (let height = start.position.height + 1; height <= end; height++) {
    const stored = await store.block(height);
    const next = stored === null ? "the block is missing" : start.next(stored, await store.results(height));
    if (typeof next === "string") return { height, reason: next };
    progress(height, end);
  }
  return null;
}

/** Replays all blocks that are kept; the application must be fresh. The store is only read. */
export async function replayChain(
  store: LedgerStore,
  builder: BlockBuilder,
  application: Application,
  progress: Progress = () => undefined,
): Promise<ReplayReport> {
  let transactionCount = 0;
  const start = await startOf(store, builder, application);
  if (typeof start === "string")
    return { height: store.lowest - 1, transactions: 0, appHash: "", fault: { height: store.lowest, reason: start } };
  const report = (fault: ReplayReport["fault"]): ReplayReport => ({
    height: start.position.height,
    transactions: transactionCount,
    appHash: hex(start.position.appHash),
    fault,
  });
  const end = store.head?.height ?? 0;
  const totals = new ReplayedTotals(store);
  const index = new SurplusIndex({
    keyValue: store.keyValue,
    lowest: store.lowest,
    highest: end,
    facts: (height) => store.facts(height),
  });
  for (let height = start.position.height + 1; height <= end; height++) {
    const [stored, results] = [await store.block(height), await store.results(height)];
    if (stored === null || results === null) return report({ height, reason: "the block is missing" });
    const next = start.next(stored, results);
    if (typeof next === "string") return report({ height, reason: next });
    transactionCount += next.transactions.length;
    const entries = indexOperations(factsOf(next), next.head.hash);
    index.given(height, entries.length);
    const reason = (await differenceOfIndex(store.keyValue, entries)) ?? (await totals.add(next));
    if (reason !== null) return report({ height, reason });
    progress(height, end);
  }
  if (store.head !== null && store.head.appHash !== hex(start.position.appHash))
    return report({ height: end, reason: "the stored state root is not the replayed one" });
  const reason =
    (await totals.compare()) ??
    (await index.find()) ??
    (await totals.surplus()) ??
    (await surplusRecords(store.keyValue, end, (await store.proposal())?.height ?? null)) ??
    (await compareState(store, application)) ??
    (await differenceOfHistory(store.keyValue, end, historyRootOf(application)));
  return report(reason === null ? null : { height: end, reason });
}

/** Counts the days again. Of a day that pruning cut in two nothing can be said. */
class ReplayedTotals {
  readonly #store: LedgerStore;
  #totals: DailyTotals | null = null;
  #cutDay: string | null = null;

  constructor(store: LedgerStore) {
    this.#store = store;
  }

  async add(block: BlockRecord): Promise<string | null> {
    const day = dayOf(block.timeMs);
    if (block.head.height === this.#store.lowest && this.#store.lowest > 1) this.#cutDay = day;
    if (day === this.#cutDay) return null;
    const reason = this.#totals === null || this.#totals.day === day ? null : await this.compare();
    this.#totals = addToTotals(this.#totals?.day === day ? this.#totals : null, factsOf(block));
    return reason;
  }

  async compare(): Promise<string | null> {
    if (this.#totals === null) return null;
    const { day } = this.#totals;
    const [stored] = await this.#store.dailyTotals(day, day);
    return stored !== undefined && isDeepStrictEqual(stored, this.#totals)
      ? null
      : `the totals of ${day} differ; make them again with \`npm run ledger -- index\``;
  }

  /** Days that no block gives, as far as their blocks are kept. To be asked when the index is known to be right. */
  surplus(): Promise<string | null> {
    return surplusDays(this.#store.keyValue, this.#cutDay ?? "", async (day) => {
      const beginMs = Date.parse(`${day}T00:00:00Z`);
      if (Number.isNaN(beginMs)) return false;
      const height = await this.#store.heightAtTime(beginMs);
      const first = height === null ? null : await this.#store.signedHeader(height);
      return first !== null && dayOf(msOfTimestamp(timestampFromText(first.header.time))) === day;
    });
  }
}

/** A replay that stands before the lowest kept block; or why there is none. */
async function startOf(store: LedgerStore, builder: BlockBuilder, application: Application): Promise<Replay | string> {
  if (store.lowest === 1) return Replay.fromGenesis(builder, application);
  const first = await store.block(store.lowest);
  if (first === null) return "the block is missing";
  return Replay.fromState(builder, application, first, readBase(baseFile(dirname(store.folder), store.lowest - 1)));
}

/** The entries on disk must be exactly the replayed ones: the state root binds the application's memory, not the disk. */
async function compareState(store: LedgerStore, application: Application): Promise<string | null> {
  const replayed = entriesOf(application);
  let expected = replayed.next();
  let differences = 0;
  const named: string[] = [];
  const differs = (how: string, name: string): void => {
    differences++;
    if (named.length < differencesNamedMax) named.push(`${how} ${name}`);
  };
  for await (const batch of store.stateBatches())
    for (const [name, value] of batch) {
      while (expected.done !== true && isBefore(expected.value[0], name)) {
        differs("lacks", expected.value[0]);
        expected = replayed.next();
      }
      if (expected.done === true || expected.value[0] !== name) differs("has", name);
      else {
        if (Buffer.compare(value, expected.value[1]) !== 0) differs("has another", name);
        expected = replayed.next();
      }
    }
  for (; expected.done !== true; expected = replayed.next()) differs("lacks", expected.value[0]);
  if (differences === 0) return null;
  return `the stored state is not the replayed one: it ${listed(named, differences)} (${differences} in all); ${repairAdvice}`;
}

function historyRootOf(application: Application): string {
  const { value } = application.query(historyState.blocks, { prove: false });
  return value === null ? "" : (JSON.parse(fromUtf8(value)) as HistoryRecord).root;
}

/** In the order of the store's keys, the bytes of UTF-8. */
function isBefore(a: string, b: string): boolean {
  return a !== b && Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

function* entriesOf(application: Application): Generator<readonly [name: string, value: Uint8Array]> {
  for (let after: string | undefined; ; ) {
    const page = application.list("", { limit: 1_000, ...(after === undefined ? {} : { after }) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last[0];
  }
}
