// Opens the twin's SQLite file: WAL, every commit synced to disk, one process at a time.

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

export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws {SettingError} when the folder or file cannot be used. */
  constructor(dataFolder: string) {
    const folder = join(dataFolder, "twin");
    const file = join(folder, "twin.sqlite");
    try {
      mkdirSync(folder, { recursive: true });
      this.#connection = new DatabaseSync(file, { timeout: 2000 });
      // An exclusive lock keeps a second twin from writing a second history into the same log.
      this.#connection.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      this.#connection.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32000;");
      const version = Number(this.#connection.prepare("PRAGMA user_version").get()?.["user_version"]);
      if (version > schemaVersion) {
        throw new Error(`was written by a newer version (${version}); this one knows ${schemaVersion}`);
      }
      this.transaction(() => {
        this.#connection.exec(schemaSql);
        this.#connection.exec(`PRAGMA user_version = ${schemaVersion}`);
      });
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new SettingError(`${file}: ${/locked/.test(reason) ? "is in use by another twin" : reason}`, { cause });
    }
  }

  all(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  get(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  run(sql: string, ...values: readonly SQLInputValue[]): { readonly lastId: number; readonly changes: number } {
    const done = this.#statement(sql).run(...values);
    return { lastId: Number(done.lastInsertRowid), changes: Number(done.changes) };
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
