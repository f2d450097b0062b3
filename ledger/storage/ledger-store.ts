// The ledger on disk: blocks, results, state entries, index and daily totals in one ordered key-value store (keys.ts).
// Each block is one atomic, synced batch of all of these.

import { mkdir } from "node:fs/promises";
import type { StateChange } from "../modules/application.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { fromBase64, msOfTimestamp, timestampFromText } from "../protocol/comet.ts";
import { actsOf, type BlockFacts } from "./block-facts.ts";
import { addToTotals, type DailyTotals, dayOf, storedTotalsOf, withNamed } from "./daily-totals.ts";
import type { KeyValue, Operation } from "./key-value.ts";
import {
  blockHashKey,
  blockKey,
  dayKey,
  keyNumberMax,
  keysOf,
  metaKey,
  resultsKey,
  stateKey,
  timeKey,
  transactionKey,
} from "./keys.ts";
import { LevelKeyValue } from "./level-key-value.ts";
import { accountTerm, eventTerm, everyTransactionTerm, messageTerm, postingsOf, readPlaces } from "./place-index.ts";
import type { Head, Place, PlaceRange, Proposal, StoredBlock, StoredResults } from "./records.ts";
import { StoreError, storeErrorOf } from "./store-error.ts";
import { readVarints, writeVarints } from "./varint.ts";

/** Everything that one block adds. */
export interface BlockRecord {
  readonly head: Head;
  readonly block: StoredBlock;
  readonly results: StoredResults;
  readonly changes: readonly StateChange[];
  /** In block order. Ids and hashes in hex. */
  readonly transactions: readonly { readonly id: string; readonly hash: string; readonly by: readonly string[] }[];
}

const formatNow = 2;
/** Days that one call of `dailyTotals` answers at most: ten years. */
export const totalDaysMax = 3_660;

export class LedgerStore {
  readonly folder: string;
  readonly #keyValue: KeyValue;
  #head: Head | null;
  #lowest: number;
  /** Of the newest block's day. */
  #totals: DailyTotals | null = null;

  private constructor(folder: string, keyValue: KeyValue, head: Head | null, lowest: number) {
    this.folder = folder;
    this.#keyValue = keyValue;
    this.#head = head;
    this.#lowest = lowest;
  }

  /** Opens the store, making an empty one if there is none. @throws {StoreError} */
  static async open(folder: string): Promise<LedgerStore> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
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
        throw new StoreError(`${folder}: has format ${fromUtf8(format)}, but this version reads format ${formatNow}`);
      const head = await keyValue.get(metaKey("head"));
      const lowest = await keyValue.get(metaKey("lowest"));
      return new LedgerStore(
        folder,
        keyValue,
        head === undefined ? null : (fromJson(folder, head) as Head),
        lowest === undefined ? 1 : Number(fromUtf8(lowest)),
      );
    } catch (error) {
      await keyValue.close().catch(() => undefined);
      throw storeErrorOf(folder, error);
    }
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

  /** Keeps what is about to be signed. */
  async putProposal(proposal: Proposal): Promise<void> {
    await this.#write([putJson(metaKey("proposal"), proposal)]);
  }

  /** What was about to be signed when the process ended, if it did not become a block. */
  async proposal(): Promise<Proposal | null> {
    return (await this.#json(metaKey("proposal"))) as Proposal | null;
  }

  /** Adds one block in one batch; on disk when the promise resolves. */
  async append(record: BlockRecord): Promise<void> {
    const height = record.head.height;
    if (this.#head === null || height !== this.#head.height + 1)
      throw new Error(`block ${height} does not follow block ${this.#head?.height}`);
    const facts = factsOf(record);
    const totals = addToTotals(await this.#totalsBefore(facts), facts);
    const operations: Operation[] = [
      putJson(metaKey("head"), record.head),
      { type: "del", key: metaKey("proposal") },
      putJson(blockKey(height), record.block),
      putJson(resultsKey(height), record.results),
      put(blockHashKey(record.head.hash), writeVarints([height])),
      put(timeKey(facts.timeMs), writeVarints([height])),
      putJson(dayKey(totals.day), storedTotalsOf(totals)),
      ...record.changes.map(stateOperation),
      ...postingsOf(facts),
    ];
    record.transactions.forEach(({ id, hash }, index) => {
      const place = writeVarints([height, index]);
      operations.push(put(transactionKey("id", id), place), put(transactionKey("hash", hash), place));
    });
    await this.#write(operations);
    this.#head = record.head;
    this.#totals = totals;
  }

  async block(height: number): Promise<StoredBlock | null> {
    return (await this.#json(blockKey(height))) as StoredBlock | null;
  }

  async results(height: number): Promise<StoredResults | null> {
    return (await this.#json(resultsKey(height))) as StoredResults | null;
  }

  /** Height of the block with this hash (hex, lower case). */
  async heightOf(blockHash: string): Promise<number | null> {
    const bytes = await this.#keyValue.get(blockHashKey(blockHash));
    return bytes === undefined ? null : readVarints(bytes)[0]!;
  }

  /** Where the transaction with this id or CometBFT hash (hex, lower case) stands. */
  async place(by: "id" | "hash", key: string): Promise<Place | null> {
    const bytes = await this.#keyValue.get(transactionKey(by, key));
    if (bytes === undefined) return null;
    const [height, index] = readVarints(bytes);
    return { height: height!, index: index! };
  }

  /** Where an account acted or was named in an event. */
  placesOfAccount(account: string, range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.#keyValue, accountTerm(account), this.#lowest, range);
  }

  /** Where messages of a type ("energy/offer") or of a module ("energy") stand, refused ones included. */
  placesOfMessage(type: string, range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.#keyValue, messageTerm(type), this.#lowest, range);
  }

  /** Where an event has the attribute (key "<type>.<attribute>", such as "energy/trade.seller"), with a value or any (null). */
  placesOfEvent(key: string, value: string | null, range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.#keyValue, eventTerm(key, value), this.#lowest, range);
  }

  placesOfTransactions(range: PlaceRange): Promise<readonly Place[]> {
    return readPlaces(this.#keyValue, everyTransactionTerm, this.#lowest, range);
  }

  /** The first height whose block time is not before the time; null when all blocks are older. */
  async heightAtTime(timeMs: number): Promise<number | null> {
    const first = Math.min(Math.max(0, Math.ceil(timeMs)), keyNumberMax);
    for await (const page of this.#keyValue.pages({ from: timeKey(first), to: keysOf("t").to }))
      return readVarints(page[0]![1])[0]!;
    return null;
  }

  /**
   * Totals of the days on which blocks were made, ascending; days such as "2026-11-22", both included.
   * @throws {RangeError} when there are more than `totalDaysMax`.
   */
  async dailyTotals(fromDay: string, toDay: string): Promise<readonly DailyTotals[]> {
    const days: DailyTotals[] = [];
    for await (const page of this.#keyValue.pages({ from: dayKey(fromDay), to: dayKey(`${toDay}\0`) }))
      for (const [, value] of page) {
        if (days.length >= totalDaysMax) throw new RangeError(`more than ${totalDaysMax} days`);
        days.push(withNamed(fromJson(this.folder, value) as DailyTotals));
      }
    return days;
  }

  /** All state entries, ascending by name, in pages of one moment. */
  async *entryPages(): AsyncGenerator<(readonly [name: string, value: Uint8Array])[], void, undefined> {
    try {
      for await (const page of this.#keyValue.pages(keysOf("s")))
        yield page.map(([key, value]) => [fromUtf8(key.subarray(1)), value] as const);
    } catch (error) {
      throw storeErrorOf(this.folder, error);
    }
  }

  /** All state entries at once. */
  async stateEntries(): Promise<(readonly [name: string, value: Uint8Array])[]> {
    const entries: (readonly [string, Uint8Array])[] = [];
    for await (const page of this.entryPages()) for (const entry of page) entries.push(entry);
    return entries;
  }

  async close(): Promise<void> {
    await this.#keyValue.close();
  }

  async #totalsBefore({ timeMs }: BlockFacts): Promise<DailyTotals | null> {
    const day = dayOf(timeMs);
    if (this.#totals?.day === day) return this.#totals;
    const stored = await this.#json(dayKey(day));
    return stored === null ? null : withNamed(stored as DailyTotals);
  }

  async #json(key: Uint8Array): Promise<unknown> {
    const bytes = await this.#keyValue.get(key);
    return bytes === undefined ? null : fromJson(this.folder, bytes);
  }

  async #write(operations: readonly Operation[]): Promise<void> {
    try {
      await this.#keyValue.write(operations, true);
    } catch (error) {
      throw storeErrorOf(this.folder, error);
    }
  }
}

function factsOf({ head, block, results, transactions }: BlockRecord): BlockFacts {
  return {
    height: head.height,
    timeMs: msOfTimestamp(timestampFromText(block.block.header.time)),
    transactions: (block.block.data.txs ?? []).map((text, index) => {
      const bytes = fromBase64(text);
      const { code, refusal, events } = results.transactions[index]!;
      const { id, hash } = transactions[index]!;
      return { id, hash, bytes: bytes.length, code, refusal, events, ...actsOf(bytes) };
    }),
    events: results.events,
  };
}

function put(key: Uint8Array, value: Uint8Array): Operation {
  return { type: "put", key, value };
}

function putJson(key: Uint8Array, value: unknown): Operation {
  return put(key, utf8(JSON.stringify(value)));
}

function stateOperation(change: StateChange): Operation {
  const key = stateKey(change.name);
  return change.value === null ? { type: "del", key } : put(key, change.value);
}

function fromJson(folder: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new StoreError(`${folder}: is damaged; restore it from a backup`, { cause });
  }
}
