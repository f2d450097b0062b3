// The light client against a fake ledger with real keys: what is green, what is not yet, and how trust goes on.

import { beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { fromUtf8 } from "../protocol/bytes.ts";
import { energyState } from "../protocol/energy.ts";
import { createLightClient } from "./light-client.ts";
import { expectFailure, stepsOf } from "./testing/expectations.ts";
import {
  clearedSlot,
  device,
  type FakeCity,
  makeCity,
  makeClient,
  memoryStore,
  shown,
  slotEntry,
} from "./testing/fake-city.ts";
import { FakeLedger, makeSigners } from "./testing/fake-ledger.ts";
import type { Verdict } from "./verdict.ts";

const core = loadCore();
let city: FakeCity;
beforeEach(() => {
  city = makeCity(core);
});

const reading = (index = 3): Promise<Verdict> => makeClient(core, city).verifyReading(shown(city, index));

describe("green", () => {
  test("an anchored reading: all five steps", async () => {
    for (const index of [0, 3, 7]) {
      const verdict = await reading(index);
      expect(verdict).toMatchObject({ state: "verified", height: 6, signers: 4, validators: 4 });
      expect(verdict).toMatchObject({
        value: { result: 100.5 + index, sequence: index },
        time: "2026-01-01T00:00:06Z",
      });
      expect(new Set(verdict.steps.map(({ state }) => state))).toEqual(new Set(["passed"]));
    }
  });

  test("a state entry, with and without an expectation, and its absence", async () => {
    const client = makeClient(core, city);
    const entry = { state: "verified", height: 6, value: clearedSlot };
    expect(await client.verifyState(slotEntry)).toMatchObject(entry);
    expect(await client.verifyState(slotEntry, clearedSlot)).toMatchObject(entry);
    expect(await client.verifyState(energyState.slot(8))).toMatchObject({ state: "verified", value: null });
    expect(await client.verifyState(energyState.slot(8), null)).toMatchObject({ state: "verified", value: null });
  });

  test("not under a head that stopped long ago: old headers prove old state, also at first contact", async () => {
    city.nowMs += 3 * 3_600_000;
    const client = makeClient(core, city);
    expect(await client.verifyState(slotEntry)).toMatchObject({
      state: "unverified",
      reason: "server_must_answer",
    });
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "unverified" });
    // What a block of the past says does not grow old.
    expect((await client.verifyBlock(4)).state).toBe("verified");
    city.ledger.make({ timeMs: city.nowMs - 60_000 });
    city.nowMs += 1_000;
    expect((await client.verifyState(slotEntry)).state).toBe("verified");
  });

  test("nothing that was under way when trust was dropped", async () => {
    const store = memoryStore();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const client = createLightClient({
      core,
      fetch: async (url, init) => {
        const answer = await city.ledger.fetch(url, init);
        if (url.includes("/commit")) await held;
        return answer;
      },
      now: () => city.nowMs,
      store,
      ledgerUrl: "/ledger",
      logUrl: "/log",
    });
    const question = client.verifyBlock(4);
    await expect.poll(() => city.ledger.asked.some((path) => path.includes("/commit"))).toBe(true);
    await client.forget();
    release();
    expect((await question).state).toBe("unverified");
    expect(await client.head()).toBeNull();
    expect([...store.rows.keys()]).toEqual([]);
  });

  test("a block and a transaction in it", async () => {
    const client = makeClient(core, city);
    expect(await client.verifyBlock(4)).toMatchObject({ state: "verified", height: 4, value: { transactions: 2 } });
    const { id, height } = city.transaction;
    const verdict = await client.verifyTransaction(id, height);
    expect(verdict).toMatchObject({ state: "verified", height: 4, value: { body: { chain: "glasstown-test" } } });
  });

  test("the newest state waits for the header that proves it", async () => {
    city.ledger.make({ state: { [slotEntry]: { ...clearedSlot, price: "150000" } } });
    const client = makeClient(core, city);
    const answer = client.verifyState(slotEntry, { ...clearedSlot, price: "150000" });
    await expect.poll(() => city.ledger.asked.some((path) => path.endsWith("/commit?height=8"))).toBe(true);
    city.ledger.make();
    // The fake client looks again at once, but only so often: asked anew, the header is there.
    const verdict = await answer;
    const again =
      verdict.state === "verified" ? verdict : await client.verifyState(slotEntry, { ...clearedSlot, price: "150000" });
    expect(again).toMatchObject({ state: "verified", height: 8, value: { ...clearedSlot, price: "150000" } });
  });

  test("two thirds and a little more suffice; a nil vote counts for nothing", async () => {
    city.ledger.make({ vote: (i) => (i === 0 ? "nil" : "commit") });
    expect(await reading()).toMatchObject({ state: "verified", height: 7, signers: 3, validators: 4 });
  });

  test("a device that was registered in the newest block is known as soon as the next header is there", async () => {
    const record = city.ledger.blocks.at(-1)!.state.get(`telemetry/device/${device}`)!;
    city = makeCity(core, { deviceRecord: null });
    const young = city.ledger.blocks.length + 1;
    city.ledger.make({ state: { [`telemetry/device/${device}`]: JSON.parse(fromUtf8(record)) } });
    const client = makeClient(core, city);
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "unverified" });
    city.ledger.make();
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "verified", height: young });
    city.nowMs += 1000;
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "verified", height: young + 1 });
  });

  test("head tells the newest verified header", async () => {
    const client = makeClient(core, city);
    expect(await client.head()).toBeNull();
    await client.verifyBlock(2);
    expect(await client.head()).toEqual({ chain: "glasstown-test", height: 6, time: "2026-01-01T00:00:06Z" });
  });
});

describe("not yet", () => {
  test("a reading beyond the checkpoint is signed, and anchored once the checkpoint has it", async () => {
    const verdict = await reading(8);
    expect(verdict).toMatchObject({ state: "signed", height: 6, value: { result: 108.5 } });
    expect(stepsOf(verdict)).toBe("device passed, log pending, checkpoint pending, block passed, signatures passed");
    city = makeCity(core, { anchored: 9 });
    expect(await reading(8)).toMatchObject({ state: "verified" });
  });

  test("without any checkpoint a reading is signed", async () => {
    city = makeCity(core, { anchored: 0 });
    expect(await reading(0)).toMatchObject({ state: "signed" });
  });

  test("what nobody has, and servers that do not answer, prove nothing", async () => {
    const far = { ...shown(city, 9), logIndex: 99 };
    const missing = await makeClient(core, city).verifyReading(far);
    expect(missing).toMatchObject({ state: "unverified", reason: "not_on_ledger" });
    const silent = { ...city, ledger: { ...city.ledger, fetch: () => Promise.reject(new TypeError("offline")) } };
    const verdict = await makeClient(core, silent as unknown as FakeCity).verifyReading(shown(city, 3));
    expect(verdict).toMatchObject({ state: "unverified", reason: "server_must_answer" });
    expect(await makeClient(core, city).verifyBlock(99)).toMatchObject({ state: "unverified" });
  });

  test("a server that lags behind what was seen proves nothing", async () => {
    const client = makeClient(core, city);
    expect((await client.verifyReading(shown(city, 3))).state).toBe("verified");
    city.nowMs += 10_000;
    const old = city.ledger.blocks.slice(0, 5);
    city.ledger.blocks.length = 0;
    city.ledger.blocks.push(...old);
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "unverified" });
  });
});

describe("trust", () => {
  test("is remembered, and goes over many changes of validators by bridges", async () => {
    const store = memoryStore();
    expect((await makeClient(core, city, store).verifyBlock(6)).state).toBe("verified");
    // Every third block one of four validators is replaced: after twelve blocks no one of the first is left.
    let set = [...city.signers];
    const fresh = makeSigners(core, 8, "fresh");
    for (let i = 0; i < 24; i++) {
      if (i % 3 === 0) set = [...set.slice(1), fresh[i / 3]!];
      city.ledger.make({ nextSigners: set });
    }
    const asked = city.ledger.asked.length;
    expect(await makeClient(core, city, store).verifyState(slotEntry)).toMatchObject({
      state: "verified",
      height: 30,
    });
    const commits = city.ledger.asked.slice(asked).filter((path) => path.startsWith("/ledger/commit?height="));
    expect(commits.length).toBeGreaterThan(0);
    expect(commits.length).toBeLessThan(20);
    expect(city.ledger.asked.slice(asked).some((path) => path.includes("/v1/chain"))).toBe(false);
  });

  test("goes backwards to older blocks", async () => {
    const client = makeClient(core, city);
    for (const height of [5, 2, 1, 3])
      expect(await client.verifyBlock(height)).toMatchObject({ state: "verified", height });
  });

  test("does not go backwards to another past", async () => {
    const client = makeClient(core, city);
    expect((await client.verifyBlock(6)).state).toBe("verified");
    const other = makeCity(core);
    const thieves = makeSigners(core, 4, "thief");
    const past = new FakeLedger(core, other.ledger.chain, thieves, other.ledger.genesisMs);
    past.make();
    past.make();
    city.ledger.blocks.splice(1, 1, past.blocks[1]!);
    expectFailure(await client.verifyBlock(2), "header_hash_must_match_commit", "block");
  });

  test("a damaged or refusing memory counts as none", async () => {
    const store = memoryStore();
    store.rows.set("home", { chain: "glasstown-test" });
    store.rows.set("header/glasstown-test", { header: "?" });
    expect(await makeClient(core, city, store).verifyReading(shown(city, 3))).toMatchObject({ state: "verified" });
    const no = () => Promise.reject(new Error("no"));
    const refusing = { get: no, put: no, delete: no, keys: no };
    expect(await makeClient(core, city, refusing).verifyReading(shown(city, 3))).toMatchObject({ state: "verified" });
  });

  test("many questions at once share the work", async () => {
    const client = makeClient(core, city);
    const verdicts = await Promise.all(Array.from({ length: 20 }, (_, i) => client.verifyReading(shown(city, i % 8))));
    expect(new Set(verdicts.map(({ state }) => state))).toEqual(new Set(["verified"]));
    expect(city.ledger.asked.filter((path) => path.startsWith("/ledger/commit")).length).toBeLessThan(4);
  });

  test("more than a hundred validators come in pages", async () => {
    const signers = makeSigners(core, 130, "many");
    const { ledger } = city;
    const wide = new FakeLedger(core, "glasstown-wide", signers, ledger.genesisMs);
    wide.make({ state: { [`telemetry/device/${device}`]: { key: "0".repeat(64) } } });
    wide.make();
    const client = makeClient(core, { ...city, ledger: wide });
    expect(await client.verifyBlock(2)).toMatchObject({ state: "verified", signers: 130, validators: 130 });
  });
});
