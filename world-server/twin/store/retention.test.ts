// Old readings leave in whole bundles; the log's size, root and proofs stay as they were.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import { loadCityKeys } from "../../../settings/city-keys.ts";
import { readBuiltWorld } from "../city/built-world.ts";
import { nativeHasher } from "../log/hasher.ts";
import { writeSmallWorld } from "../testing/small-world.ts";
import { signedReading, startFixture } from "../testing/twin-fixture.ts";
import { Database } from "./database.ts";
import { bundleQueries, pruneOldestBundle } from "./retention.ts";
import { type CheckedReading, TelemetryStore } from "./telemetry-store.ts";
import { writeThings } from "./things.ts";

const day = 86_400_000;
const start = Date.parse("2026-01-01T00:00:00Z");
let data: string;
let database: Database;
let store: TelemetryStore;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "glasstown-retention-"));
  database = Database.open(data);
  writeThings(database, readBuiltWorld(writeSmallWorld(join(data, "world"))), start);
  store = new TelemetryStore(database, nativeHasher);
});
afterEach(() => {
  database.close();
  rmSync(data, { recursive: true, force: true });
});

/** Readings a minute apart, or at the times given. */
function fill(count: number, timeOf: (sequence: number) => number = (i) => start + i * 60_000): CheckedReading[] {
  const keys = loadCityKeys(data);
  const checked = Array.from({ length: count }, (_, i): CheckedReading => {
    const reading = signedReading(keys, { sequence: i + 1, time: new Date(timeOf(i)).toISOString() });
    const datastream = store.datastreamOf(reading.device, reading.stream)!;
    return { reading, datastream, entry: canonicalText(reading) };
  });
  store.commit(checked);
  return checked;
}
const rows = (table: string): number => Number(database.get(`SELECT count(*) AS n FROM ${table}`)?.["n"]);

it("removes whole bundles from the oldest on, and never the newest", () => {
  fill(1000);
  const size = store.size;
  const root = store.tree.root(size);
  const path = store.tree.inclusionPath(3, size);
  // Bundle 0 is minutes 0 to 255: one reading of it is young enough to keep it.
  expect(pruneOldestBundle(database, size, start + 255 * 60_000)).toBe(false);
  expect(pruneOldestBundle(database, size, start + 256 * 60_000)).toBe(true);
  expect([rows("observations"), rows("log_entries")]).toEqual([744, 744]);
  expect(store.entry(255)).toBeUndefined();
  expect(store.entry(256)).toBeDefined();
  while (pruneOldestBundle(database, size, Number.MAX_SAFE_INTEGER));
  expect([rows("observations"), rows("log_entries")]).toEqual([232, 232]);
  expect(store.tree.root(size)).toEqual(root);
  expect(store.tree.inclusionPath(3, size)).toEqual(path);
});

it("asks only for the rows of one bundle, however many there are", () => {
  for (const sql of bundleQueries) {
    const plan = database.all(`EXPLAIN QUERY PLAN ${sql}`, 256).map((row) => String(row["detail"]));
    expect(plan.join()).toMatch(/observations_by_id|INTEGER PRIMARY KEY|log_entries USING/);
    expect(plan.join()).not.toMatch(/observations_by_time/);
  }
});

it("a late reading keeps its bundle until it is old itself", () => {
  fill(600, (i) => (i === 10 ? start + 5 * day : start + i));
  expect(pruneOldestBundle(database, store.size, start + 4 * day)).toBe(false);
  expect(pruneOldestBundle(database, store.size, start + 6 * day)).toBe(true);
});

it("the log goes on where it was after a restart, whatever was removed", () => {
  const checked = fill(512);
  const root = store.tree.root(512);
  while (pruneOldestBundle(database, store.size, Number.MAX_SAFE_INTEGER));
  // Even a log without any entry left knows its size.
  database.run("DELETE FROM log_entries");
  database.run("DELETE FROM observations");
  const again = new TelemetryStore(database, nativeHasher);
  expect(again.size).toBe(512);
  expect(again.tree.root(512)).toEqual(root);
  expect(again.lastSequence("meter-0001")).toBe(512);
  const next = signedReading(loadCityKeys(data), { sequence: 513, time: new Date(start + day).toISOString() });
  again.commit([{ reading: next, datastream: checked[0]!.datastream, entry: canonicalText(next) }]);
  expect(again.size).toBe(513);
  expect(again.tree.root(512)).toEqual(root);
});

it("removed entries are told apart from those that never were; bundles are whole or not there", async () => {
  const fixture = await startFixture();
  const twin = fixture.twin.store;
  const keys = fixture.keys;
  const checked = Array.from({ length: 600 }, (_, i): CheckedReading => {
    const reading = signedReading(keys, { sequence: i + 1, time: new Date(start + i).toISOString() });
    return { reading, datastream: twin.datastreamOf(reading.device, reading.stream)!, entry: canonicalText(reading) };
  });
  twin.commit(checked);
  const status = async (path: string): Promise<number> => (await fetch(`${fixture.url}/log${path}`)).status;
  expect(await status("/tile/entries/000")).toBe(200);
  fixture.twin.prune(start + 256);
  expect(await status("/inclusion?index=5&size=600")).toBe(410);
  expect(await status("/inclusion?index=256&size=600")).toBe(200);
  expect(await status("/inclusion?index=600&size=600")).toBe(404);
  expect(await status("/tile/entries/000")).toBe(404);
  expect(await status("/tile/entries/000.p/7")).toBe(404);
  expect(await status("/tile/entries/001")).toBe(200);
  expect(await status("/tile/0/000")).toBe(200);
  await fixture.close();
});
