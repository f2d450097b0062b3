// The ledger on disk: blocks, results, state entries, index and daily totals in one ordered key-value store (keys.ts).
// Each block is one atomic, synced batch of all of these.

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { encodeBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import type { StateChange } from "../modules/application.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { type HistoryRecord, historyState } from "../protocol/history.ts";
import { baseFile, type EntryPage, readBase } from "./base-state.ts";
import type { BlockFacts } from "./block-facts.ts";
import {
  type BlockHead,
  type BlockRecord,
  factsOf,
  isProposed,
  type OpenBlock,
  type OpenBlockRecord,
} from "./block-record.ts";
import { encodeHead, encodeResults, encodeTransactions } from "./block-records.ts";
import { addToTotals, type DailyTotals, dayOf, storedTotalsOf, withNamed } from "./daily-totals.ts";
import {
  edgeAt,
  edgeOfRecord,
  type HistoryEdge,
  isNodeWithin,
  knownBefore,
  leafOf,
  noHistory,
  putsBetween,
  putsOfEdge,
  withLeaf,
} from "./history-nodes.ts";
import { indexLetters, indexOperations } from "./index-operations.ts";
import type { KeyRange, KeyValue, KeyValueReader, Operation } from "./key-value.ts";
import {
  dayKey,
  evidenceKey,
  headKey,
  keysOf,
  metaKey,
  numberOfKey,
  openKey,
  resultsKey,
  stateKey,
  transactionsKey,
  validatorsKey,
} from "./keys.ts";
import { findDamage } from "./level-files.ts";
import { LevelKeyValue } from "./level-key-value.ts";
import { DamagedRecord, sealRecord } from "./record-codec.ts";
import type { Head, Proposal, StoredValidator } from "./records.ts";
import { repairAdvice, StoreError, storeErrorOf } from "./store-error.ts";
import { StoreReader } from "./store-reader.ts";

const formatNow = 4;

/**
 * A start reads as much of the tables' data against their checksums, some 0.3 s. What is beyond shows when it is read, by the records'
 * own checksums, or ends the process in LevelDB.
 */
const startTableBytesMax = 32 * 1_048_576;

export class LedgerStore extends StoreReader {
  #head: Head | null = null;
  #lowest = 1;
  #wholeTo = 0;
  /** False when making the index again was interrupted: `index` must run before anything is served. */
  indexIsWhole = true;
  /** The lowest block that has not been removed yet; null when nobody has looked. */
  #swept: number | null = null;
  /** Of the newest block's day. */
  #totals: DailyTotals | null = null;
  /** Of the newest block; null until it is needed. */
  #edge: HistoryEdge | null = null;
  /** What is on disk already for the next block. */
  #proposed: Proposal | null = null;

  /** Opens the store, making an empty one if there is none. @throws {StoreError} */
  static async open(folder: string): Promise<LedgerStore> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const damage = await findDamage(folder, startTableBytesMax);
      if (damage !== null) throw new StoreError(`${damage.file}: ${damage.what}; ${repairAdvice}`);
      return await LedgerStore.over(folder, await LevelKeyValue.open(folder));
    } catch (error) {
      throw storeErrorOf(folder, error);
    }
  }

  /** The store in a key-value store that is open; closes it when that is not one of ours. @throws {StoreError} */
  static async over(folder: string, keyValue: KeyValue): Promise<LedgerStore> {
    try {
      const format = await keyValue.get(metaKey("format"));
      if (format !== undefined && fromUtf8(format) !== String(formatNow))
        throw new StoreError(
          `${folder}: has format ${fromUtf8(format)}, but this version reads format ${formatNow}; ` +
            "start the version that made it, or begin a new chain in another folder (GLASSTOWN_DATA)",
        );
      const store = new LedgerStore(folder, keyValue);
      store.#head = await store.json<Head>(metaKey("head"), "the newest block's mark");
      if ((await keyValue.get(metaKey("rebuilding"))) !== undefined) store.indexIsWhole = false;
      store.#lowest = (await store.json<number>(metaKey("lowest"), "the lowest block's mark")) ?? 1;
      store.#wholeTo = (await store.#firstOpenHeight()) - 1;
      return store;
    } catch (error) {
      await keyValue.close().catch(() => undefined);
      throw storeErrorOf(folder, error);
    }
  }

  /** What LevelDB's repair left of a store, for reading: the newest block's mark may be gone. @throws {StoreError} */
  static async salvaged(folder: string): Promise<LedgerStore> {
    const keyValue = await LevelKeyValue.open(folder);
    const format = await keyValue.get(metaKey("format"));
    if (format === undefined || fromUtf8(format) === String(formatNow)) return new LedgerStore(folder, keyValue);
    await keyValue.close();
    throw new StoreError(`${folder}: has format ${fromUtf8(format)}, but this version reads format ${formatNow}`);
  }

  /** Null before `initialise`. */
  get head(): Head | null {
    return this.#head;
  }

  /** Height of the earliest block that is kept; 1 until blocks are pruned. */
  get lowest(): number {
    return this.#lowest;
  }

  /** Writes the state of genesis. */
  async initialise(chain: string, appHash: string, changes: readonly StateChange[]): Promise<void> {
    const head: Head = { chain, height: 0, hash: "", appHash };
    await this.#write([
      put(metaKey("format"), utf8(String(formatNow))),
      putJson(metaKey("head"), head),
      ...changes.map(stateOperation),
    ]);
    this.#head = head;
  }

  /** Begins an empty store with the state after a block that it does not hold; the block after it is the lowest that it will hold. */
  async beginWith(head: Head, pages: AsyncIterable<EntryPage>): Promise<void> {
    if (this.#head !== null) throw new Error("the store is not empty");
    let record: HistoryRecord | null = null;
    for await (const page of pages) {
      record ??= historyOf(page);
      await this.#write(
        page.map(([name, value]) => put(stateKey(name), value)),
        false,
      );
    }
    const edge = this.#edgeIn(record, head.height);
    await this.#write([
      put(metaKey("format"), utf8(String(formatNow))),
      putJson(metaKey("head"), head),
      putJson(metaKey("lowest"), head.height + 1),
      ...putsOfEdge(edge),
    ]);
    this.#head = head;
    this.#wholeTo = head.height;
    this.#edge = edge;
    this.#lowest = head.height + 1;
  }

  /** Takes over totals of days whose blocks are gone, as they were stored elsewhere. */
  async putTotals(totals: DailyTotals): Promise<void> {
    await this.#write([putJson(dayKey(totals.day), storedTotalsOf(totals))], false);
  }

  /** Takes over what another store knows of the history before this one's beginning; false when that is not its history. */
  async takeHistory(from: KeyValueReader): Promise<boolean> {
    const edge = await this.#newestEdge();
    const start = await knownBefore(from, edge);
    if (start === null) return false;
    for await (const puts of putsBetween(from, start, edge.size)) await this.#write(puts, false);
    this.historyBegin = null;
    return true;
  }

  /** Keeps what is about to be signed. Its transactions are the next block's record of them, which is not written again. */
  async putProposal(proposal: Proposal): Promise<void> {
    const { height, voteTimeMs, transactions } = proposal;
    await this.#write([
      putJson(metaKey("proposal"), { height, voteTimeMs }),
      put(transactionsKey(height), sealRecord(encodeTransactions(transactions))),
    ]);
    this.#proposed = proposal;
  }

  /** What was about to be signed when the process ended, if it did not become a block. */
  async proposal(): Promise<Proposal | null> {
    const proposed = await this.json<Omit<Proposal, "transactions">>(metaKey("proposal"), "the proposal");
    if (proposed === null) return null;
    const transactions = await this.transactions(proposed.height);
    if (transactions === null) throw this.damaged("the transactions of the proposal are missing");
    this.#proposed = { ...proposed, transactions };
    return this.#proposed;
  }

  /**
   * Adds one block in one batch; on disk when the promise resolves. Without `sync` it is on disk with the next batch that is synced:
   * for stores that are only now being made.
   */
  async append(record: BlockRecord | OpenBlockRecord, sync = true): Promise<void> {
    const height = record.head.height;
    if (this.#head === null || height !== this.#head.height + 1)
      throw new Error(`block ${height} does not follow block ${this.#head?.height}`);
    const facts = factsOf(record);
    const totals = addToTotals(await this.#totalsBefore(facts), facts);
    const history = withLeaf(await this.#newestEdge(), leafOf(record.head.hash, record.results.events));
    const operations: Operation[] = [
      putJson(metaKey("head"), record.head),
      { type: "del", key: metaKey("proposal") },
      record.encoded === undefined
        ? putJson(openKey(height), { height, hash: record.head.hash, timeMs: record.timeMs } satisfies OpenBlock)
        : put(headKey(height), sealRecord(encodeHead(record.encoded, record.commit))),
      put(resultsKey(height), sealRecord(encodeResults(record.results))),
      putJson(dayKey(totals.day), storedTotalsOf(totals)),
      ...record.changes.map(stateOperation),
      ...indexOperations(facts, record.head.hash),
      ...history.puts,
    ];
    const transactions = record.transactions.map(({ bytes }) => bytes);
    if (!isProposed(this.#proposed, height, transactions))
      operations.push(put(transactionsKey(height), sealRecord(encodeTransactions(transactions))));
    await this.#write(operations, sync);
    this.#head = record.head;
    if (record.encoded !== undefined && this.#wholeTo === height - 1) this.#wholeTo = height;
    this.#totals = totals;
    this.#edge = history.edge;
    this.#proposed = null;
  }

  /** Height up to which the kept blocks have their header and commits. */
  get wholeTo(): number {
    return this.#wholeTo;
  }

  /** The lowest block whose header and commits are still to come; null when there is none. */
  async firstOpen(): Promise<OpenBlock | null> {
    return this.#head === null || this.#wholeTo === this.#head.height ? null : this.openBlock(this.#wholeTo + 1);
  }

  /**
   * Adds header and commits to the lowest open block. Not synced: they can be had again from the engine that ordered the block.
   * @throws {StoreError} when the header is of another block.
   */
  async complete(headerHash: string, block: BlockHead): Promise<void> {
    const open = await this.firstOpen();
    const height = Number(block.header.height);
    if (open?.height !== height || open.hash !== headerHash)
      throw new StoreError(`${this.folder}: block ${height} is not the one that was executed`);
    const encoded = encodeBlock(block.header, [], block.lastCommit);
    await this.#write(
      [
        put(headKey(height), sealRecord(encodeHead(encoded, block.commit, block.size))),
        ...(block.evidence.length > 0 ? [putJson(evidenceKey(height), block.evidence)] : []),
        { type: "del", key: openKey(height) },
      ],
      false,
    );
    this.#wholeTo = height;
  }

  /** Keeps a set of validators by its hash (hex, lower case). */
  async putValidators(setHash: string, validators: readonly StoredValidator[]): Promise<void> {
    await this.#write([putJson(validatorsKey(setHash), validators)], false);
  }

  /** From now on blocks below a height are not kept; `sweep` removes them. On disk when the promise resolves. */
  async forgetBelow(height: number): Promise<void> {
    if (this.#head === null || height > this.#wholeTo) throw new Error("the newest whole block is always kept");
    if (height <= this.#lowest) return;
    await this.#write([putJson(metaKey("lowest"), height)]);
    this.#lowest = height;
  }

  /**
   * Removes so many blocks below the lowest kept one, with their results and their part of the index; daily totals stay. Answers how
   * many there were. Not synced: what a crash brings back, with gaps perhaps, is removed again.
   */
  async sweep(blocksMax: number): Promise<number> {
    // After a start it is not known how far the last sweep came; later, not asking again spares a walk over what was removed.
    if (this.#swept === null) this.#swept = await this.#lowestFrom(0);
    let removed = 0;
    while (removed < blocksMax && this.#swept !== null && this.#swept < this.#lowest) {
      const height = this.#swept;
      // A power cut brings back any part of what was removed: LevelDB's logs are lost each from its own end.
      if ((await this.keyValue.get(headKey(height))) === undefined) {
        this.#swept = await this.#lowestFrom(height);
        continue;
      }
      const { facts, hash: blockHash } = await this.facts(height);
      const keys = indexOperations(facts, blockHash).map(({ key }) => key);
      const all = [...keys, headKey(height), transactionsKey(height), resultsKey(height), evidenceKey(height)];
      await this.#write(
        all.map((key) => ({ type: "del", key }) as const),
        false,
      );
      this.#swept = height + 1;
      removed++;
    }
    return removed;
  }

  /** One above the newest block when none is open. */
  async #firstOpenHeight(): Promise<number> {
    for await (const page of this.keyValue.pages(keysOf("u"))) return numberOfKey(page[0]![0]);
    return (this.#head?.height ?? 0) + 1;
  }

  /** The lowest block from a height on that is there. */
  async #lowestFrom(height: number): Promise<number | null> {
    for await (const page of this.keyValue.pages({ from: headKey(height), to: keysOf("b").to }))
      return numberOfKey(page[0]![0]);
    return null;
  }

  /**
   * Makes the index, the look-ups, the daily totals and the history's nodes again from the blocks that are kept; memory of one block.
   * What is known of the history before them stays if it leads to the state before them.
   */
  async rebuildIndex(progress: (height: number, end: number) => void): Promise<void> {
    const end = this.#head?.height ?? 0;
    const firstDay = this.#lowest === 1 || end === 0 ? "" : dayOf((await this.facts(this.#lowest)).facts.timeMs);
    const first = this.#lowest === 1 ? noHistory : this.#edgeIn(await this.#historyBefore(), this.#lowest - 1);
    const start = (await knownBefore(this.keyValue, first)) ?? first;
    await this.#write([putJson(metaKey("rebuilding"), true)], true);
    for await (const puts of putsBetween(this.keyValue, start, first.size)) await this.#write(puts, false);
    let edge = first;
    for (const letter of indexLetters) await this.#clear(keysOf(letter));
    // Of days of which blocks are gone nothing can be counted again.
    await this.#clear({ from: dayKey(`${firstDay}${firstDay === "" ? "" : "\0"}`), to: keysOf("d").to });
    this.#totals = null;
    for (let height = this.#lowest; height <= end; height++) {
      const { facts, hash: blockHash } = await this.facts(height);
      const operations: Operation[] = indexOperations(facts, blockHash);
      if (dayOf(facts.timeMs) > firstDay) {
        this.#totals = addToTotals(await this.#totalsBefore(facts), facts);
        operations.push(putJson(dayKey(this.#totals.day), storedTotalsOf(this.#totals)));
      }
      const history = withLeaf(edge, leafOf(blockHash, facts.events));
      operations.push(...history.puts);
      edge = history.edge;
      await this.#write(operations, false);
      progress(height, end);
    }
    await this.#clear(keysOf("n"), (key) => !isNodeWithin(key, start.size, edge.size));
    this.#edge = edge;
    this.historyBegin = null;
    await this.flush();
    await this.#write([{ type: "del", key: metaKey("rebuilding") }], true);
  }

  /** SHA-256 of the genesis document that the chain began with, hex; null when nobody has said yet. */
  genesisHash(): Promise<string | null> {
    return this.json<string>(metaKey("genesis"), "genesis' mark");
  }

  async putGenesisHash(hash: string): Promise<void> {
    await this.#write([putJson(metaKey("genesis"), hash)]);
  }

  /** Takes everything that was written to the disk. */
  async flush(): Promise<void> {
    try {
      await this.keyValue.flush();
    } catch (error) {
      throw storeErrorOf(this.folder, error);
    }
  }

  async close(): Promise<void> {
    await this.keyValue.close();
  }

  async #totalsBefore({ timeMs }: BlockFacts): Promise<DailyTotals | null> {
    const day = dayOf(timeMs);
    if (this.#totals?.day === day) return this.#totals;
    const stored = await this.json<DailyTotals>(dayKey(day), `the totals of ${day}`);
    return stored === null ? null : withNamed(stored);
  }

  async #newestEdge(): Promise<HistoryEdge> {
    if (this.#edge !== null) return this.#edge;
    const edge = await edgeAt(this.keyValue, this.#head!.height).catch((cause: unknown) => {
      throw cause instanceof DamagedRecord ? this.damaged("the history", cause) : cause;
    });
    if (edge === null) throw this.damaged("the history lacks a node");
    this.#edge = edge;
    return edge;
  }

  /** @throws {StoreError} when a state holds no history of so many blocks. */
  #edgeIn(record: HistoryRecord | null, size: number): HistoryEdge {
    return this.decoded(`the state after block ${size}`, () => edgeOfRecord(record, size));
  }

  /** What the state before the lowest kept block says of the history. */
  async #historyBefore(): Promise<HistoryRecord | null> {
    for await (const page of readBase(baseFile(dirname(this.folder), this.#lowest - 1))) {
      const record = historyOf(page);
      if (record !== null) return record;
    }
    return null;
  }

  async #clear(range: KeyRange, isSurplus: (key: Uint8Array) => boolean = () => true): Promise<void> {
    for await (const page of this.keyValue.pages(range))
      await this.#write(
        page.flatMap(([key]) => (isSurplus(key) ? [{ type: "del", key }] : [])),
        false,
      );
  }

  async #write(operations: readonly Operation[], sync = true): Promise<void> {
    try {
      await this.keyValue.write(operations, sync);
    } catch (error) {
      throw storeErrorOf(this.folder, error);
    }
  }
}

function historyOf(page: EntryPage): HistoryRecord | null {
  const entry = page.find(([name]) => name === historyState.blocks);
  return entry === undefined ? null : (JSON.parse(fromUtf8(entry[1])) as HistoryRecord);
}

function put(key: Uint8Array, value: Uint8Array): Operation {
  return { type: "put", key, value };
}

function putJson(key: Uint8Array, value: unknown): Operation {
  return put(key, sealRecord(utf8(JSON.stringify(value))));
}

function stateOperation(change: StateChange): Operation {
  const key = stateKey(change.name);
  return change.value === null ? { type: "del", key } : put(key, change.value);
}
