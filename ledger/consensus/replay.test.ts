// verify finds what the store holds beyond its blocks, names it, and says what mends it; `index` and `repair` do.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { utf8 } from "../protocol/bytes.ts";
import { baseFile, removeBasesBelow, writeBase } from "../storage/base-state.ts";
import type { Operation } from "../storage/key-value.ts";
import {
  blockHashKey,
  dayKey,
  headKey,
  historyNodeKey,
  stateKey,
  termKey,
  timeKey,
  transactionKey,
} from "../storage/keys.ts";
import { messageTerm } from "../storage/place-index.ts";
import { sealRecord } from "../storage/record-codec.ts";
import { writeVarints } from "../storage/varint.ts";
import { Replay, replayChain } from "./replay.ts";
import {
  advanceToBlock,
  ManualClock,
  newApplication,
  removeTestChain,
  startTestChain,
  submitSomeone,
  type TestChain,
} from "./test-chain.ts";

let chain: TestChain;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  chain = await startTestChain({ clock, heartbeatMs: 86_400_000 });
  for (let block = 0; block < 4; block++) {
    await submitSomeone(chain, `Citizen ${block}`);
    await advanceToBlock(chain, clock, 86_400_000);
  }
});
afterEach(() => removeTestChain(chain));

const put = (key: Uint8Array, value: Uint8Array): Operation => ({ type: "put", key, value });
const reason = async () => (await replayChain(chain.store, chain.builder, newApplication())).fault?.reason ?? null;
const rebuild = () => chain.store.rebuildIndex(() => undefined);

const surplus: readonly (readonly [name: string, operations: () => Operation[], words: RegExp])[] = [
  [
    "a place in a block that has none of the term",
    () => [put(termKey(messageTerm("energy/offer"), 2), Uint8Array.of(2))],
    /^the index holds an entry that no block gives \(places of the term [0-9a-f]{32} of block 2\); make it again with `npm run ledger -- index`$/,
  ],
  [
    "places above the newest block",
    () => [put(termKey(messageTerm("energy/offer"), 99), Uint8Array.of(2))],
    /an entry that no block gives \(places of the term .* of block 99\)/,
  ],
  [
    "transactions, times and hashes that nobody made",
    () => [
      put(transactionKey("id", "ab".repeat(32)), writeVarints([3, 0])),
      put(transactionKey("hash", "cd".repeat(32)), writeVarints([3, 7])),
      put(timeKey(5), writeVarints([1])),
      put(blockHashKey("ef".repeat(32)), writeVarints([4])),
    ],
    /4 entries that no block gives \(.*transaction abab.* of block 3, transaction hash cdcd.* of block 3.* and more\)/,
  ],
  [
    "an entry without a form",
    () => [put(Uint8Array.of(0x70), Uint8Array.of()), put(Uint8Array.of(0x74, 1), Uint8Array.of(0x80))],
    /2 entries that no block gives/,
  ],
  [
    "a node of the history above the newest block",
    () => [put(historyNodeKey({ level: 0, index: 99 }), sealRecord(new Uint8Array(64)))],
    /^the history holds a node that no block gives; make them again with `npm run ledger -- index`$/,
  ],
  [
    "a node of the history in place of another",
    () => [put(historyNodeKey({ level: 1, index: 0 }), sealRecord(new Uint8Array(32)))],
    /^the history's nodes differ at block 2 or before; make them again with `npm run ledger -- index`$/,
  ],
  [
    "days between, before and after those of the blocks",
    () => ["2025-12-31", "2026-01-01x", "2030-01-01", "x"].map((day) => put(dayKey(day), sealRecord(utf8("{}")))),
    /^the daily totals hold 4 days that no block gives \("2025-12-31", "2026-01-01x", "2030-01-01" and more\); make them again with `npm run ledger -- index`$/,
  ],
];

test.each(surplus)("%s: found, named, and gone after index", async (_, operations, words) => {
  expect(await reason()).toBeNull();
  await chain.store.keyValue.write(operations(), true);
  expect(await reason()).toMatch(words);
  await rebuild();
  expect(await reason()).toBeNull();
});

test("of a pruned chain too, though blocks that are not yet removed have their entries", async () => {
  const { folder, store } = chain;
  const replayed = newApplication();
  const replay = Replay.fromGenesis(chain.builder, replayed);
  for (let height = 1; height < 4; height++) replay.next((await store.block(height))!, await store.results(height));
  await mkdir(join(folder, "base"), { recursive: true });
  await writeBase(baseFile(folder, 3), [replayed.list("", { limit: 10_000 })]);
  await store.forgetBelow(4);
  await store.sweep(1);
  await removeBasesBelow(folder, 3);
  expect(await reason()).toBeNull();
  const stray = put(termKey(messageTerm("energy/offer"), 1), Uint8Array.of(2));
  await store.keyValue.write([stray], true);
  expect(await reason()).toMatch(/an entry that no block gives \(.* of block 1\)/);
  await store.sweep(100);
  await rebuild();
  expect(await reason()).toBeNull();
});

test("state entries that the replay does not have, lacks or has otherwise are named, and repair is", async () => {
  const names = (await chain.store.stateEntries()).map(([name]) => name);
  const registrar = names.find((name) => name === "accounts/name/registrar")!;
  await chain.store.keyValue.write(
    [
      put(stateKey("accounts/name/mallory"), utf8('"x"')),
      { type: "del", key: stateKey(registrar) },
      put(stateKey(names.at(-1)!), utf8("1")),
      put(stateKey("\u{10ffff}"), utf8("1")),
    ],
    true,
  );
  expect(await reason()).toBe(
    `the stored state is not the replayed one: it has accounts/name/mallory, lacks ${registrar}, has another ${names.at(-1)} and more ` +
      "(4 in all); mend it with `npm run ledger -- repair`, or restore a backup",
  );
});

test("blocks above the newest and unknown keys are named; a proposal is neither", async () => {
  const { store } = chain;
  const height = store.head!.height + 1;
  await store.putProposal({ height, voteTimeMs: clock.nowMs(), transactions: [] });
  expect(await reason()).toBeNull();
  await store.keyValue.write([put(headKey(height), utf8("x")), put(utf8("meta/other"), utf8("x"))], true);
  expect(await reason()).toMatch(
    /^the store holds 2 records to which no block leads \(key 62.*, key 6d6574612f6f74686572\)/,
  );
});
