// The ledger on disk: blocks, results, state entries and indexes in one LevelDB. Each block is one atomic, synced batch.
// Keys: meta/head, proposal, block/<height>, results/<height>, blockhash/<hash>, tx/<id>, txhash/<hash>, by/<account>/<height>/<index>, state/<name>.

import { mkdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import type { StateChange } from "../modules/application.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import type { Head, Proposal, StoredBlock, StoredResults, TransactionPlace } from "./records.ts";
import { StoreError, storeErrorOf } from "./store-error.ts";

/** Everything that one block adds. */
export interface BlockRecord {
  readonly head: Head;
  readonly block: StoredBlock;
  readonly results: StoredResults;
  readonly changes: readonly StateChange[];
  /** In block order. Ids and hashes in hex. */
  readonly transactions: readonly { readonly id: string; readonly hash: string; readonly by: readonly string[] }[];
}

type Level = ClassicLevel<string, Uint8Array>;
type Operation = { type: "put"; key: string; value: Uint8Array } | { type: "del"; key: string };

const formatNow = 1;

export class LedgerStore {
  readonly folder: string;
  readonly #level: Level;
  #head: Head | null;

  private constructor(folder: string, level: Level, head: Head | null) {
    this.folder = folder;
    this.#level = level;
    this.#head = head;
  }

  /** Opens the store, making an empty one if there is none. @throws {StoreError} */
  static async open(folder: string): Promise<LedgerStore> {
    const level: Level = new ClassicLevel(folder, { keyEncoding: "utf8", valueEncoding: "view" });
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await level.open();
      const format = await level.get("meta/format");
      if (format !== undefined && fromUtf8(format) !== String(formatNow))
        throw new StoreError(`${folder}: has format ${fromUtf8(format)}, but this version reads format ${formatNow}`);
      const head = await level.get("meta/head");
      return new LedgerStore(folder, level, head === undefined ? null : (fromJson(folder, head) as Head));
    } catch (error) {
      await level.close().catch(() => undefined);
      throw storeErrorOf(folder, error);
    }
  }

  /** Null before `initialise`. */
  get head(): Head | null {
    return this.#head;
  }

  /** Writes the state of genesis. */
  async initialise(chain: string, appHash: string, changes: readonly StateChange[]): Promise<void> {
    const head: Head = { chain, height: 0, hash: "", appHash };
    await this.#write([
      put("meta/format", utf8(String(formatNow))),
      putJson("meta/head", head),
      ...changes.map(stateOperation),
    ]);
    this.#head = head;
  }

  /** Keeps what is about to be signed. */
  async putProposal(proposal: Proposal): Promise<void> {
    await this.#write([putJson("proposal", proposal)]);
  }

  /** What was about to be signed when the process ended, if it did not become a block. */
  async proposal(): Promise<Proposal | null> {
    return (await this.#json("proposal")) as Proposal | null;
  }

  /** Adds one block in one batch; on disk when the promise resolves. */
  async append(record: BlockRecord): Promise<void> {
    const height = record.head.height;
    if (this.#head === null || height !== this.#head.height + 1)
      throw new Error(`block ${height} does not follow block ${this.#head?.height}`);
    const operations: Operation[] = [
      putJson("meta/head", record.head),
      { type: "del", key: "proposal" },
      putJson(`block/${heightText(height)}`, record.block),
      putJson(`results/${heightText(height)}`, record.results),
      put(`blockhash/${record.head.hash}`, utf8(String(height))),
      ...record.changes.map(stateOperation),
    ];
    record.transactions.forEach((transaction, index) => {
      const place = utf8(`${height},${index}`);
      operations.push(put(`tx/${transaction.id}`, place), put(`txhash/${transaction.hash}`, place));
      for (const account of new Set(transaction.by))
        operations.push(put(`by/${account}/${heightText(height)}/${indexText(index)}`, utf8(transaction.id)));
    });
    await this.#write(operations);
    this.#head = record.head;
  }

  async block(height: number): Promise<StoredBlock | null> {
    return (await this.#json(`block/${heightText(height)}`)) as StoredBlock | null;
  }

  async results(height: number): Promise<StoredResults | null> {
    return (await this.#json(`results/${heightText(height)}`)) as StoredResults | null;
  }

  /** Height of the block with this hash (hex, lower case). */
  async heightOf(blockHash: string): Promise<number | null> {
    const text = await this.#level.get(`blockhash/${blockHash}`);
    return text === undefined ? null : Number(fromUtf8(text));
  }

  /** Where the transaction with this id or CometBFT hash (hex, lower case) stands. */
  async place(by: "id" | "hash", key: string): Promise<TransactionPlace | null> {
    const text = await this.#level.get(`${by === "id" ? "tx" : "txhash"}/${key}`);
    if (text === undefined) return null;
    const [height, index] = fromUtf8(text).split(",");
    return { height: Number(height), index: Number(index) };
  }

  /** Transactions that an account signed, newest first; `before` is the height below which to look. */
  async placesOf(account: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<TransactionPlace[]> {
    const prefix = `by/${account}/`;
    const bounds = { gte: prefix, lt: `${prefix}${heightText(before)}`, reverse: true, limit };
    const places: TransactionPlace[] = [];
    for await (const key of this.#level.keys(bounds)) {
      const [height, index] = key.slice(prefix.length).split("/");
      places.push({ height: Number(height), index: Number(index) });
    }
    return places;
  }

  /** All state entries, ascending by name. */
  async stateEntries(): Promise<(readonly [name: string, value: Uint8Array])[]> {
    const entries: (readonly [string, Uint8Array])[] = [];
    try {
      for await (const [key, value] of this.#level.iterator({ gte: "state/", lt: "state0" }))
        entries.push([key.slice(6), value]);
    } catch (error) {
      throw storeErrorOf(this.folder, error);
    }
    return entries;
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  async #json(key: string): Promise<unknown> {
    const bytes = await this.#level.get(key);
    return bytes === undefined ? null : fromJson(this.folder, bytes);
  }

  async #write(operations: Operation[]): Promise<void> {
    try {
      await this.#level.batch(operations, { sync: true });
    } catch (error) {
      throw storeErrorOf(this.folder, error);
    }
  }
}

function put(key: string, value: Uint8Array): Operation {
  return { type: "put", key, value };
}

function putJson(key: string, value: unknown): Operation {
  return put(key, utf8(JSON.stringify(value)));
}

function stateOperation(change: StateChange): Operation {
  const key = `state/${change.name}`;
  return change.value === null ? { type: "del", key } : put(key, change.value);
}

function fromJson(folder: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new StoreError(`${folder}: is damaged; restore it from a backup`, { cause });
  }
}

/** Heights in keys have as many digits as the largest safe integer, so that keys sort by height. */
function heightText(height: number): string {
  return String(height).padStart(16, "0");
}

function indexText(index: number): string {
  return String(index).padStart(5, "0");
}
