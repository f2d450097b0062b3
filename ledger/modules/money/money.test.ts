// Rules of balances and transfers (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { type BalanceRecord, moneyState, type ReserveRecord, systemAccounts } from "../../protocol/money.ts";
import type { Message } from "../../protocol/transaction.ts";
import { brokenByChanges } from "../invariant-check.ts";
import { genesis, person, registration, startMs, TestState } from "../test-city.ts";
import { availableTo, hold, moneyOf, move, settle } from "./interface.ts";
import { money } from "./module.ts";

const ann = person("ann");
const bob = person("bob");
const escrow = systemAccounts.energyEscrow;

function cityOfTwo(): TestState {
  const city = new TestState();
  expect(city.run(registration(ann, "Ann"))).toBeNull();
  expect(city.run(registration(bob, "Bob"))).toBeNull();
  return city;
}

const balance = (account: string): string => moneyState.balance(account);

describe("money/transfer", () => {
  const transfer = (by: string, to: string, amount: string): Message => ({ type: "money/transfer", by, to, amount });

  it("MO-1, MO-2, MO-6, MO-20: refuses in this order", () => {
    const city = cityOfTwo();
    const stranger = person("stranger").account;
    const limits = (perTransfer?: string): Message => ({
      type: "money/set-limits",
      by: ann.account,
      perDay: "1000",
      ...(perTransfer === undefined ? {} : { perTransfer }),
    });
    expect(city.run(limits("1000"))).toBeNull();
    const table: readonly (readonly [Message, string])[] = [
      [transfer(stranger, stranger, "1"), "money_recipient_must_differ"],
      [transfer(ann.account, stranger, "999999999999999"), "money_recipient_must_exist"],
      [transfer(ann.account, bob.account, "100000001"), "money_amount_must_not_exceed_transfer_limit"],
      [transfer(bob.account, ann.account, "100000001"), "money_balance_must_suffice"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
    expect(city.run({ type: "money/set-limits", by: bob.account, perDay: "1000" })).toBeNull();
    expect(city.run(transfer(bob.account, ann.account, "100000001"))).toBe("money_amount_must_not_exceed_day_limit");
  });

  it("MO-2: moves the last unit and says so", () => {
    const city = cityOfTwo();
    expect(city.run({ ...transfer(ann.account, bob.account, "100000000"), note: "rent" } as Message)).toBeNull();
    expect(city.state.get(balance(ann.account))).toEqual({ creditsPosted: "100000000", debitsPosted: "100000000" });
    expect(city.state.get(balance(bob.account))).toEqual({ creditsPosted: "200000000" });
    expect([availableTo(city.state, ann.account), moneyOf(city.state, bob.account)]).toEqual([0n, 200_000_000n]);
    expect(city.events.at(-1)).toEqual({
      type: "money/transferred",
      attributes: { from: ann.account, to: bob.account, amount: "100000000", note: "rent" },
    });
  });
});

describe("balances", () => {
  it("MO-3: genesis issues the treasury", () => {
    const city = new TestState();
    expect(moneyOf(city.state, systemAccounts.issuance)).toBe(-1_000_000_000_000n);
    expect(moneyOf(city.state, systemAccounts.treasury)).toBe(
      1_000_000_000_000n - BigInt(genesis.accounts.length) * 100_000_000n,
    );
  });

  const change = (account: string, before: BalanceRecord, after: BalanceRecord) => ({
    name: balance(account),
    before,
    after,
  });

  it("MO-4: posted or pending money from nowhere stops the block", () => {
    const one = change("a", { creditsPosted: "5" }, { creditsPosted: "6" });
    const other = change("b", { creditsPosted: "9" }, { creditsPosted: "9", debitsPosted: "1" });
    expect(brokenByChanges([money], [one])).toContain("MO-4: all posted");
    expect(brokenByChanges([money], [one, other])).toBeNull();
    const held = change("c", { creditsPosted: "3" }, { creditsPosted: "3", debitsPending: "2" });
    const promised = change(escrow, {}, { creditsPending: "2" });
    expect(brokenByChanges([money], [held])).toContain("MO-4: all pending");
    expect(brokenByChanges([money], [held, promised])).toBeNull();
  });

  it("MO-5: no one but the issuance gives or sets aside more than was received, and sums are well formed", () => {
    const city = cityOfTwo();
    expect(move(city.state, ann.account, bob.account, 100_000_001n)).toBe(false);
    expect(moneyOf(city.state, bob.account)).toBe(100_000_000n);
    const broken = (record: BalanceRecord): string | null => {
      const { creditsPosted = "0", debitsPosted = "0", creditsPending = "0", debitsPending = "0" } = record;
      const counter: BalanceRecord = {
        creditsPosted: debitsPosted,
        debitsPosted: creditsPosted,
        creditsPending: debitsPending,
        debitsPending: creditsPending,
      };
      const filled = Object.fromEntries(Object.entries(counter).filter(([, sum]) => !/^0*$/.test(sum)));
      return brokenByChanges([money], [change("a", {}, record), change(systemAccounts.issuance, {}, filled)]);
    };
    expect(broken({ creditsPosted: "5" })).toBeNull();
    for (const record of [
      { creditsPosted: "5", debitsPosted: "6" },
      { creditsPosted: "5", debitsPosted: "1", debitsPending: "5" },
      { creditsPosted: "0" },
      { creditsPosted: "05" },
      { creditsPosted: "1".repeat(37) },
    ])
      expect([record, broken(record)]).toEqual([record, expect.stringContaining("MO-5")]);
    expect(broken({ creditsPosted: "1".repeat(36) })).toBeNull();
  });

  it("MO-15, MO-16, MO-17: pending credits without a reserve, reserves that would never expire, or are not counted or listed, stop the block", () => {
    const payer = change("a", { creditsPosted: "9" }, { creditsPosted: "9", debitsPending: "4", reserves: 1 });
    const payee = change("b", {}, { creditsPending: "4" });
    const record: ReserveRecord = { from: "a", to: "b", amount: "4", expiresMs: startMs };
    const reserve = { name: moneyState.reserve("x"), before: null, after: record };
    const index = { name: moneyState.reserveExpiry(startMs, "x"), before: null, after: {} };
    const lists = ["a", "b"].map((party) => ({ name: moneyState.reserveOf(party, "x"), before: null, after: {} }));
    expect(brokenByChanges([money], [payer, payee, reserve, index, ...lists])).toBeNull();
    expect(brokenByChanges([money], [payer, payee])).toContain("MO-16: what is pending");
    const uncounted = { ...payer, after: { ...payer.after, reserves: 2 } };
    expect(brokenByChanges([money], [uncounted, payee, reserve, index])).toContain("MO-16: each account");
    const late = { ...index, name: moneyState.reserveExpiry(startMs + 1, "x") };
    expect(brokenByChanges([money], [payer, payee, reserve])).toContain("MO-15");
    expect(brokenByChanges([money], [payer, payee, reserve, late])).toContain("MO-15");
    // Right in sum, and wrong for each.
    const stranger = change("c", {}, { creditsPending: "4" });
    expect(brokenByChanges([money], [payer, stranger, reserve, index, ...lists])).toContain("MO-16: what is pending");
    const { reserves, ...sums } = payer.after;
    const miscounted = [{ ...payer, after: sums }, change("c", {}, { reserves: reserves! })];
    expect(brokenByChanges([money], [...miscounted, payee, reserve, index, ...lists])).toContain("MO-16: each account");
    const other = { ...index, name: moneyState.reserveExpiry(startMs, "y") };
    expect(brokenByChanges([money], [payer, payee, reserve, other, ...lists])).toContain("MO-15");
    expect(brokenByChanges([money], [payer, payee, reserve, index, lists[0]!])).toContain("MO-17");
    const swapped = [lists[0]!, { ...lists[1]!, name: moneyState.reserveOf("b", "y") }];
    expect(brokenByChanges([money], [payer, payee, reserve, index, ...swapped])).toContain("MO-17");
  });
});

describe("holds of other modules", () => {
  const execution = (city: TestState) => ({
    state: city.state,
    height: city.height,
    timeMs: city.timeMs,
    timeMsLatest: city.timeMs,
    emit: () => undefined,
  });

  it("MO-19: what is held cannot be spent, is paid out in parts, and the rest returns", () => {
    const city = cityOfTwo();
    const held = hold(execution(city), ann.account, escrow, 60_000_000n);
    if (!held.ok) throw new Error(held.name);
    expect(availableTo(city.state, ann.account)).toBe(40_000_000n);
    expect(move(city.state, ann.account, bob.account, 40_000_001n)).toBe(false);
    const refused = hold(execution(city), ann.account, escrow, 40_000_001n);
    expect(refused.ok ? null : refused.name).toBe("money_balance_must_suffice");
    settle(execution(city), held, [
      { to: bob.account, amount: 25_000_000n },
      { to: systemAccounts.treasury, amount: 5_000_000n },
    ]);
    expect(availableTo(city.state, ann.account)).toBe(70_000_000n);
    expect(moneyOf(city.state, bob.account)).toBe(125_000_000n);
    expect(city.state.get(balance(escrow))).toEqual({});
  });

  it("MO-19: paying more than is held, or settling twice, is a bug", () => {
    const city = cityOfTwo();
    const held = hold(execution(city), ann.account, escrow, 10n);
    if (!held.ok) throw new Error(held.name);
    expect(() => settle(execution(city), held, [{ to: bob.account, amount: 11n }])).toThrow("out of 10");
    settle(execution(city), held, []);
    expect(() => settle(execution(city), held, [])).toThrow("debitsPending");
  });
});
