// Readings at rest: observations, the telemetry log and each device's last sequence number, written together.

import type { Reading } from "../../../ledger/protocol/telemetry-records.ts";
import type { LogHasher, TileStorage } from "../log/tile-tree.ts";
import { TileTree, tileWidth } from "../log/tile-tree.ts";
import type { Database } from "./database.ts";

/** A reading that passed every check but the order of its sequence number. */
export interface CheckedReading {
  readonly reading: Reading;
  readonly datastream: number;
  /** Its canonical JSON. */
  readonly entry: string;
}

/** `duplicate`: the very same reading is stored already; `stale`: another reading used this sequence number or a later one. */
export type Stored = "stored" | "duplicate" | "stale";

/** The newest value of a device's stream. */
export interface LatestValue {
  readonly timeMs: number;
  readonly result: number;
}

const probeBytes = 256 * 1024;

export class TelemetryStore {
  readonly #database: Database;
  readonly tree: TileTree;
  readonly #datastreams = new Map<string, number>();
  readonly #sequences = new Map<string, number>();
  readonly #latest = new Map<string, LatestValue>();
  #size: number;

  constructor(database: Database, hasher: LogHasher) {
    this.#database = database;
    this.tree = new TileTree(tileStorage(database), hasher);
    // By the tiles, which stay when entries grow old and leave.
    const last = database.get(
      "SELECT number, length(hashes) AS bytes FROM log_tiles WHERE level = 0 ORDER BY number DESC LIMIT 1",
    );
    this.#size = last === undefined ? 0 : Number(last["number"]) * tileWidth + Number(last["bytes"]) / 32;
    for (const row of database.all("SELECT device, last FROM sequences")) {
      this.#sequences.set(String(row["device"]), Number(row["last"]));
    }
    const rows = database.all(
      "SELECT d.id AS id, t.device AS device, d.stream AS stream FROM datastreams d JOIN things t ON t.id = d.thing",
    );
    for (const row of rows) {
      const name = streamName(String(row["device"]), String(row["stream"]));
      const id = Number(row["id"]);
      this.#datastreams.set(name, id);
      const newest = database.get(
        "SELECT time, result FROM observations WHERE datastream = ? ORDER BY time DESC, id DESC LIMIT 1",
        id,
      );
      if (newest !== undefined) {
        this.#latest.set(name, { timeMs: Number(newest["time"]), result: Number(newest["result"]) });
      }
    }
  }

  /** Entries in the log, all of them on disk. */
  get size(): number {
    return this.#size;
  }

  /** Newest value of each `<device>/<stream>`. */
  get latest(): ReadonlyMap<string, LatestValue> {
    return this.#latest;
  }

  datastreamOf(device: string, stream: string): number | undefined {
    return this.#datastreams.get(streamName(device, stream));
  }

  lastSequence(device: string): number {
    return this.#sequences.get(device) ?? -1;
  }

  /** True when exactly this reading is stored: a device that missed the acknowledgement sends it again. */
  isStored(checked: CheckedReading): boolean {
    const rows = this.#database.all(
      `SELECT l.entry AS entry FROM observations o JOIN log_entries l ON l.position = o.id - 1
       WHERE o.datastream = ? AND o.time = ? LIMIT 100`,
      checked.datastream,
      Date.parse(checked.reading.time),
    );
    return rows.some((row) => row["entry"] === checked.entry);
  }

  /** Writes a batch in arrival order, in one synced transaction, and says of each what became of it. */
  commit(batch: readonly CheckedReading[]): Stored[] {
    const before = this.#size;
    const sequences = new Map<string, number>();
    const accepted: CheckedReading[] = [];
    const outcome = this.#database.transaction(() => {
      const verdicts = batch.map((checked): Stored => {
        const { device, sequence, time, result } = checked.reading;
        if (sequence <= (sequences.get(device) ?? this.lastSequence(device))) {
          return this.isStored(checked) ? "duplicate" : "stale";
        }
        sequences.set(device, sequence);
        const position = before + accepted.length;
        accepted.push(checked);
        this.#database.run("INSERT INTO log_entries (position, entry) VALUES (?, ?)", position, checked.entry);
        this.#database.run(
          "INSERT INTO observations (datastream, time, id, result) VALUES (?, ?, ?, ?)",
          checked.datastream,
          Date.parse(time),
          position + 1,
          result,
        );
        return "stored";
      });
      for (const [device, last] of sequences) {
        this.#database.run(
          "INSERT INTO sequences (device, last) VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET last = excluded.last",
          device,
          last,
        );
      }
      this.tree.append(
        before,
        accepted.map((checked) => Buffer.from(checked.entry, "utf8")),
      );
      return verdicts;
    });
    // Only now, with the transaction on disk, does memory follow.
    this.#size = before + accepted.length;
    for (const [device, last] of sequences) this.#sequences.set(device, last);
    for (const { reading } of accepted) this.#remember(reading);
    return outcome;
  }

  #remember(reading: Reading): void {
    const name = streamName(reading.device, reading.stream);
    const timeMs = Date.parse(reading.time);
    const known = this.#latest.get(name);
    if (known === undefined || known.timeMs <= timeMs) this.#latest.set(name, { timeMs, result: reading.result });
  }

  entry(index: number): string | undefined {
    const row = this.#database.get("SELECT entry FROM log_entries WHERE position = ?", index);
    return row === undefined ? undefined : String(row["entry"]);
  }

  /** Entries from `first` on, at most `count`; those that have grown old are missing. */
  entries(first: number, count: number): string[] {
    return this.#database
      .all("SELECT entry FROM log_entries WHERE position >= ? AND position < ? ORDER BY position", first, first + count)
      .map((row) => String(row["entry"]));
  }

  /** Hashes of a tile as stored: up to 256. */
  tile(level: number, number: number): Uint8Array | undefined {
    return tileStorage(this.#database).readTile(level, number);
  }

  meta(key: string): string | undefined {
    const row = this.#database.get("SELECT value FROM meta WHERE key = ?", key);
    return row === undefined ? undefined : String(row["value"]);
  }

  setMeta(key: string, value: string): void {
    this.#database.run(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      value,
    );
  }

  /** Writes and removes as much as a batch may take. @throws when the disk does not take it. */
  probe(): void {
    this.setMeta("probe", "0".repeat(probeBytes));
    this.#database.run("DELETE FROM meta WHERE key = 'probe'");
  }

  refusedCounts(): Map<string, number> {
    const rows = this.#database.all("SELECT reason, count FROM refused ORDER BY reason");
    return new Map(rows.map((row) => [String(row["reason"]), Number(row["count"])]));
  }

  setRefusedCounts(counts: ReadonlyMap<string, number>): void {
    this.#database.transaction(() => {
      for (const [reason, count] of counts) {
        this.#database.run(
          "INSERT INTO refused (reason, count) VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET count = excluded.count",
          reason,
          count,
        );
      }
    });
  }
}

/** The name under which a stream's newest value is listed. */
export function streamName(device: string, stream: string): string {
  return `${device}/${stream}`;
}

function tileStorage(database: Database): TileStorage {
  return {
    readTile: (level, number) => {
      const hashes = database.get("SELECT hashes FROM log_tiles WHERE level = ? AND number = ?", level, number)?.[
        "hashes"
      ];
      return hashes instanceof Uint8Array ? hashes : undefined;
    },
    writeTile: (level, number, hashes) => {
      database.run(
        `INSERT INTO log_tiles (level, number, hashes) VALUES (?, ?, ?)
         ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`,
        level,
        number,
        hashes,
      );
    },
  };
}
