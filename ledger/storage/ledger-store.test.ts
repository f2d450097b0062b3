// The store: atomic blocks, indexes, and one clear line for each thing that can be wrong with the folder.

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { LedgerStore } from "./ledger-store.ts";
import type { PlaceRange } from "./records.ts";
import { StoreError, storeErrorOf } from "./store-error.ts";
import { accountOf, blockRecord, digest, testAppHash, transactionBy } from "./test-blocks.ts";

let folder: string;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => removeTestFolder(folder));

const firstMs = Date.UTC(2026, 10, 22, 23, 59, 50);

async function withBlocks(heights: number): Promise<LedgerStore> {
  const store = await LedgerStore.open(join(folder, "store"));
  await store.initialise("chain", testAppHash, [{ name: "a/b/0", value: utf8('"0"') }]);
  for (let height = 1; height <= heights; height++) {
    const changes = [
      { name: `a/b/${height}`, value: utf8(`"${height}"`) },
      { name: `a/b/${height - 1}`, value: null },
    ];
    await store.append(
      blockRecord(height, firstMs + height * 1000, [transactionBy(accountOf("someone"))], { changes }),
    );
  }
  return store;
}

test("keeps blocks, indexes and exactly the newest state over a restart", async () => {
  await (await withBlocks(12)).close();
  const store = await LedgerStore.open(join(folder, "store"));
  expect(store.head).toEqual({ chain: "chain", height: 12, hash: digest("block 12"), appHash: testAppHash });
  expect((await store.block(12))?.block.header.time).toBe("2026-11-23T00:00:02Z");
  expect(await store.block(13)).toBeNull();
  expect(await store.heightOf(digest("block 7"))).toBe(7);
  expect(await store.heightOf(digest("nothing"))).toBeNull();
  expect(await store.place("id", digest("id 7.0"))).toEqual({ height: 7, index: 0 });
  expect(await store.place("hash", digest("tx 7.0"))).toEqual({ height: 7, index: 0 });
  expect(await store.place("hash", digest("id 7.0"))).toBeNull();
  expect((await store.stateEntries()).map(([name, value]) => [name, fromUtf8(value)])).toEqual([["a/b/12", '"12"']]);
  const heights = async (range: PlaceRange) =>
    (await store.placesOfAccount(accountOf("someone"), range)).map(({ height }) => height);
  expect(await heights({ limit: 3, descending: true })).toEqual([12, 11, 10]);
  expect(await heights({ limit: 2, descending: true, to: 9 })).toEqual([9, 8]);
  expect(await heights({ limit: 2, after: { height: 3, index: 0 } })).toEqual([4, 5]);
  expect(await store.placesOfAccount(accountOf("nobody"), { limit: 3 })).toEqual([]);
  expect(await store.heightAtTime(firstMs)).toBe(1);
  expect(await store.heightAtTime(firstMs + 1_001)).toBe(2);
  expect(await store.heightAtTime(firstMs + 12_001)).toBeNull();
  await store.close();
});

test("a block goes with its proposal; one that does not follow is a bug", async () => {
  const store = await withBlocks(1);
  const transactions = [transactionBy(accountOf("someone")), Uint8Array.of(1, 2, 3)];
  await store.putProposal({ height: 2, voteTimeMs: 5, transactions });
  expect(await store.proposal()).toEqual({ height: 2, voteTimeMs: 5, transactions });
  await expect(store.append(blockRecord(4, firstMs + 5_000, []))).rejects.toThrow(/does not follow/);
  await store.append(blockRecord(2, firstMs + 5_000, transactions));
  expect(await store.proposal()).toBeNull();
  expect(await store.transactions(2)).toEqual(transactions);
  await store.close();
});

test("a block that is not the proposed one is stored as it is", async () => {
  const store = await withBlocks(1);
  await store.putProposal({ height: 2, voteTimeMs: 5, transactions: [Uint8Array.of(1)] });
  await store.append(blockRecord(2, firstMs + 5_000, [Uint8Array.of(2)]));
  expect(await store.transactions(2)).toEqual([Uint8Array.of(2)]);
  await store.close();
});

test("daily totals are those of the days, over restarts too", async () => {
  await (await withBlocks(7)).close();
  const store = await LedgerStore.open(join(folder, "store"));
  await store.append(blockRecord(8, firstMs + 60_000, [transactionBy(accountOf("someone"))]));
  await store.append(blockRecord(9, firstMs + 90_000_000, []));
  const days = await store.dailyTotals("2026-11-22", "2026-11-24");
  expect(days.map(({ day, blocks, transactions }) => [day, blocks, transactions])).toEqual([
    ["2026-11-22", 7, 7],
    ["2026-11-23", 1, 1],
    ["2026-11-24", 1, 0],
  ]);
  expect(await store.dailyTotals("2026-11-23", "2026-11-23")).toHaveLength(1);
  await store.close();
});

test("names in any script come back in whole", async () => {
  const store = await LedgerStore.open(join(folder, "store"));
  const names = ["accounts/name/žofie", "accounts/name/서울", "accounts/name/𐍈𐍈", "\ufeffname"];
  await store.initialise(
    "chain",
    testAppHash,
    names.map((name) => ({ name, value: utf8("1") })),
  );
  expect((await store.stateEntries()).map(([name]) => name).sort()).toEqual([...names].sort());
  await store.close();
});

test("a folder in use is refused in one line", async () => {
  const store = await withBlocks(0);
  await expect(LedgerStore.open(join(folder, "store"))).rejects.toThrow(/^[^\n]*in use by another process[^\n]*$/);
  await store.close();
});

test("a file in the folder's place is refused in one line", async () => {
  await writeFile(join(folder, "store"), "");
  await expect(LedgerStore.open(join(folder, "store"))).rejects.toThrow(StoreError);
});

test("damaged files are refused in one line", async () => {
  await (await withBlocks(3)).close();
  await writeFile(join(folder, "store", "CURRENT"), "MANIFEST-999999\n");
  await expect(LedgerStore.open(join(folder, "store"))).rejects.toThrow(
    /^[^\n]*MANIFEST-999999: is missing; mend it[^\n]*$/,
  );
});

test("another format is refused by its number", async () => {
  const { ClassicLevel } = await import("classic-level");
  const level = new ClassicLevel(join(folder, "store"));
  await level.put("meta/format", "99");
  await level.close();
  await expect(LedgerStore.open(join(folder, "store"))).rejects.toThrow(/has format 99/);
});

test.skipIf(process.getuid?.() === 0)("an unwritable folder is refused in one line", async () => {
  await mkdir(join(folder, "closed"), { mode: 0o500 });
  await expect(LedgerStore.open(join(folder, "closed", "store"))).rejects.toThrow(/not writable/);
  await chmod(join(folder, "closed"), 0o700);
});

test.each([
  [Object.assign(new Error("x"), { code: "ENOSPC" }), "the disk is full"],
  [new Error("IO error: /store/000004.log: No space left on device"), "the disk is full"],
  [new Error("outer", { cause: Object.assign(new Error("inner"), { code: "EACCES" }) }), "not writable by this user"],
  [new Error("Database failed to open", { cause: new Error("Corruption: bad record") }), "is damaged"],
  [new Error("something\nelse"), "something else"],
])("%s is put into words", (error, words) => {
  const said = storeErrorOf("/folder", error).message;
  expect(said).toContain("/folder: ");
  expect(said).toContain(words);
  expect(said).not.toContain("\n");
});
