// What the page shows of blocks and transactions stands beside their verdict: green only when the proof is of exactly that.

import { beforeEach, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { transactionBytes } from "../protocol/transaction.ts";
import { type FakeCity, makeCity, makeClient } from "./testing/fake-city.ts";
import type { ShownBlock, ShownTransaction } from "./verdict.ts";

const core = loadCore();
let city: FakeCity;
beforeEach(() => {
  city = makeCity(core);
});

// biome-ignore lint/suspicious/noExplicitAny: tests change any part of it.
const copy = (value: ShownTransaction): any => structuredClone(value);

describe("a transaction", () => {
  const ask = (shown: ShownTransaction) => makeClient(core, city).verifyTransaction(city.transaction.id, 4, shown);

  test("is green when shown as it is, in any order of members", async () => {
    const { transaction, code } = copy(city.transaction.shown);
    const shown = { code, transaction: { auth: transaction.auth, body: transaction.body } };
    expect(await ask(shown)).toMatchObject({ state: "verified", height: 4 });
  });

  test.each([
    ["another amount", (t: ReturnType<typeof copy>) => (t.transaction.body.messages[0].amount = "9000000")],
    ["another recipient", (t: ReturnType<typeof copy>) => (t.transaction.body.messages[0].to = "c".repeat(40))],
    ["one message more", (t: ReturnType<typeof copy>) => t.transaction.body.messages.push({})],
    ["another signature", (t: ReturnType<typeof copy>) => (t.transaction.auth[0].signature = "e".repeat(128))],
    ["nothing", (t: ReturnType<typeof copy>) => (t.transaction = null)],
    ["a refusal instead of success", (t: ReturnType<typeof copy>) => (t.code = 104)],
  ])("is red with %s", async (_, change) => {
    const shown = copy(city.transaction.shown);
    change(shown);
    expect(await ask(shown)).toMatchObject({ state: "failed", reason: "value_must_match_entry" });
  });

  test("that was refused is never green as applied, whatever the server says of its result", async () => {
    const { transaction } = copy(city.transaction.shown);
    city.ledger.make({ transactions: [transactionBytes(transaction)], codes: [104] });
    const height = city.ledger.height;
    city.ledger.make();
    const client = makeClient(core, city);
    const asApplied = () => client.verifyTransaction(city.transaction.id, height, { transaction, code: 0 });
    expect(await asApplied()).toMatchObject({ state: "failed", reason: "value_must_match_entry" });
    const asRefused = await client.verifyTransaction(city.transaction.id, height, { transaction, code: 104 });
    expect(asRefused.state).toBe("verified");
    city.ledger.lie = (path, answer) => {
      // biome-ignore lint/suspicious/noExplicitAny: a lie about any part.
      if (path.includes("/block_results")) (answer as any).result.txs_results[0].code = 0;
      return answer;
    };
    expect(await asApplied()).toMatchObject({ state: "failed", reason: "transaction_must_be_in_block" });
    city.ledger.lie = (path, answer) => {
      // biome-ignore lint/suspicious/noExplicitAny: a lie about any part.
      if (path.includes("/block_results")) (answer as any).result.txs_results = [];
      return answer;
    };
    expect(await asApplied()).toMatchObject({ state: "failed", reason: "transaction_must_be_in_block" });
  });

  test("in the newest block is not decided before the header that carries its result", async () => {
    const { transaction } = copy(city.transaction.shown);
    city.ledger.make({ transactions: [transactionBytes(transaction)] });
    const client = makeClient(core, city);
    const shown = { transaction, code: 0 };
    expect((await client.verifyTransaction(city.transaction.id, city.ledger.height, shown)).state).toBe("unverified");
  });
});

describe("a block", () => {
  const shownBlock = (height: number): ShownBlock => {
    const { hash, header } = city.ledger.blocks[height - 1]!;
    const transactions = height === 7 ? [city.transaction.shown] : [];
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    return { hash: text(hash), appHash: text(header.appHash), time: "2026-01-01T00:00:07Z", transactions };
  };
  beforeEach(() => {
    const { transaction } = copy(city.transaction.shown);
    city.ledger.make({ transactions: [transactionBytes(transaction)] });
    city.ledger.make();
  });

  test("is green when shown as it is", async () => {
    const client = makeClient(core, city);
    expect(await client.verifyBlock(7, shownBlock(7))).toMatchObject({ state: "verified", height: 7 });
    const empty = { ...shownBlock(8), time: "2026-01-01T00:00:08Z" };
    expect(await client.verifyBlock(8, empty)).toMatchObject({ state: "verified", height: 8 });
  });

  test.each([
    ["another hash", { hash: "0".repeat(64) }],
    ["another app hash", { appHash: "0".repeat(64) }],
    ["another time", { time: "2026-01-01T00:00:07.5Z" }],
    ["no transaction", { transactions: [] }],
    ["another transaction", { transactions: [{ transaction: {}, code: 0 }] }],
  ])("is red with %s", async (_, change) => {
    const verdict = await makeClient(core, city).verifyBlock(7, { ...shownBlock(7), ...change });
    expect(verdict).toMatchObject({ state: "failed", reason: "value_must_match_entry" });
  });

  test("is red with another result, and with one transaction too many", async () => {
    const { transaction } = city.transaction.shown;
    for (const transactions of [[{ transaction, code: 1 }], [city.transaction.shown, city.transaction.shown]]) {
      const verdict = await makeClient(core, city).verifyBlock(7, { ...shownBlock(7), transactions });
      expect(verdict).toMatchObject({ state: "failed", reason: "value_must_match_entry" });
    }
  });
});
