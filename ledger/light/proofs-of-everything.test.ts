// Events, results and the log's growth: proven as they are, and every lie about them is found.

import { beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { ModelTree } from "../../wasm-core/bindings/testing/rfc6962-model.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { telemetryState } from "../protocol/telemetry-records.ts";
import { LogTiles } from "./log-tiles.ts";
import { Server } from "./server.ts";
import { expectFailure } from "./testing/expectations.ts";
import { type FakeCity, makeCity, makeClient, memoryStore, shown } from "./testing/fake-city.ts";
import type { Verdict } from "./verdict.ts";

const core = loadCore();
let city: FakeCity;
beforeEach(() => {
  city = makeCity(core);
});

// biome-ignore lint/suspicious/noExplicitAny: lies reach into any answer.
type Answer = any;
function lieAbout(start: string, change: (answer: Answer) => unknown): void {
  city.ledger.lie = (path, answer) => (path.startsWith(start) ? (change(answer) ?? answer) : answer);
}

describe("events of a transaction", () => {
  const ask = (shownEvents?: typeof city.told): Promise<Verdict> =>
    makeClient(core, city).verifyEvents(city.transaction.id, 4, shownEvents);

  test("are proven, and shown as they are", async () => {
    expect(await ask()).toMatchObject({ state: "verified", height: 4, value: city.told });
    expect(await ask(city.told)).toMatchObject({ state: "verified" });
  });

  test.each([
    ["another amount", (e: Answer) => (e[0].attributes[2].value = "9")],
    ["another type", (e: Answer) => (e[2].type = "money/other")],
    ["one left out", (e: Answer) => e.pop()],
    ["another order", (e: Answer) => e.reverse()],
    ["one twice", (e: Answer) => e.push(e[0])],
    ["an attribute more", (e: Answer) => e[2].attributes.push({ key: "a", value: "b" })],
  ])("told with %s are red", async (_, change) => {
    lieAbout("/ledger/block_results", (answer) => void change(answer.result.txs_results[1].events));
    expectFailure(await ask(), "event_must_be_in_results", "block");
  });

  test("shown otherwise are red", async () => {
    expectFailure(await ask(city.told.slice(1)), "value_must_match_entry", "block");
  });

  test("of a transaction that is not there are red", async () => {
    const verdict = await makeClient(core, city).verifyEvents("0".repeat(64), 4);
    expectFailure(verdict, "transaction_must_be_in_block", "block");
  });
});

describe("the log at two sizes", () => {
  test.each([
    [1, undefined],
    [3, 7],
    [8, 8],
    [5, 8],
    [6, 6],
  ])("%s and %s is green", async (first, second) => {
    const model = new ModelTree(city.entries.map((entry) => core.leafHash(utf8(entry))));
    const verdict = await makeClient(core, city).verifyLog(first, second);
    expect(verdict).toMatchObject({
      state: "verified",
      value: {
        from: { size: first, root: hex(model.root(first)) },
        to: { size: second ?? 8, root: hex(model.root(second ?? 8)) },
        anchored: { size: 8, root: hex(model.root(8)) },
      },
    });
  });

  test("beyond what is anchored is not known", async () => {
    const client = makeClient(core, city);
    expect(await client.verifyLog(9)).toMatchObject({ state: "unverified", reason: "not_on_ledger" });
    expect(await client.verifyLog(3, 9)).toMatchObject({ state: "unverified", reason: "not_on_ledger" });
    for (const [first, second] of [
      [0, 1],
      [5, 4],
      [1.5, 2],
      [-1, 2],
    ] as const)
      expectFailure(await client.verifyLog(first, second), "answer_must_be_well_formed", "log");
  });

  test("with one hash of a tile changed is red", async () => {
    lieAbout("/log/tile", (answer: Uint8Array) => {
      const bytes = Uint8Array.from(answer);
      bytes[70]! ^= 1;
      return bytes;
    });
    expectFailure(await makeClient(core, city).verifyLog(5), "log_must_be_consistent", "log");
  });

  test("with a tile that is cut off is red", async () => {
    lieAbout("/log/tile", (answer: Uint8Array) => answer.slice(0, 40));
    expectFailure(await makeClient(core, city).verifyLog(5), "answer_must_be_well_formed", "log");
  });
});

describe("the newest checkpoint", () => {
  const anchor = (entries: readonly string[]): void => {
    const root = hex(core.merkleRootOfHashes(entries.map((entry) => core.leafHash(utf8(entry)))));
    const record = { size: entries.length, root, time: "2026-01-01T00:00:09.000Z" };
    city.ledger.make({ state: { [telemetryState.log]: record } });
    city.ledger.make();
    city.nowMs += 2_000;
  };

  test("is followed when the log has grown, by the next visit too", async () => {
    const store = memoryStore();
    expect((await makeClient(core, city, store).verifyReading(shown(city, 3))).state).toBe("verified");
    anchor(city.entries);
    expect((await makeClient(core, city, store).verifyReading(shown(city, 9))).state).toBe("verified");
  });

  test.each([
    ["went back", (entries: readonly string[]) => entries.slice(0, 6)],
    ["forked at the same size", (entries: readonly string[]) => [...entries.slice(0, 7), entries[8]!]],
    ["forked and grew", (entries: readonly string[]) => [...entries.slice(0, 2), ...entries.slice(3), entries[0]!]],
  ])("of a log that %s is refused, by the next visit too", async (_, change) => {
    const store = memoryStore();
    const client = makeClient(core, city, store);
    expect((await client.verifyReading(shown(city, 1))).state).toBe("verified");
    anchor(change(city.entries));
    expectFailure(await client.verifyReading(shown(city, 1)), "log_must_be_consistent", "log");
    expectFailure(await makeClient(core, city, store).verifyLog(2), "log_must_be_consistent", "log");
    const made = await client.bundle({ kind: "log", size: 2 });
    expect(made).toMatchObject({ state: "failed", reason: "log_must_be_consistent" });
  });
});

test("hashes and proofs come from tiles of several levels as from the tree itself", async () => {
  const size = 256 * 256 + 300;
  const leaves = Array.from({ length: size }, (_, i) => core.sha256(Uint8Array.of(i, i >> 8, i >> 16)));
  const tree = core.merkleTree(leaves);
  const second = Array.from({ length: Math.floor(size / 256) }, (_, i) =>
    core.merkleRootOfHashes(leaves.slice(i * 256, (i + 1) * 256)),
  );
  const third = [core.merkleRootOfHashes(second.slice(0, 256))];
  const levels = [leaves, second, third];
  const asked = new Set<string>();
  const server = new Server(async (url) => {
    asked.add(url);
    const match = /\/tile\/([0-9])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]+))?$/.exec(url)!;
    const number = Number(match[2]!.replaceAll(/[x/]/g, ""));
    const width = Number(match[3] ?? 256);
    const tile = levels[Number(match[1])]!.slice(number * 256, number * 256 + width);
    if (tile.length !== width) return new Response(null, { status: 404 });
    return new Response(Uint8Array.from(tile.flatMap((hash) => [...hash])));
  });
  const sizes = [1, 2, 255, 256, 257, 511, 512, 513, 40_000, 65_535, 65_536, 65_537, size - 1, size];
  for (const first of sizes) {
    const tiles = new LogTiles(core, server, "/log", size);
    const root = await tiles.root(first);
    expect(root.ok && hex(root.value)).toBe(hex(tree.root(first)));
    for (const last of sizes.filter((one) => one >= first)) {
      const path = await new LogTiles(core, server, "/log", size).consistency(first, last);
      expect(path.ok && path.value.map(hex)).toEqual(tree.consistencyProof(first, last).map(hex));
    }
  }
  expect(asked).toContain("/log/tile/0/257.p/44");
});

test("device readings that were signed but not anchored have no bundle yet", async () => {
  const made = await makeClient(core, city).bundle({ kind: "reading", reading: shown(city, 9) });
  expect(made).toMatchObject({ state: "unverified", reason: "not_on_ledger" });
});
