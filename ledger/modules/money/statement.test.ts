// An account's statement adds up to its balance: every event that moves money is a line, and no other is.

import { describe, expect, it } from "vitest";
import { statementLine } from "../../protocol/money-statement.ts";
import type { Message } from "../../protocol/transaction.ts";
import { deviceRegistration, person, registrar, registration, startMs, TestState } from "../test-city.ts";
import { moneyOf } from "./interface.ts";

const ann = person("ann");
const bob = person("bob");
const slot = startMs / 60_000;
const grant = 100_000_000n;

/** Ann and Bob pay, set aside, trade and let expire. */
function lived(): TestState {
  const city = new TestState();
  const reserve = (amount: string, ms: number): string => {
    const { account: by } = ann;
    expect(
      city.run({ type: "money/reserve", by, to: bob.account, amount, expiresMs: startMs + ms, note: "flat" }),
    ).toBeNull();
    return city.events.at(-1)!.attributes["reserve"]!;
  };
  const run = (message: Message): void => expect([message, city.run(message)]).toEqual([message, null]);
  run(registration(ann, "Ann"));
  run(registration(bob, "Bob"));
  run(deviceRegistration("meter-1", "meter", { solar: true }));
  run({ type: "energy/link-meter", by: ann.account, meter: "meter-1" });
  run({ type: "energy/offer", by: ann.account, meter: "meter-1", slot, energyWh: "2000", price: "100" });
  run({ type: "energy/bid", by: bob.account, slot, energyWh: "3000", price: "500000" });
  run({ type: "money/transfer", by: ann.account, to: bob.account, amount: "7", note: "tea" });
  run({ type: "money/post-reserved", by: bob.account, reserve: reserve("1000", 10_000), amount: "600" });
  run({ type: "money/void-reserved", by: bob.account, reserve: reserve("2000", 10_000) });
  reserve("3000", 10_000);
  city.begin(startMs + 60_000);
  return city;
}

describe("statement", () => {
  it("MO-17: adds up to what changed in each balance", () => {
    const city = lived();
    for (const { account } of [ann, bob]) {
      const lines = city.events.map((event) => statementLine(account, event)).filter((line) => line !== null);
      const change = lines.reduce((sum, line) => sum + line.change, 0n);
      expect(change).toBe(moneyOf(city.state, account) - grant);
      expect(lines.map(({ kind }) => kind).sort()).toEqual(
        ["transfer", "reserved", "posted", "reserved", "returned", "reserved", "returned", "trade"].sort(),
      );
    }
  });

  it("says who paid whom how much, and what for", () => {
    const city = lived();
    const lines = city.events.map((event) => statementLine(bob.account, event)).filter((line) => line !== null);
    expect(lines.find(({ kind }) => kind === "transfer")).toEqual({
      kind: "transfer",
      change: 7n,
      amount: 7n,
      paying: false,
      other: ann.account,
      note: "tea",
    });
    expect(lines.find(({ kind }) => kind === "posted")).toMatchObject({ change: 600n, paying: false });
    expect(lines.find(({ kind }) => kind === "trade")).toMatchObject({ paying: true, other: ann.account });
    expect(lines.find(({ kind }) => kind === "returned")).toMatchObject({ change: 0n, amount: 2000n });
  });

  it("makes no line of what is not about the account's money, or not in its form", () => {
    const attributes = { from: ann.account, to: bob.account, amount: "5" };
    expect(statementLine(registrar.account, { type: "money/transferred", attributes })).toBeNull();
    expect(statementLine(ann.account, { type: "money/limits-set", attributes })).toBeNull();
    for (const amount of ["", "-5", "5.0", "05", "x", "9".repeat(41)])
      expect(
        statementLine(ann.account, { type: "money/transferred", attributes: { ...attributes, amount } }),
      ).toBeNull();
    expect(statementLine(ann.account, { type: "toString", attributes })).toBeNull();
    expect(
      statementLine(ann.account, { type: "money/transferred", attributes: { ...attributes, to: ann.account } }),
    ).toBeNull();
  });
});
