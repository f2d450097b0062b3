// The history's nodes on disk: every proof of them verifies under the root of its size, over restarts, pruning, a later beginning, and
// index. RFC 6962 by its own words stands beside them.

import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { fromHex, utf8 } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { type HistoryRecord, historyState } from "../protocol/history.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import { baseFile, type EntryPage, writeBase } from "./base-state.ts";
import { differenceOfHistory } from "./history-nodes.ts";
import type { Operation } from "./key-value.ts";
import { historyNodeKey, historyNodeOfKey, keysOf } from "./keys.ts";
import { LedgerStore } from "./ledger-store.ts";
import { sealRecord } from "./record-codec.ts";
import { StoreError } from "./store-error.ts";
import { accountOf, blockRecord, digest, testAppHash, transactionBy } from "./test-blocks.ts";

const core = loadCore();
const heights = 37;
const startMs = Date.UTC(2026, 10, 22);

let folder: string;
const open: LedgerStore[] = [];
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await removeTestFolder(folder);
});

/** Every third block tells of something itself. */
const eventsAt = (height: number): LedgerEvent[] =>
  height % 3 === 0 ? [{ type: "energy/cleared", attributes: { slot: String(height), b: "ß" } }] : [];

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const treeOf = (leaves: readonly Uint8Array[]): Buffer => {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Uint8Array.of(1), treeOf(leaves.slice(0, split)), treeOf(leaves.slice(split)));
};
const eventsRootAt = (height: number): Buffer => treeOf(eventsAt(height).map(canonicalBytes));
const leaves = Array.from({ length: heights + 8 }, (_, index) =>
  Buffer.concat([fromHex(digest(`block ${index + 1}`)), eventsRootAt(index + 1)]),
);
const roots = Array.from({ length: leaves.length + 1 }, (_, size) => treeOf(leaves.slice(0, size)));
const rootAt = (size: number): Buffer => roots[size]!;

/** What the state says after so many blocks. */
function recordAt(size: number): HistoryRecord {
  const frontier: string[] = [];
  for (let begin = 0; begin < size; ) {
    const width = 2 ** (31 - Math.clz32(size - begin));
    frontier.push(treeOf(leaves.slice(begin, begin + width)).toString("hex"));
    begin += width;
  }
  return { frontier, root: rootAt(size).toString("hex"), size };
}
const pageAt = (size: number): EntryPage => [
  ["a/b/c", utf8("1")],
  [historyState.blocks, canonicalBytes(recordAt(size))],
];

function recordOf(height: number): ReturnType<typeof blockRecord> {
  const transactions = [transactionBy(accountOf("someone"))];
  const block = blockRecord(height, startMs + height * 1_000, transactions);
  return { ...block, results: { ...block.results, events: eventsAt(height) } };
}

async function openStore(name = "store"): Promise<LedgerStore> {
  const store = await LedgerStore.open(join(folder, name));
  open.push(store);
  return store;
}

async function fullStore(name = "store"): Promise<LedgerStore> {
  const store = await openStore(name);
  await store.initialise("chain", testAppHash, []);
  for (let height = 1; height <= heights; height++) await store.append(recordOf(height));
  return store;
}

/** One that began with the state after a block. */
async function laterStore(begin: number, name = "later", end = heights): Promise<LedgerStore> {
  const store = await openStore(name);
  const head = { chain: "chain", height: begin, hash: digest(`block ${begin}`), appHash: testAppHash };
  await store.beginWith(head, pagesOf(begin));
  for (let height = begin + 1; height <= end; height++) await store.append(recordOf(height));
  return store;
}

async function* pagesOf(size: number): AsyncGenerator<EntryPage> {
  yield [["a/a/a", utf8("1")]];
  yield pageAt(size);
}

/** The heights that cannot be proven, of all sizes; every proof that is given must verify. */
async function unknownIn(store: LedgerStore): Promise<number[]> {
  const unknown = new Set<number>();
  const end = store.head!.height;
  for (let size = 1; size <= end; size++)
    for (let height = 1; height <= size; height++) {
      const proof = await store.historyProof(height, size);
      if (proof === null) {
        unknown.add(height);
        continue;
      }
      expect([proof.height, proof.size]).toEqual([height, size]);
      expect(proof.header).toBe(digest(`block ${height}`));
      expect(proof.events).toBe(eventsRootAt(height).toString("hex"));
      const leafHash = core.leafHash(leaves[height - 1]!);
      expect(core.verifyInclusion(rootAt(size), leafHash, height - 1, size, proof.path.map(fromHex))).toBe(true);
    }
  return [...unknown];
}

const difference = (store: LedgerStore): Promise<string | null> =>
  differenceOfHistory(store.keyValue, store.head!.height, rootAt(store.head!.height).toString("hex"));
const rebuild = (store: LedgerStore): Promise<void> => store.rebuildIndex(() => undefined);
const upTo = (height: number): number[] => Array.from({ length: height }, (_, index) => index + 1);
const nodeCount = async (store: LedgerStore): Promise<number> => {
  let count = 0;
  for await (const page of store.keyValue.pages(keysOf("n"))) count += page.length;
  return count;
};

describe("history nodes", () => {
  test("every height is proven in every size, also over a restart", async () => {
    let store = await fullStore();
    expect(await unknownIn(store)).toEqual([]);
    expect(await store.firstInHistory()).toBe(1);
    // A tree of n leaves has 2n - (bits of n) perfect subtrees.
    expect(await nodeCount(store)).toBe(2 * heights - 3);
    await store.close();
    open.pop();
    store = await openStore();
    await store.append(recordOf(heights + 1));
    expect(await unknownIn(store)).toEqual([]);
    expect(await difference(store)).toBeNull();
  });

  test("nothing is known before the first block, and no height above the size", async () => {
    const store = await openStore();
    await store.initialise("chain", testAppHash, []);
    expect(await store.firstInHistory()).toBeNull();
    expect(await differenceOfHistory(store.keyValue, 0, rootAt(0).toString("hex"))).toBeNull();
    await store.append(recordOf(1));
    for (const [height, size] of [
      [2, 1],
      [0, 1],
      [1, 0],
    ] as const)
      await expect(store.historyProof(height, size)).rejects.toThrow(RangeError);
  });

  test("pruned blocks are still proven, before and after index", async () => {
    const store = await fullStore();
    await mkdir(join(folder, "base"), { recursive: true });
    await writeBase(baseFile(folder, 20), [[["a/a/a", utf8("1")]], pageAt(20)]);
    await store.forgetBelow(21);
    expect(await store.sweep(100)).toBe(20);
    expect(await store.block(20)).toBeNull();
    expect(await unknownIn(store)).toEqual([]);
    expect(await difference(store)).toBeNull();
    const before = await nodeCount(store);
    await rebuild(store);
    expect(await unknownIn(store)).toEqual([]);
    expect(await nodeCount(store)).toBe(before);
    await store.append(recordOf(heights + 1));
    expect(await difference(store)).toBeNull();
  });

  test.each([1, 2, 7, 8, 20, 31, 32])(
    "a store that begins after block %i proves what came after it, and says where it begins",
    async (begin) => {
      const store = await laterStore(begin);
      expect(await unknownIn(store)).toEqual(upTo(begin));
      expect(await store.firstInHistory()).toBe(begin + 1);
      expect(await difference(store)).toBeNull();
      await mkdir(join(folder, "base"), { recursive: true });
      await writeBase(baseFile(folder, begin), [pageAt(begin)]);
      await rebuild(store);
      expect(await unknownIn(store)).toEqual(upTo(begin));
      expect(await difference(store)).toBeNull();
    },
  );

  test("a store that was pruned after a later beginning keeps what it knows", async () => {
    const store = await laterStore(7);
    await mkdir(join(folder, "base"), { recursive: true });
    await writeBase(baseFile(folder, 25), [pageAt(25)]);
    await store.forgetBelow(26);
    await store.sweep(100);
    await rebuild(store);
    expect(await unknownIn(store)).toEqual(upTo(7));
    // What does not lead to the state before the lowest block is not kept.
    await store.keyValue.write([put({ level: 0, index: 12 }, new Uint8Array(64))], true);
    expect(await difference(store)).toMatch(
      /differ at block 14 or before; make them again with `npm run ledger -- index`$/,
    );
    await rebuild(store);
    expect(await unknownIn(store)).toEqual(upTo(25));
    expect(await difference(store)).toBeNull();
  });

  test.each([
    [[4], 6],
    [[5], 6],
    [[3, 8], 10],
    [[0], 2],
    [[24], 25],
  ] as const)("leaves %j of pruned blocks are damaged: index keeps what came after them", async (damaged, known) => {
    const store = await fullStore();
    await mkdir(join(folder, "base"), { recursive: true });
    await writeBase(baseFile(folder, 25), [pageAt(25)]);
    await store.forgetBelow(26);
    await store.sweep(100);
    const faults = damaged.map(
      (index) => ({ type: "put", key: historyNodeKey({ level: 0, index }), value: new Uint8Array(69) }) as const,
    );
    await store.keyValue.write(faults, true);
    expect(await difference(store)).toMatch(/missing|damaged/);
    await rebuild(store);
    expect(await unknownIn(store)).toEqual(upTo(known));
    expect(await difference(store)).toBeNull();
    await store.append(recordOf(heights + 1));
    expect(await difference(store)).toBeNull();
  });

  test("takes over what another store knows, but nothing of another history", async () => {
    const store = await laterStore(20, "later", 20);
    const other = await openStore("other");
    await other.initialise("chain", testAppHash, []);
    for (let height = 1; height <= heights; height++) {
      const record = recordOf(height);
      const hash = digest(`another block ${height}`);
      await other.append(height === 5 ? { ...record, head: { ...record.head, hash } } : record);
    }
    const short = await openStore("short");
    await short.initialise("chain", testAppHash, []);
    for (let height = 1; height <= 19; height++) await short.append(recordOf(height));
    const late = await laterStore(20, "late");
    const empty = await openStore("empty");
    for (const { keyValue } of [other, short, late, empty]) expect(await store.takeHistory(keyValue)).toBe(false);
    expect(await unknownIn(store)).toEqual(upTo(20));
    expect(await store.takeHistory((await laterStore(6, "earlier")).keyValue)).toBe(true);
    expect(await unknownIn(store)).toEqual(upTo(6));
    expect(await store.takeHistory((await fullStore("full")).keyValue)).toBe(true);
    for (let height = 21; height <= heights; height++) await store.append(recordOf(height));
    expect(await unknownIn(store)).toEqual([]);
    expect(await difference(store)).toBeNull();
  });

  test("does not begin with a state whose history is another block's, or none", async () => {
    const head = { chain: "chain", height: 4, hash: digest("block 4"), appHash: testAppHash };
    async function* pages(page: EntryPage): AsyncGenerator<EntryPage> {
      yield page;
    }
    const short = { ...recordAt(4), frontier: [] };
    for (const page of [[], pageAt(3), pageAt(5), [[historyState.blocks, canonicalBytes(short)]]] as EntryPage[]) {
      const store = await openStore(`wrong-${open.length}`);
      await expect(store.beginWith(head, pages(page))).rejects.toThrow(StoreError);
      expect(store.head).toBeNull();
    }
  });

  const faults: readonly (readonly [string, () => Operation, RegExp])[] = [
    ["a leaf of another block", () => put({ level: 0, index: 3 }, leaves[4]!), /differ at block 4/],
    ["another node", () => put({ level: 2, index: 1 }, new Uint8Array(32)), /differ at block 8/],
    [
      "the newest leaf of another block",
      () => put({ level: 0, index: heights - 1 }, leaves[0]!),
      /do not give the root/,
    ],
    ["a missing leaf", () => del({ level: 0, index: 9 }), /leaf of block 10 is missing/],
    [
      "a leaf of which only the hash is left",
      () => put({ level: 0, index: 9 }, core.leafHash(leaves[9]!)),
      /leaf of block 10 is missing/,
    ],
    ["a missing node", () => del({ level: 3, index: 0 }), /differ at block 8/],
    [
      "a damaged record",
      () => ({ type: "put", key: historyNodeKey({ level: 0, index: 2 }), value: new Uint8Array(69) }),
      /damaged/,
    ],
    [
      "a node above the newest block",
      () => put({ level: 0, index: heights }, leaves[heights]!),
      /holds a node that no block gives/,
    ],
    [
      "a key without a form",
      () => ({ type: "put", key: utf8("nothing"), value: new Uint8Array(1) }),
      /holds a node that no block gives/,
    ],
  ];
  test.each(faults)("%s: found, and gone after index", async (_, operation, words) => {
    const store = await fullStore();
    expect(await difference(store)).toBeNull();
    await store.keyValue.write([operation()], true);
    expect(await difference(store)).toMatch(words);
    await rebuild(store);
    expect(await difference(store)).toBeNull();
    expect(await unknownIn(store)).toEqual([]);
  });

  test("a damaged node is named when it is needed, by a proof and by the next block after a start", async () => {
    const store = await fullStore();
    const damage = { type: "put", key: historyNodeKey({ level: 5, index: 0 }), value: new Uint8Array(37) } as const;
    await store.keyValue.write([damage], true);
    await expect(store.historyProof(34, heights)).rejects.toThrow(/is damaged \(the history at block 34/);
    await store.close();
    open.pop();
    const again = await openStore();
    await expect(again.append(recordOf(heights + 1))).rejects.toThrow(/is damaged \(the history/);
    await again.keyValue.write([del({ level: 5, index: 0 })], true);
    await expect(again.historyProof(34, heights)).rejects.toThrow(
      /is damaged \(the history at block 34: a node is missing/,
    );
    await expect(again.append(recordOf(heights + 1))).rejects.toThrow(/is damaged \(the history lacks a node/);
  });

  test("keys tell their nodes", () => {
    for (const node of [
      { level: 0, index: 0 },
      { level: 52, index: 1 },
      { level: 0, index: 2 ** 48 - 1 },
    ])
      expect(historyNodeOfKey(historyNodeKey(node))).toEqual(node);
    expect(historyNodeOfKey(Uint8Array.of(0x6e))).toBeNull();
    const keys = [
      { level: 0, index: 255 },
      { level: 0, index: 256 },
      { level: 1, index: 0 },
    ].map(historyNodeKey);
    expect(keys.toSorted(Buffer.compare)).toEqual(keys);
  });
});

function put(node: { level: number; index: number }, value: Uint8Array): Operation {
  return { type: "put", key: historyNodeKey(node), value: sealRecord(value) };
}

function del(node: { level: number; index: number }): Operation {
  return { type: "del", key: historyNodeKey(node) };
}
