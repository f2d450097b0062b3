// Removes readings older than GLASSTOWN_KEEP_DAYS: observations and the log's entries, in bundles of 256 and in log order.
// The log's hash tiles stay for good (32 bytes a reading), so that size, root, checkpoints and anchors go on to hold, and
// whoever keeps an old entry can still have it proved. Limits: one bundle a second, one transaction each.

import type { Logger } from "pino";
import { tileWidth } from "../log/tile-tree.ts";
import type { Database } from "./database.ts";

const dayMs = 86_400_000;
/** Ten times what a city of 1,500 devices reports, and still small beside a batch of readings. */
const busyMs = 1000;
const idleMs = 60_000;

/** Ids of observations are positions plus one. The plus keeps SQLite from looking for the newest through all times. */
const newestSql = "SELECT max(+time) AS time FROM observations WHERE id <= ?";
const deleteObservationsSql = "DELETE FROM observations WHERE id <= ?";
const deleteEntriesSql = "DELETE FROM log_entries WHERE position < ?";
/** For the test that looks at how they are carried out. */
export const bundleQueries = [newestSql, deleteObservationsSql, deleteEntriesSql];

/** Removes the oldest whole bundle if all of it was measured before `beforeMs`; the newest bundle always stays. */
export function pruneOldestBundle(database: Database, size: number, beforeMs: number): boolean {
  const oldest = database.get("SELECT min(position) AS position FROM log_entries")?.["position"];
  if (oldest === null || oldest === undefined) return false;
  const end = (Math.floor(Number(oldest) / tileWidth) + 1) * tileWidth;
  if (end >= size) return false;
  const newest = database.get(newestSql, end)?.["time"];
  if (newest !== null && newest !== undefined && Number(newest) >= beforeMs) return false;
  database.transaction(() => {
    database.run(deleteObservationsSql, end);
    database.run(deleteEntriesSql, end);
  });
  return true;
}

export interface RetentionOptions {
  readonly database: Database;
  readonly size: () => number;
  readonly keepDays: number;
  readonly now: () => number;
  readonly log: Logger;
}

export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#step(), busyMs);
  }

  #step(): void {
    const { database, size, keepDays, now, log } = this.#options;
    let removed = false;
    try {
      removed = pruneOldestBundle(database, size(), now() - keepDays * dayMs);
    } catch (error) {
      log.warn({ error: (error as Error).message }, "old readings could not be removed");
    }
    this.#timer = setTimeout(() => this.#step(), removed ? busyMs : idleMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
