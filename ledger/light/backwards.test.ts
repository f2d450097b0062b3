// Going back: by the ledger's history where it keeps one, else along the hash chain; never by signatures of the past.

import { describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { hex } from "../protocol/bytes.ts";
import { type Checkpoint, checkpointText, readCheckpoint } from "./checkpoint.ts";
import { createLightClient, type LightClient } from "./light-client.ts";
import { expectFailure } from "./testing/expectations.ts";
import { memoryStore } from "./testing/fake-city.ts";
import { FakeLedger, makeSigners, type NextBlock } from "./testing/fake-ledger.ts";
import type { TrustStore } from "./trust-store.ts";
import { defaultPolicy } from "./verify-step.ts";

const core = loadCore();
const genesisMs = Date.UTC(2026, 0, 1);
const signers = makeSigners(core, 4, "validator");

interface Options {
  readonly height: number;
  readonly history?: boolean;
  readonly lightBlocks?: boolean;
  readonly block?: (height: number) => NextBlock;
}

function makeLedger({ height, history = false, lightBlocks = true, block = () => ({}) }: Options): FakeLedger {
  const ledger = new FakeLedger(core, "glasstown-test", signers, genesisMs);
  ledger.keepsHistory = history;
  ledger.hasLightBlocks = lightBlocks;
  for (let i = 1; i <= height; i++) ledger.make(block(i));
  return ledger;
}

function clientOf(ledger: FakeLedger, store: TrustStore = memoryStore(), now?: number): LightClient {
  return createLightClient({
    core,
    fetch: ledger.fetch,
    now: () => now ?? ledger.genesisMs + ledger.height * 1000 + 500,
    store,
    ledgerUrl: "/ledger",
    logUrl: "/log",
    wait: async () => undefined,
  });
}

/** The same chain, with another block at a height, signed by the same keys: what keys can do that were bought later. */
function forge(ledger: FakeLedger, height: number): void {
  const fork = makeLedger({ height: height - 1, block: () => ({}) });
  fork.make({ timeMs: genesisMs + height * 1000 + 7 });
  ledger.blocks.splice(height - 1, 1, fork.blocks[height - 1]!);
}

const asked = (ledger: FakeLedger, what: string): number => ledger.asked.filter((path) => path.includes(what)).length;

describe("along the hash chain", () => {
  test.each([true, false])("to every older block (light blocks: %s)", async (lightBlocks) => {
    const ledger = makeLedger({ height: 40, lightBlocks });
    const client = clientOf(ledger);
    for (const height of [40, 39, 30, 2, 1, 17]) {
      const verdict = await client.verifyBlock(height);
      expect(verdict).toMatchObject({
        state: "verified",
        height,
        value: { hash: hex(ledger.blocks[height - 1]!.hash) },
      });
    }
  });

  test("not to a block that the same validators signed for another past", async () => {
    const ledger = makeLedger({ height: 40 });
    forge(ledger, 12);
    const client = clientOf(ledger);
    expect((await client.verifyBlock(40)).state).toBe("verified");
    expectFailure(await client.verifyBlock(12), "header_hash_must_match_commit", "block");
    // Those around the forged one do not follow from each other any more, and are not believed through it.
    expect((await client.verifyBlock(13)).state).toBe("verified");
    expectFailure(await client.verifyBlock(11), "header_hash_must_match_commit", "block");
  });

  test("a thousand blocks, and no further", async () => {
    const ledger = makeLedger({ height: 1_003 });
    const client = clientOf(ledger);
    expect(await client.verifyBlock(3)).toMatchObject({ state: "verified", height: 3 });
    expect(asked(ledger, "from=")).toBe(10);
    const other = clientOf(ledger);
    expect(await other.verifyBlock(2)).toMatchObject({ state: "unverified", reason: "server_must_answer" });
  });

  test("not from a head that is no longer trusted", async () => {
    const ledger = makeLedger({ height: 40 });
    const store = memoryStore();
    expect((await clientOf(ledger, store).verifyBlock(40)).state).toBe("verified");
    const late = genesisMs + 40_000 + defaultPolicy.trustingPeriodMs;
    expectFailure(await clientOf(ledger, store, late).verifyBlock(3), "trust_must_not_be_expired", "signatures");
  });
});

describe("by the history", () => {
  test("to every older block, with one path each", async () => {
    const ledger = makeLedger({ height: 300, history: true });
    const client = clientOf(ledger);
    for (const height of [300, 257, 256, 150, 2, 1])
      expect(await client.verifyBlock(height)).toMatchObject({ state: "verified", height });
    // 256 and 1 lie beside what is verified already: the hash chain is nearer.
    expect(asked(ledger, "/v1/history/")).toBe(3);
    expect(asked(ledger, "abci_query")).toBe(1);
  });

  test("not to a block of another past, whoever signed it", async () => {
    const ledger = makeLedger({ height: 300, history: true });
    const client = clientOf(ledger);
    expect((await client.verifyBlock(300)).state).toBe("verified");
    forge(ledger, 12);
    expectFailure(await client.verifyBlock(12), "header_must_be_in_history", "block");
  });

  test("not when the path is of another block, of another tree or cut off", async () => {
    const ledger = makeLedger({ height: 300, history: true });
    const other = (change: (answer: Record<string, unknown>) => unknown) => {
      ledger.lie = (path, answer) =>
        path.includes("/v1/history/") ? change(answer as Record<string, unknown>) : answer;
      return clientOf(ledger).verifyBlock(12);
    };
    const reason = "header_must_be_in_history";
    expectFailure(await other((told) => ({ ...told, path: (told["path"] as string[]).slice(1) })), reason, "block");
    expectFailure(
      await other((told) => ({ ...told, path: [...(told["path"] as string[]), "0".repeat(64)] })),
      reason,
      "block",
    );
    expectFailure(await other((told) => ({ ...told, size: 298 })), reason, "block");
    expectFailure(await other((told) => ({ ...told, height: 13 })), reason, "block");
    expectFailure(await other((told) => ({ ...told, events: "0".repeat(64) })), reason, "block");
    expectFailure(
      await other((told) => ({ ...told, path: Array(65).fill("0".repeat(64)) })),
      "answer_must_be_well_formed",
      "block",
    );
    expect((await other((told) => told)).state).toBe("verified");
  });

  test("over validators who have all left: their keys are worth nothing", async () => {
    const fresh = makeSigners(core, 4, "fresh");
    const block = (height: number): NextBlock => (height === 100 ? { nextSigners: fresh } : {});
    const ledger = makeLedger({ height: 200, history: true, block });
    const client = clientOf(ledger);
    expect(await client.verifyBlock(50)).toMatchObject({ state: "verified", height: 50 });
    forge(ledger, 49);
    expectFailure(await client.verifyBlock(49), "header_hash_must_match_commit", "block");
    forge(ledger, 20);
    expectFailure(await client.verifyBlock(20), "header_must_be_in_history", "block");
  });
});

describe("a checkpoint", () => {
  const of = (ledger: FakeLedger, height: number): Checkpoint => ({
    chain: ledger.chain,
    height,
    hash: ledger.blocks[height - 1]!.hash,
    genesis: ledger.blocks[0]!.hash,
  });

  test.each([true, false])("of a block names it and the chain's first (history: %s)", async (history) => {
    const ledger = makeLedger({ height: 60, history });
    const client = clientOf(ledger);
    for (const height of [60, 50, 1]) {
      const text = checkpointText(of(ledger, height));
      expect(await client.checkpoint(height)).toMatchObject({ state: "verified", height, value: { text } });
      expect(await client.compare(text)).toMatchObject({ state: "verified", height });
    }
    expect(await client.checkpoint()).toMatchObject({ state: "verified", height: 60 });
  });

  test("of another chain, another block or another beginning is not accepted, and changes nothing", async () => {
    const ledger = makeLedger({ height: 60, history: true });
    const client = clientOf(ledger);
    const right = of(ledger, 50);
    const wrong = new Uint8Array(32).fill(7);
    const compare = (change: Partial<Checkpoint>) => client.compare(checkpointText({ ...right, ...change }));
    expectFailure(await compare({ chain: "other" }), "header_chain_must_match", "block");
    expectFailure(await compare({ hash: wrong }), "checkpoint_must_match", "block");
    expectFailure(await compare({ genesis: wrong }), "checkpoint_must_match", "block");
    expectFailure(await client.compare("not one"), "checkpoint_must_be_well_formed", "block");
    expect(await compare({ height: 61 })).toMatchObject({ state: "unverified" });
    expect(await compare({})).toMatchObject({ state: "verified" });
    expect(await client.head()).toMatchObject({ height: 60 });
  });

  test("begins trust, whatever was trusted before", async () => {
    const store = memoryStore();
    const old = new FakeLedger(core, "glasstown-old", signers, genesisMs);
    old.make();
    expect((await clientOf(old, store).verifyBlock(1)).state).toBe("verified");
    const ledger = makeLedger({ height: 60, history: true });
    const client = clientOf(ledger, store);
    expect((await client.verifyBlock(60)).state).toBe("failed");
    expect(await client.begin(checkpointText(of(ledger, 30)))).toMatchObject({ state: "verified", height: 30 });
    expect(await client.verifyBlock(60)).toMatchObject({ state: "verified" });
    expect((await clientOf(ledger, store).head())?.chain).toBe(ledger.chain);
  });

  test("that the server does not serve, or that is too old, leaves trust as it was", async () => {
    const ledger = makeLedger({ height: 60, history: true });
    const store = memoryStore();
    const client = clientOf(ledger, store);
    expect((await client.verifyBlock(60)).state).toBe("verified");
    const wrong = checkpointText({ ...of(ledger, 30), hash: new Uint8Array(32) });
    expectFailure(await client.begin(wrong), "checkpoint_must_match", "block");
    expect(await client.begin(checkpointText({ ...of(ledger, 30), height: 70 }))).toMatchObject({
      state: "unverified",
    });
    const late = clientOf(ledger, store, genesisMs + defaultPolicy.trustingPeriodMs + 30_000);
    expectFailure(await late.begin(checkpointText(of(ledger, 30))), "trust_must_not_be_expired", "signatures");
    expect(await client.head()).toMatchObject({ height: 60 });
    expect(readCheckpoint(wrong)?.height).toBe(30);
  });
});

describe("a policy", () => {
  const make = (policy: Partial<typeof defaultPolicy>) =>
    createLightClient({
      core,
      fetch: () => Promise.reject(new Error("unused")),
      now: () => genesisMs,
      store: memoryStore(),
      ledgerUrl: "",
      logUrl: "",
      policy,
    });
  test.each([
    { trustingPeriodMs: 0 },
    { clockDriftMs: -1 },
    { trustLevel: { numerator: 1, denominator: 4 } },
    { trustLevel: { numerator: 3, denominator: 2 } },
    { trustLevel: { numerator: 1, denominator: 0 } },
    { trustingPeriodMs: Number.NaN },
  ])("that cannot be is refused: %j", (policy) => {
    expect(() => make(policy)).toThrow(RangeError);
  });
  test("that can be is taken", () => {
    expect(() => make({ trustLevel: { numerator: 2, denominator: 3 } })).not.toThrow();
  });
});
