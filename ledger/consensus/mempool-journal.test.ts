// The mempool's journal: what a restart reads back, torn and damaged tails, bounds, and a disk that does not take it.

import { appendFile, type FileHandle, mkdir, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MempoolJournal } from "./mempool-journal.ts";
import { makeTestFolder, removeTestFolder, until } from "./test-chain.ts";

let folder: string;
let file: string;
let faults: unknown[];
beforeEach(async () => {
  folder = await makeTestFolder();
  file = join(folder, "mempool.journal");
  faults = [];
});
afterEach(() => removeTestFolder(folder));

const newJournal = (): MempoolJournal => new MempoolJournal(file, (error) => faults.push(error));
const some = (count: number, size = 100): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new Uint8Array(size).fill(1 + (i % 250)));
const waiting = (all: readonly Uint8Array[]) => all.map((bytes) => ({ bytes }));
const written = (bytes: number) => until(async () => (await stat(file).catch(() => null))?.size === bytes, "a write");
const recordBytes = 108;

test("gives back what was added, in order; nothing where there is none", async () => {
  expect(await newJournal().recover()).toEqual({ transactions: [], wholeBytes: 0, tornBytes: 0 });
  const journal = newJournal();
  const all = some(5);
  for (const bytes of all) journal.append(bytes);
  await written(5 * recordBytes);
  expect(await newJournal().recover()).toEqual({ transactions: all, wholeBytes: 5 * recordBytes, tornBytes: 0 });
  await journal.close([]);
  expect(faults).toEqual([]);
});

test("at the end holds exactly what waits, and takes no more", async () => {
  const journal = newJournal();
  const all = some(5);
  for (const bytes of all) journal.append(bytes);
  await journal.close(waiting(all.slice(3)));
  journal.append(all[0]!);
  await journal.close([]);
  expect((await newJournal().recover()).transactions).toEqual(all.slice(3));
});

test("wherever it was torn, the whole records before are read, and what is added later too", async () => {
  const all = some(4, 50);
  const journal = newJournal();
  await journal.close(waiting(all));
  const whole = await readFile(file);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (length) => {
      await writeFile(file, whole);
      await truncate(file, length);
      const torn = newJournal();
      const kept = Math.floor(length / 58);
      expect(await torn.recover()).toEqual({
        transactions: all.slice(0, kept),
        wholeBytes: kept * 58,
        tornBytes: length - kept * 58,
      });
      torn.append(all[0]!);
      await written((kept + 1) * 58);
      expect((await newJournal().recover()).transactions).toEqual([...all.slice(0, kept), all[0]]);
      await torn.close([]);
    }),
    { numRuns: 30 },
  );
});

test("a flipped bit ends it there; garbage is read as nothing", async () => {
  const all = some(3, 50);
  await newJournal().close(waiting(all));
  const bytes = await readFile(file);
  bytes[58 + 20]! ^= 1;
  await writeFile(file, bytes);
  expect((await newJournal().recover()).transactions).toEqual(all.slice(0, 1));
  for (const garbage of [Buffer.alloc(1_000), Buffer.alloc(1_000, 0xff), Buffer.from("not a journal at all")]) {
    await writeFile(file, garbage);
    expect(await newJournal().recover()).toEqual({ transactions: [], wholeBytes: 0, tornBytes: garbage.length });
  }
});

describe("bounds", () => {
  test("emptied when nothing waits, rewritten when most of it is past", async () => {
    const journal = newJournal();
    const all = some(40, 60_000);
    for (const bytes of all) journal.append(bytes);
    await written(40 * 60_008);
    const left = all.slice(38);
    await until(async () => {
      journal.trim(waiting(left), 120_000);
      return (await stat(file)).size === 2 * 60_008;
    }, "a rewrite");
    journal.append(all[0]!);
    await written(3 * 60_008);
    expect((await newJournal().recover()).transactions).toEqual([...left, all[0]]);
    await until(async () => {
      journal.trim([], 0);
      return (await stat(file)).size === 0;
    }, "an empty file");
    await journal.close([]);
  });

  test("past 48 MiB nothing more is kept until it is rewritten", async () => {
    const journal = newJournal();
    const large = new Uint8Array(65_536).fill(7);
    for (let i = 0; i < 1_000; i++) journal.append(large);
    expect(journal.bytes).toBeLessThanOrEqual(48 * 1_048_576);
    await journal.close([]);
    expect((await stat(file)).size).toBe(0);
  });
});

test("a disk that does not take it is told once, and again after it did; the ledger goes on", async () => {
  await mkdir(file);
  const journal = newJournal();
  for (const bytes of some(3)) journal.append(bytes);
  await until(() => faults.length > 0, "a fault");
  for (const bytes of some(3)) journal.append(bytes);
  await new Promise((resolve) => setImmediate(resolve));
  expect(faults.length).toBe(1);
  await rm(file, { recursive: true });
  // The next trim writes all that waits, since what was added meanwhile is missing.
  const all = some(2);
  await until(async () => {
    journal.trim(waiting(all), 200);
    return (await newJournal().recover()).transactions.length === 2;
  }, "a rewrite");
  await journal.close(waiting(all));
  expect((await newJournal().recover()).transactions).toEqual(all);
  await appendFile(file, "x");
  expect((await newJournal().recover()).tornBytes).toBe(1);
});

test("what is added after a write that tore the file is behind no torn record", async () => {
  const journal = newJournal();
  const all = some(4);
  journal.append(all[0]!);
  await written(recordBytes);
  // The disk takes half of a record, then reports that it is full; later it has room again.
  const { appendFile: whole } = await fileHandlePrototype();
  const restore = await replaceAppend(async function (this: FileHandle, bytes) {
    await whole.call(this, Buffer.from(bytes as Uint8Array).subarray(0, 50));
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  });
  journal.append(all[1]!);
  await until(() => faults.length > 0, "a fault");
  restore();
  journal.append(all[2]!);
  await new Promise((resolve) => setImmediate(resolve));
  journal.trim(waiting(all.slice(0, 3)), 300);
  await written(3 * recordBytes);
  journal.append(all[3]!);
  await written(4 * recordBytes);
  expect((await newJournal().recover()).transactions).toEqual(all);
  await journal.close([]);
});

async function fileHandlePrototype(): Promise<FileHandle> {
  const handle = await open(join(folder, "any"), "w");
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

async function replaceAppend(by: FileHandle["appendFile"]): Promise<() => void> {
  const prototype = await fileHandlePrototype();
  const before = prototype.appendFile;
  prototype.appendFile = by;
  return () => {
    prototype.appendFile = before;
  };
}

test("a file of gigabytes is not read whole: what is past the bound or broken is cut off", async () => {
  const all = some(3, 1_000);
  await newJournal().close(waiting(all));
  const { size } = await stat(file);
  // Sparse: takes no room on disk, but would take 3 GiB of memory.
  await truncate(file, 3 * 2 ** 30);
  expect(await newJournal().recover()).toEqual({
    transactions: all,
    wholeBytes: size,
    tornBytes: 3 * 2 ** 30 - size,
  });
  expect((await stat(file)).size).toBe(size);
  expect(faults).toEqual([]);
});

test("records that lie across the pieces in which the file is read come back", async () => {
  const all = Array.from({ length: 150 }, (_, at) => new Uint8Array(20_000 + at).fill(at + 1));
  await newJournal().close(waiting(all));
  expect((await newJournal().recover()).transactions).toEqual(all);
});
