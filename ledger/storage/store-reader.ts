// What can be read of the ledger on disk: blocks, results, places of the index, daily totals, state entries.
// A record that is not what was written is one line that says what is damaged.

import { hash } from "node:crypto";
import { fromUtf8, nameFromUtf8 } from "../protocol/bytes.ts";
import { msOfTimestamp, timestampFromText } from "../protocol/comet.ts";
import type { HistoryProofAnswer } from "../protocol/history.ts";
import type { EntryPage } from "./base-state.ts";
import type { BlockFacts } from "./block-facts.ts";
import { factsOf, type OpenBlock } from "./block-record.ts";
import { decodeHead, decodeResults, decodeTransactions, storedBlockOf } from "./block-records.ts";
import { type DailyTotals, withNamed } from "./daily-totals.ts";
import { firstInHistory, proveInHistory } from "./history-nodes.ts";
import type { KeyValue, KeyValueReader } from "./key-value.ts";
import {
  blockHashKey,
  dayKey,
  evidenceKey,
  headKey,
  keyNumberMax,
  keysOf,
  metaKey,
  openKey,
  resultsKey,
  timeKey,
  transactionKey,
  transactionsKey,
  validatorsKey,
} from "./keys.ts";
import { accountTerm, eventTerm, everyTransactionTerm, messageTerm, readPlaces } from "./place-index.ts";
import { DamagedRecord, openRecord } from "./record-codec.ts";
import type { Head, Place, PlaceRange, SignedHeader, StoredBlock, StoredResults, StoredValidator } from "./records.ts";
import { repairAdvice, StoreError, storeErrorOf } from "./store-error.ts";
import { readVarints } from "./varint.ts";

/** Days that one call of `dailyTotals` answers at most: ten years. */
export const totalDaysMax = 3_660;

export abstract class StoreReader {
  readonly folder: string;
  /** For what copies the store as it stands; whoever writes here knows the keys. */
  readonly keyValue: KeyValue;
  /** What `firstInHistory` found; null until it was asked. */
  protected historyBegin: number | null = null;

  protected constructor(folder: string, keyValue: KeyValue) {
    this.folder = folder;
    this.keyValue = keyValue;
  }

  /** Height of the earliest block that is kept; 1 until blocks are pruned. */
  abstract get lowest(): number;

  /** The height that the newest block's mark on disk says; null when it is gone or damaged. */
  async markedHeight(): Promise<number | null> {
    const head = await this.json<Head>(metaKey("head"), "the newest block's mark").catch(() => null);
    return head?.height ?? null;
  }

  /** The facts of a kept block, as they were when it was written. @throws {StoreError} when it is not there. */
  async facts(height: number): Promise<{ readonly facts: BlockFacts; readonly hash: string }> {
    const [head, transactions, results] = await Promise.all([
      this.signedHeader(height),
      this.transactions(height),
      this.results(height),
    ]);
    const open = head === null ? await this.openBlock(height) : null;
    if ((head ?? open) === null || transactions === null || results === null)
      throw this.damaged(`block ${height} is missing`);
    const timeMs = open?.timeMs ?? msOfTimestamp(timestampFromText(head!.header.time));
    const listed = transactions.map((bytes, index) => ({
      id: results.ids[index]!,
      hash: hash("sha256", bytes),
      bytes,
    }));
    const facts = factsOf({ head: { height }, timeMs, results, transactions: listed });
    return { facts, hash: open?.hash ?? head!.block_id.hash.toLowerCase() };
  }

  /** What is known of a block whose header and commits are still to come. */
  protected openBlock(height: number): Promise<OpenBlock | null> {
    return this.json<OpenBlock>(openKey(height), `block ${height}`);
  }

  /** A set of validators by its hash (hex, lower case), in CometBFT's order; null when this store does not hold it. */
  async validators(setHash: string): Promise<readonly StoredValidator[] | null> {
    return this.json<readonly StoredValidator[]>(validatorsKey(setHash), "a set of validators");
  }

  async block(height: number): Promise<StoredBlock | null> {
    const [head, transactions] = await Promise.all([
      this.record(headKey(height), `the head of block ${height}`),
      this.transactions(height),
    ]);
    if (head === null || transactions === null) return null;
    const evidence = await this.json<readonly unknown[]>(evidenceKey(height), `the evidence of block ${height}`);
    return this.decoded(`block ${height}`, () => storedBlockOf(head, transactions, evidence ?? []));
  }

  /** Header and commit, without reading the transactions. */
  async signedHeader(height: number): Promise<SignedHeader | null> {
    const record = await this.record(headKey(height), `the head of block ${height}`);
    if (record === null) return null;
    return this.decoded(`block ${height}`, () => {
      const { block_id, header, commit, size } = decodeHead(record);
      return { block_id, header, commit, size };
    });
  }

  /** The bytes of a block's transactions. */
  async transactions(height: number): Promise<readonly Uint8Array[] | null> {
    const record = await this.record(transactionsKey(height), `the transactions of block ${height}`);
    return record === null ? null : this.decoded(`block ${height}`, () => decodeTransactions(record));
  }

  async results(height: number): Promise<StoredResults | null> {
    const record = await this.record(resultsKey(height), `the results of block ${height}`);
    return record === null ? null : this.decoded(`the results of block ${height}`, () => decodeResults(record));
  }

  /** Height of the block with this hash (hex, lower case). */
  async heightOf(blockHash: string): Promise<number | null> {
    const bytes = await this.keyValue.get(blockHashKey(blockHash));
    return bytes === undefined ? null : readVarints(bytes)[0]!;
  }

  /**
   * That a block's header is in the history after so many blocks, no more than there are; null when this store does not know it: it
   * began with a later state. Pruned blocks are known.
   */
  async historyProof(height: number, size: number): Promise<HistoryProofAnswer | null> {
    return proveInHistory(this.keyValue, height, size).catch((cause: unknown) => {
      if (cause instanceof DamagedRecord) throw this.damaged(`the history at block ${height}`, cause);
      throw cause;
    });
  }

  /** The earliest height of which `historyProof` knows; null when there is none. */
  async firstInHistory(): Promise<number | null> {
    this.historyBegin ??= await firstInHistory(this.keyValue).catch((cause: unknown) => {
      throw cause instanceof DamagedRecord ? this.damaged("the history", cause) : cause;
    });
    return this.historyBegin;
  }

  /** Where the transaction with this id or CometBFT hash (hex, lower case) stands. */
  async place(by: "id" | "hash", key: string): Promise<Place | null> {
    const bytes = await this.keyValue.get(transactionKey(by, key));
    if (bytes === undefined) return null;
    const [height, index] = readVarints(bytes);
    return { height: height!, index: index! };
  }

  /** Where an account acted or was named in an event. */
  placesOfAccount(account: string, range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.keyValue, accountTerm(account), this.lowest, range);
  }

  /** Where messages of a type ("energy/offer") or of a module ("energy") stand, refused ones included. */
  placesOfMessage(type: string, range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.keyValue, messageTerm(type), this.lowest, range);
  }

  /** Where an event has the attribute (key "<type>.<attribute>", such as "energy/trade.seller"), with a value or any (null). */
  placesOfEvent(key: string, value: string | null, range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.keyValue, eventTerm(key, value), this.lowest, range);
  }

  placesOfTransactions(range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.keyValue, everyTransactionTerm, this.lowest, range);
  }

  /** The first height whose block time is not before the time; null when all blocks are older. */
  async heightAtTime(timeMs: number): Promise<number | null> {
    const first = Math.min(Math.max(0, Math.ceil(timeMs)), keyNumberMax);
    for await (const page of this.keyValue.pages({ from: timeKey(first), to: keysOf("t").to }))
      return readVarints(page[0]![1])[0]!;
    return null;
  }

  /**
   * Totals of the days on which blocks were made, ascending; days such as "2026-11-22", both included.
   * @throws {RangeError} when there are more than `totalDaysMax`.
   */
  async dailyTotals(fromDay: string, toDay: string): Promise<readonly DailyTotals[]> {
    const days: DailyTotals[] = [];
    for await (const page of this.keyValue.pages({ from: dayKey(fromDay), to: dayKey(`${toDay}\0`) }))
      for (const [, value] of page) {
        if (days.length >= totalDaysMax) throw new RangeError(`more than ${totalDaysMax} days`);
        days.push(withNamed(this.decoded("the daily totals", () => fromJson(openRecord(value)) as DailyTotals)));
      }
    return days;
  }

  /** All state entries, ascending by name, in pages of one moment. */
  async *stateBatches(): AsyncGenerator<EntryPage, void, undefined> {
    try {
      yield* entryPagesOf(this.keyValue);
    } catch (error) {
      throw storeErrorOf(this.folder, error);
    }
  }

  /** The state as it stands now, whatever is written later. Close it when done. */
  stateView(): { pages(): AsyncGenerator<EntryPage, void, undefined>; close(): Promise<void> } {
    const view = this.keyValue.view();
    return { pages: () => entryPagesOf(view), close: () => view.close() };
  }

  /** All state entries at once. */
  async stateEntries(): Promise<(readonly [name: string, value: Uint8Array])[]> {
    const entries: (readonly [string, Uint8Array])[] = [];
    for await (const page of this.stateBatches()) for (const entry of page) entries.push(entry);
    return entries;
  }

  protected async record(key: Uint8Array, what: string): Promise<Uint8Array | null> {
    const sealed = await this.keyValue.get(key);
    return sealed === undefined ? null : this.decoded(what, () => openRecord(sealed));
  }

  protected async json<T>(key: Uint8Array, what: string): Promise<T | null> {
    const record = await this.record(key, what);
    return record === null ? null : (this.decoded(what, () => fromJson(record)) as T);
  }

  /** @throws {StoreError} that says what is damaged. */
  protected decoded<T>(what: string, decode: () => T): T {
    try {
      return decode();
    } catch (cause) {
      throw this.damaged(what, cause);
    }
  }

  protected damaged(what: string, cause?: unknown): StoreError {
    const reason = cause instanceof DamagedRecord ? `: ${cause.message}` : "";
    return new StoreError(`${this.folder}: is damaged (${what}${reason}); ${repairAdvice}`, { cause });
  }
}

async function* entryPagesOf(reader: KeyValueReader): AsyncGenerator<EntryPage, void, undefined> {
  for await (const page of reader.pages(keysOf("s")))
    yield page.map(([key, value]) => [nameFromUtf8(key.subarray(1)), value] as const);
}
function fromJson(bytes: Uint8Array): unknown {
  return JSON.parse(fromUtf8(bytes));
}
