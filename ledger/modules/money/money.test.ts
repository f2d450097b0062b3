// Rules of the money module (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { moneyState, systemAccounts } from "../../protocol/money.ts";
import type { Message } from "../../protocol/transaction.ts";
import { brokenByChanges } from "../invariant-check.ts";
import { person, registration, TestState } from "../test-city.ts";
import { moneyOf, post } from "./interface.ts";
import { money } from "./module.ts";

const ann = person("ann");
const bob = person("bob");

function cityOfTwo(): TestState {
  const city = new TestState();
  expect(city.run(registration(ann, "Ann"))).toBeNull();
  expect(city.run(registration(bob, "Bob"))).toBeNull();
  return city;
}

describe("money/transfer", () => {
  const transfer = (by: string, to: string, amount: string): Message => ({ type: "money/transfer", by, to, amount });

  it("MO-1, MO-2, MO-6: refuses in this order", () => {
    const city = cityOfTwo();
    const stranger = person("stranger").account;
    const table: readonly (readonly [Message, string])[] = [
      [transfer(stranger, stranger, "1"), "money_recipient_must_differ"],
      [transfer(ann.account, stranger, "999999999999999"), "money_recipient_must_exist"],
      [transfer(ann.account, bob.account, "100000001"), "money_balance_must_suffice"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
  });

  it("MO-2: moves the last unit and says so", () => {
    const city = cityOfTwo();
    expect(city.run(transfer(ann.account, bob.account, "100000000"))).toBeNull();
    expect(moneyOf(city.state, ann.account)).toBe(0n);
    expect(moneyOf(city.state, bob.account)).toBe(200_000_000n);
    expect(city.events.at(-1)).toEqual({
      type: "money/transferred",
      attributes: { from: ann.account, to: bob.account, amount: "100000000" },
    });
  });
});

describe("money", () => {
  it("MO-3: genesis issues the treasury", () => {
    const city = new TestState();
    expect(moneyOf(city.state, systemAccounts.issuance)).toBe(-1_000_000_000_000n);
    expect(moneyOf(city.state, systemAccounts.treasury)).toBe(1_000_000_000_000n - 3n * 100_000_000n);
  });

  it("MO-4: postings that do not sum to zero are a bug, and so are balances that do not", () => {
    const city = cityOfTwo();
    expect(() => post(city.state, [{ account: ann.account, amount: 1n }])).toThrow("not to zero");
    const name = moneyState.balance(ann.account);
    const change = { name, before: { money: "5" }, after: { money: "6" } };
    expect(brokenByChanges([money], [change])).toContain("MO-4");
    const other = { name: moneyState.balance(bob.account), before: { money: "1" }, after: { money: "0" } };
    expect(brokenByChanges([money], [change, other])).toBeNull();
  });

  it("MO-5: only the issuance may be negative", () => {
    const city = cityOfTwo();
    const postings = [
      { account: ann.account, amount: -100_000_001n },
      { account: bob.account, amount: 100_000_001n },
    ];
    expect(post(city.state, postings)).toBe(false);
    expect(moneyOf(city.state, bob.account)).toBe(100_000_000n);
    const negative = { name: moneyState.balance(ann.account), before: { money: "1" }, after: { money: "-1" } };
    const positive = { name: moneyState.balance(bob.account), before: { money: "1" }, after: { money: "3" } };
    expect(brokenByChanges([money], [negative, positive])).toContain("MO-5");
  });
});
