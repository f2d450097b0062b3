// A contract of all providers: our ledger's light blocks as protobuf, and any CometBFT node by its RPC. Then what each must refuse.

import { beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { hex } from "../protocol/bytes.ts";
import type { Outcome } from "./outcome.ts";
import { LedgerProvider, rangeMax } from "./provider.ts";
import { type Fetch, type Question, Server } from "./server.ts";
import { type FakeCity, makeCity, makeClient, shown } from "./testing/fake-city.ts";
import { makeSigners } from "./testing/fake-ledger.ts";

const core = loadCore();
let city: FakeCity;
const provider = (fetch: Fetch = city.ledger.fetch): LedgerProvider =>
  new LedgerProvider(new Server(fetch), "/ledger", core);
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item: unknown) =>
      item instanceof Uint8Array ? hex(item) : typeof item === "bigint" ? String(item) : item,
    ),
  );
const given = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`);
  return outcome.value;
};

describe.each([true, false])("a ledger whose light blocks have a route: %s", (hasLightBlocks) => {
  beforeEach(() => {
    city = makeCity(core);
    city.ledger.hasLightBlocks = hasLightBlocks;
  });

  test("gives the newest light block and any other, the same by both ways", async () => {
    const asked = provider();
    expect(given(await asked.lightBlock(null)).header.height).toBe(6n);
    for (let height = 1; height <= 6; height++) {
      const block = given(await asked.lightBlock(height));
      expect(plain(block)).toMatchObject({
        header: plain(city.ledger.blocks[height - 1]!.header),
        commit: { signatures: plain(city.ledger.blocks[height - 1]!.commit) },
      });
      expect(hex(core.validatorsHash(block.validators))).toBe(hex(block.header.validatorsHash));
    }
  });

  test("gives ranges in order, and none that is too wide", async () => {
    const blocks = given(await provider().range(2, 5));
    expect(blocks.map(({ header }) => header.height)).toEqual([2n, 3n, 4n, 5n]);
    expect(given(await provider().range(6, 6))).toHaveLength(1);
    await expect(provider().range(1, rangeMax + 1)).rejects.toThrow(RangeError);
    await expect(provider().range(3, 2)).rejects.toThrow(RangeError);
  });

  test("says that it has not what is not there", async () => {
    expect(await provider().lightBlock(7)).toMatchObject({ ok: false, state: "unverified" });
    expect(await provider().range(5, 7)).toMatchObject({ ok: false, state: "unverified" });
  });

  test("bears a city that is verified", async () => {
    city.ledger.make({ nextSigners: makeSigners(core, 5, "next") });
    city.ledger.make();
    city.ledger.make();
    const verdict = await makeClient(core, city).verifyReading(shown(city, 3));
    expect(verdict).toMatchObject({ state: "verified", height: 9, validators: 5 });
  });

  test("without an answer proves nothing", async () => {
    const silent = provider(() => Promise.reject(new TypeError("offline")));
    expect(await silent.lightBlock(null)).toMatchObject({ ok: false, reason: "server_must_answer" });
    expect(await silent.range(1, 2)).toMatchObject({ ok: false, reason: "server_must_answer" });
    const failing = provider(async () => new Response("oh", { status: 502 }));
    expect(await failing.lightBlock(1)).toMatchObject({ ok: false, reason: "server_must_answer" });
  });
});

describe("light blocks as protobuf", () => {
  beforeEach(() => {
    city = makeCity(core);
    city.ledger.hasLightBlocks = true;
  });

  test("take one question a light block, and nothing else is asked", async () => {
    const asked = provider();
    await asked.lightBlock(null);
    await asked.lightBlock(3);
    await asked.range(1, 6);
    expect(city.ledger.asked).toEqual([
      "/ledger/v1/light-blocks/latest",
      "/ledger/v1/light-blocks/3",
      "/ledger/v1/light-blocks?from=1&to=6",
    ]);
  });

  test("are read in one form only", async () => {
    const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.subarray(0, -1),
      (bytes) => Uint8Array.of(...bytes, 0x1a, 0),
      (bytes) => Uint8Array.of(...bytes.subarray(0, 1), bytes[1]! ^ 1, ...bytes.subarray(2)),
      () => new Uint8Array(600_000),
      () => new Uint8Array(),
    ];
    for (const change of changes) {
      city.ledger.lie = (_, answer) => change(answer as Uint8Array);
      for (const outcome of [await provider().lightBlock(2), await provider().range(2, 2)])
        expect(outcome).toMatchObject({ ok: false, reason: "answer_must_be_well_formed" });
    }
  });

  test("of another height are refused, and so are more, fewer or others in a range", async () => {
    const { fetch } = city.ledger;
    const other =
      (from: string, to: string): Fetch =>
      (url, init) =>
        fetch(url.replace(from, to), init);
    expect(await provider(other("blocks/2", "blocks/3")).lightBlock(2)).toMatchObject({
      reason: "header_height_must_match",
    });
    expect(await provider(other("to=4", "to=5")).range(2, 4)).toMatchObject({ reason: "answer_must_be_well_formed" });
    expect(await provider(other("to=4", "to=3")).range(2, 4)).toMatchObject({ reason: "answer_must_be_well_formed" });
    expect(await provider(other("from=2&to=4", "from=1&to=3")).range(2, 4)).toMatchObject({
      reason: "header_height_must_match",
    });
  });

  test("are not given up for a server that fails once", async () => {
    const asked = provider();
    await asked.lightBlock(1);
    city.ledger.hasLightBlocks = false;
    expect(await asked.lightBlock(1)).toMatchObject({ reason: "server_must_answer" });
    city.ledger.hasLightBlocks = true;
    expect((await asked.lightBlock(1)).ok).toBe(true);
    expect(city.ledger.asked.some((path) => path.includes("/commit"))).toBe(false);
  });
});

describe("any other CometBFT node", () => {
  beforeEach(() => {
    city = makeCity(core);
  });

  test("is asked for a set of validators once, unless what it gave was another", async () => {
    const asked = provider();
    await asked.lightBlock(1);
    await asked.range(2, 6);
    const validators = (): number => city.ledger.asked.filter((path) => path.includes("/validators")).length;
    expect(validators()).toBe(1);
    const fooled = provider();
    // biome-ignore lint/suspicious/noExplicitAny: a lie about any part.
    city.ledger.lie = (path, answer: any) => {
      if (path.includes("/validators")) answer.result.validators[0].voting_power = "11";
      return answer;
    };
    await fooled.lightBlock(1);
    city.ledger.lie = (_, answer) => answer;
    const before = validators();
    const honest = given(await fooled.lightBlock(1));
    expect(validators()).toBe(before + 1);
    expect(hex(core.validatorsHash(honest.validators))).toBe(hex(honest.header.validatorsHash));
  });

  test("is told of evidence by a POST", async () => {
    const told: (readonly [string, Question])[] = [];
    const asked = provider(async (url, { method, headers, body }) => {
      told.push([url, { method: method!, headers: headers!, body: body! }]);
      return new Response('{"jsonrpc":"2.0","id":1,"result":{"hash":"00"}}');
    });
    const evidence = { type: "tendermint/DuplicateVoteEvidence", value: { vote_a: null } } as const;
    expect((await asked.report(evidence)).ok).toBe(true);
    const [[url, { method, body }]] = told as [readonly [string, Question]];
    expect([url, method]).toEqual(["/ledger/", "POST"]);
    expect(JSON.parse(body!)).toEqual({ jsonrpc: "2.0", id: 1, method: "broadcast_evidence", params: { evidence } });
    const refusing = provider(async () => new Response('{"error":{"message":"no"}}', { status: 500 }));
    expect(await refusing.report(evidence)).toMatchObject({ ok: false, state: "unverified" });
  });
});
