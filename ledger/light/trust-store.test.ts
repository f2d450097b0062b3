// What is remembered between visits: taken back whole or not at all, within its bounds, also from what older pages kept.

import { describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { hex } from "../protocol/bytes.ts";
import { headerToJson, hexUpper, toBase64 } from "../protocol/comet.ts";
import type { VerifiedHeader } from "./light-block.ts";
import { makeCity, memoryStore } from "./testing/fake-city.ts";
import { makeSigners } from "./testing/fake-ledger.ts";
import { TrustMemory } from "./trust-store.ts";

const core = loadCore();
const city = makeCity(core);
const [chain] = [city.ledger.chain];

/** A header of any height; the fake ledger's, but for its height. */
function headerOf(height: number, signers = city.ledger.blocks[0]!.signers): VerifiedHeader {
  const { header } = city.ledger.blocks[3]!;
  const validators = signers.map(({ address, publicKey, power }) => ({ address, publicKey, power }));
  const made = { ...header, height: BigInt(height), validatorsHash: core.validatorsHash(validators) };
  return { header: made, hash: core.headerHash(made), validators, signers: 3 };
}

describe("headers", () => {
  test("come back as they were, the newest and any other", async () => {
    const store = memoryStore();
    const memory = new TrustMemory(store, core);
    expect([await memory.chain(), await memory.header(chain)]).toEqual([null, null]);
    for (const height of [5, 1_000_000, 70]) await memory.remember(headerOf(height));
    const again = new TrustMemory(store, core);
    expect(await again.chain()).toBe(chain);
    expect(await again.header(chain)).toEqual(headerOf(1_000_000));
    expect(await again.headerAt(chain, 70)).toEqual(headerOf(70));
    expect(await again.headerAt(chain, 7)).toBeNull();
    expect(await again.headerAt("another", 70)).toBeNull();
    expect([...store.rows.keys()].filter((key) => key.startsWith("set/"))).toHaveLength(1);
  });

  test("are few: the newest 512, one in 4,096 of the older, and no set that nobody names", async () => {
    const store = memoryStore();
    const memory = new TrustMemory(store, core);
    const others = makeSigners(core, 3, "other");
    for (let height = 1; height <= 20_000; height += 20)
      await memory.remember(headerOf(height, height < 4_000 ? others : undefined));
    for (let i = 0; i < 32; i++) await memory.remember(headerOf(20_000));
    const heights = (await store.keys("header/")).map((key) => Number(key.split("/")[2]));
    expect(heights.length).toBeLessThan(512 + 32 + 8);
    expect(heights[0]).toBe(1);
    expect(heights.at(-1)).toBe(20_000);
    expect(heights.filter((height) => height < 9_000)).toHaveLength(3);
    for (const height of heights.slice(0, 3)) expect(await memory.headerAt(chain, height)).not.toBeNull();
    const newest = memoryStore();
    const other = new TrustMemory(newest, core);
    await other.remember(headerOf(1, others));
    for (let height = 2; height <= 600; height++) await other.remember(headerOf(height));
    expect((await newest.keys("set/")).length).toBe(2);
  });

  test("that are damaged are none, and hide no sound ones", async () => {
    const damage: ((row: Record<string, unknown>) => unknown)[] = [
      () => null,
      () => "header",
      (row) => ({ ...row, header: "00" }),
      (row) => ({ ...row, signers: 0 }),
      (row) => ({ ...row, header: (row["header"] as Uint8Array).slice(1) }),
      (row) => ({ ...row, header: new Uint8Array() }),
    ];
    for (const change of damage) {
      const store = memoryStore();
      const memory = new TrustMemory(store, core);
      await memory.remember(headerOf(5));
      await memory.remember(headerOf(6));
      const [, key] = await store.keys("header/");
      store.rows.set(key!, change(store.rows.get(key!) as Record<string, unknown>));
      expect(await memory.header(chain)).toEqual(headerOf(5));
      expect(await memory.headerAt(chain, 6)).toBeNull();
      const [set] = await store.keys("set/");
      store.rows.set(set!, { validators: new Uint8Array(3) });
      expect(await memory.header(chain)).toBeNull();
    }
  });

  test("of another height or chain than their key's are none", async () => {
    const store = memoryStore();
    const memory = new TrustMemory(store, core);
    await memory.remember(headerOf(5));
    const [key] = await store.keys("header/");
    const row = store.rows.get(key!);
    store.rows.set(key!.replace("5/", "6/"), row);
    store.rows.set(key!.replace(chain, "another"), row);
    expect(await memory.headerAt(chain, 6)).toBeNull();
    expect(await memory.header("another")).toBeNull();
  });

  test("kept by older pages are taken over, and so is their trust", async () => {
    const store = memoryStore();
    const { header, validators, hash } = headerOf(9);
    store.rows.set("home", { chain });
    store.rows.set(`header/${chain}`, {
      header: headerToJson(header),
      signers: 3,
      validators: validators.map(({ address, publicKey, power }) => ({
        address: hexUpper(address),
        pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
        voting_power: String(power),
      })),
    });
    const memory = new TrustMemory(store, core);
    expect(hex((await memory.header(chain))!.hash)).toBe(hex(hash));
    expect(store.rows.has(`header/${chain}`)).toBe(false);
    await memory.remember(headerOf(2));
    expect(await new TrustMemory(store, core).header(chain)).toEqual(headerOf(9));
  });

  test("are forgotten with everything else, also what was about to be put", async () => {
    const store = memoryStore();
    const memory = new TrustMemory(store, core);
    void memory.remember(headerOf(5));
    void memory.rememberCheckpoint(chain, { size: 7, root: "0".repeat(64), height: 1 });
    await memory.forget();
    expect([...store.rows.keys()]).toEqual([]);
  });
});

test("checkpoints come back in order, the newest 64", async () => {
  const memory = new TrustMemory(memoryStore(), core);
  for (let size = 100; size > 0; size--)
    await memory.rememberCheckpoint(chain, { size, root: "ab".repeat(32), height: 1 });
  expect(await memory.checkpoints("another")).toEqual([]);
  await memory.rememberCheckpoint(chain, { size: 1_000, root: "cd".repeat(32), height: 1 });
  const checkpoints = await memory.checkpoints(chain);
  expect(checkpoints).toHaveLength(64);
  expect(checkpoints.at(-1)).toEqual({ size: 1_000, root: "cd".repeat(32), height: 1 });
});
