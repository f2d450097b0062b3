// The store: atomic blocks, indexes, and one clear line for each thing that can be wrong with the folder.

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { LedgerStore } from "./ledger-store.ts";
import type { StoredBlock } from "./records.ts";
import { StoreError, storeErrorOf } from "./store-error.ts";

let folder: string;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => removeTestFolder(folder));

const block = { block_id: { hash: "AA", parts: { total: 1, hash: "" } }, size: 1 } as unknown as StoredBlock;
const appHash = "00".repeat(32);

async function withBlocks(heights: number): Promise<LedgerStore> {
  const store = await LedgerStore.open(join(folder, "store"));
  await store.initialise("chain", appHash, [{ name: "a/b/1", value: utf8("1") }]);
  for (let height = 1; height <= heights; height++)
    await store.append({
      head: { chain: "chain", height, hash: `hash${height}`, appHash },
      block,
      results: { appHash, ids: [`id${height}`], transactions: [], events: [] },
      changes: [
        { name: `a/b/${height}`, value: utf8(`"${height}"`) },
        { name: `a/b/${height - 1}`, value: null },
      ],
      transactions: [{ id: `id${height}`, hash: `tx${height}`, by: ["someone", "someone"] }],
    });
  return store;
}

test("keeps blocks, indexes and exactly the newest state over a restart", async () => {
  await (await withBlocks(12)).close();
  const store = await LedgerStore.open(join(folder, "store"));
  expect(store.head).toEqual({ chain: "chain", height: 12, hash: "hash12", appHash });
  expect(await store.block(12)).toEqual(block);
  expect(await store.block(13)).toBeNull();
  expect(await store.heightOf("hash7")).toBe(7);
  expect(await store.heightOf("nothing")).toBeNull();
  expect(await store.place("id", "id7")).toEqual({ height: 7, index: 0 });
  expect(await store.place("hash", "tx7")).toEqual({ height: 7, index: 0 });
  expect(await store.place("hash", "id7")).toBeNull();
  expect((await store.stateEntries()).map(([name, value]) => [name, fromUtf8(value)])).toEqual([["a/b/12", '"12"']]);
  expect((await store.placesOf("someone", 3)).map(({ height }) => height)).toEqual([12, 11, 10]);
  expect((await store.placesOf("someone", 2, 10)).map(({ height }) => height)).toEqual([9, 8]);
  expect(await store.placesOf("nobody", 3)).toEqual([]);
  await store.close();
});

test("a block goes with its proposal; one that does not follow is a bug", async () => {
  const store = await withBlocks(1);
  await store.putProposal({ height: 2, voteTimeMs: 5, transactions: ["AAAA"] });
  expect(await store.proposal()).toEqual({ height: 2, voteTimeMs: 5, transactions: ["AAAA"] });
  const record = {
    head: { chain: "chain", height: 2, hash: "h", appHash },
    block,
    results: { appHash, ids: [], transactions: [], events: [] },
    changes: [],
    transactions: [],
  };
  await expect(store.append({ ...record, head: { ...record.head, height: 4 } })).rejects.toThrow(/does not follow/);
  await store.append(record);
  expect(await store.proposal()).toBeNull();
  await store.close();
});

test("names in any script come back in whole", async () => {
  const store = await LedgerStore.open(join(folder, "store"));
  const names = ["accounts/name/žofie", "accounts/name/서울", "accounts/name/𐍈𐍈"];
  await store.initialise(
    "chain",
    appHash,
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
  await expect(LedgerStore.open(join(folder, "store"))).rejects.toThrow(/^[^\n]*is damaged[^\n]*$/);
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
