// The twin's SQLite file: WAL, every commit synced to disk, one writing process at a time, readers beside it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { SettingError } from "../../../settings/settings.ts";
import { schemaSql, schemaVersion } from "./schema.ts";

export type SqlValue = string | number | null;
/** A row as SQLite gives it; columns are checked where they are read. */
export type Row = Record<string, unknown>;

/** Prepared statements kept; queries of the read API have endless forms. */
const statementsMax = 200;
/** How long a second twin waits for the first to end: a supervisor may start one while the other still closes. */
const lockMs = 3_000;

export class Database {
  readonly #connection: DatabaseSync;
  readonly #lock: DatabaseSync | null;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(connection: DatabaseSync, lock: DatabaseSync | null) {
    this.#connection = connection;
    this.#lock = lock;
  }

  /** Opens for writing, makes or upgrades the tables. @throws {SettingError} when the folder or file cannot be used. */
  static open(dataFolder: string): Database {
    const file = fileIn(dataFolder);
    let lock: DatabaseSync | null = null;
    try {
      mkdirSync(join(dataFolder, "twin"), { recursive: true });
      lock = lockOf(dataFolder);
      const connection = new DatabaseSync(file, { timeout: lockMs });
      connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
      connection.exec("PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32000;");
      const version = Number(connection.prepare("PRAGMA user_version").get()?.["user_version"]);
      if (version > schemaVersion) {
        throw new Error(`was written by a newer version (${version}); this one knows ${schemaVersion}`);
      }
      const database = new Database(connection, lock);
      database.transaction(() => {
        connection.exec(schemaSql);
        connection.exec(`PRAGMA user_version = ${schemaVersion}`);
      });
      return database;
    } catch (cause) {
      lock?.close();
      throw new SettingError(`${file}: ${(cause as Error).message}`, { cause });
    }
  }

  /** Opens an existing store for reading only. */
  static forReading(dataFolder: string): Database {
    const connection = new DatabaseSync(fileIn(dataFolder), { readOnly: true, timeout: lockMs });
    connection.exec("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16000;");
    return new Database(connection, null);
  }

  all(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  get(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  /** All of it or nothing, synced to disk when it returns. */
  transaction<Result>(work: () => Result): Result {
    this.#connection.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#connection.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
    this.#lock?.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      if (this.#statements.size >= statementsMax) {
        const oldest = this.#statements.keys().next();
        if (!oldest.done) this.#statements.delete(oldest.value);
      }
    } else {
      this.#statements.delete(sql);
    }
    this.#statements.set(sql, statement);
    return statement;
  }
}

function fileIn(dataFolder: string): string {
  return join(dataFolder, "twin", "twin.sqlite");
}

/** A lock that the system takes back when the process ends in whatever way: two twins would write two histories into one log. */
function lockOf(dataFolder: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataFolder, "twin", "twin.lock"), { timeout: lockMs });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    throw new Error("is in use by another twin", { cause });
  }
}
