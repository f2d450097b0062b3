// Rules of the accounts module (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { type AccountRecord, accountsState, nameSchema, systemAccounts } from "../../protocol/accounts.ts";
import type { Message } from "../../protocol/transaction.ts";
import { brokenByChanges } from "../invariant-check.ts";
import { genesis, person, registrar, registration, TestCity, TestState } from "../test-city.ts";
import { moneyOf, post } from "./interface.ts";
import { accounts } from "./module.ts";

const ann = person("ann");
const bob = person("bob");

function cityOfTwo(): TestState {
  const city = new TestState();
  expect(city.run(registration(ann, "Ann"))).toBeNull();
  expect(city.run(registration(bob, "Bob"))).toBeNull();
  return city;
}

describe("accounts/register", () => {
  it("AC-1, AC-2, AC-3, AC-4, AC-10: refuses in this order", () => {
    const poor = new TestState({ ...genesis, treasury: (BigInt(genesis.welcomeGrant) * 4n).toString() });
    expect(poor.run(registration(ann, "Ann"))).toBeNull();
    const table: readonly (readonly [Message, string])[] = [
      [{ type: "accounts/register", by: ann.account, key: bob.key, name: "Ann" }, "accounts_id_must_match_key"],
      [{ type: "accounts/register", by: ann.account, key: ann.key, name: "Ann" }, "accounts_account_must_not_exist"],
      [registration(bob, "\uFDFA".repeat(32)), "accounts_name_must_not_be_too_long"],
      [registration(bob, "Ann"), "accounts_name_must_be_free"],
      [registration(bob, "Bob"), "accounts_treasury_must_suffice"],
    ];
    for (const [message, refusal] of table) expect(poor.run(message)).toBe(refusal);
  });

  it("AC-3: look-alikes by case, width and composition are one name", () => {
    const city = new TestState();
    expect(city.run(registration(ann, "Żółć Ångström"))).toBeNull();
    for (const name of ["żółć ångström", "ŻÓŁĆ ÅNGSTRÖM"])
      expect(city.run(registration(bob, name))).toBe("accounts_name_must_be_free");
    expect(city.run(registration(bob, "Zolc Angstrom"))).toBeNull();
    expect(nameSchema.safeParse("\uFDFA".repeat(32)).success).toBe(true);
  });

  it("AC-3: names hold nothing that cannot be seen, and begin with a letter or a digit", () => {
    const invisible = [
      "\u034f",
      "\u115f",
      "\u3164",
      "\uffa0",
      "\ufe0f",
      "\u180b",
      "\u{e0100}",
      "\u200b",
      "\u202e",
      "\u00ad",
    ];
    for (const sign of invisible)
      for (const name of [`An${sign}n`, `Ann${sign}`, `${sign}Ann`, sign.repeat(2)])
        expect(nameSchema.safeParse(name).success, JSON.stringify(name)).toBe(false);
    expect(nameSchema.safeParse("\u0338Ann").success).toBe(false);
    for (const name of ["Ann", "J. R. O'Neil", "नेहा", "김민준", "Nguyễn Văn", "7 of 9"])
      expect(nameSchema.safeParse(name).success, name).toBe(true);
  });

  it("AC-4: pays the grant from the treasury and records key, name and height", () => {
    const city = cityOfTwo();
    expect(moneyOf(city.state, ann.account)).toBe(100_000_000n);
    expect(moneyOf(city.state, systemAccounts.treasury)).toBe(1_000_000_000_000n - 5n * 100_000_000n);
    expect(city.state.get<AccountRecord>(accountsState.account(ann.account))).toEqual({
      name: "Ann",
      keys: [{ kind: "ed25519", key: ann.key }],
      roles: [],
      registered: 1,
    });
    expect(city.state.get(accountsState.name("ANN"))).toEqual({ account: ann.account });
    expect(city.events[0]).toEqual({
      type: "accounts/registered",
      attributes: { account: ann.account, name: "Ann" },
    });
  });
});

describe("accounts/transfer", () => {
  const transfer = (by: string, to: string, amount: string): Message => ({ type: "accounts/transfer", by, to, amount });

  it("AC-5, AC-6, AC-10: refuses in this order", () => {
    const city = cityOfTwo();
    const stranger = person("stranger").account;
    const table: readonly (readonly [Message, string])[] = [
      [transfer(stranger, stranger, "1"), "accounts_recipient_must_differ"],
      [transfer(ann.account, stranger, "999999999999999"), "accounts_recipient_must_exist"],
      [transfer(ann.account, bob.account, "100000001"), "accounts_balance_must_suffice"],
    ];
    for (const [message, refusal] of table) expect(city.run(message)).toBe(refusal);
  });

  it("AC-6: moves the last unit and says so", () => {
    const city = cityOfTwo();
    expect(city.run(transfer(ann.account, bob.account, "100000000"))).toBeNull();
    expect(moneyOf(city.state, ann.account)).toBe(0n);
    expect(moneyOf(city.state, bob.account)).toBe(200_000_000n);
    expect(city.events.at(-1)).toEqual({
      type: "accounts/transferred",
      attributes: { from: ann.account, to: bob.account, amount: "100000000" },
    });
  });

  it("AC-11: who acts must have an account by the time of the message", () => {
    const city = new TestCity();
    const messages = [transfer(ann.account, registrar.account, "1"), registration(ann, "Ann")];
    expect(city.apply(messages, ann)).toBe("accounts_account_must_exist");
    expect(city.apply(messages.toReversed(), ann)).toBe("");
  });
});

describe("money", () => {
  it("AC-7: genesis issues the treasury and grants to its accounts", () => {
    const city = new TestState();
    expect(moneyOf(city.state, systemAccounts.issuance)).toBe(-1_000_000_000_000n);
    expect(moneyOf(city.state, registrar.account)).toBe(100_000_000n);
    expect(() => new TestState({ ...genesis, treasury: "0" })).toThrow("accounts_treasury_must_suffice");
    const twice = [...genesis.accounts, { ...genesis.accounts[0]!, key: ann.key }];
    expect(() => new TestState({ ...genesis, accounts: twice })).toThrow("accounts_name_must_be_free");
  });

  it("AC-8: postings that do not sum to zero are a bug, and so are balances that do not", () => {
    const city = cityOfTwo();
    expect(() => post(city.state, [{ account: ann.account, amount: 1n }])).toThrow("not to zero");
    const name = accountsState.balance(ann.account);
    const change = { name, before: { money: "5" }, after: { money: "6" } };
    expect(brokenByChanges([accounts], [change])).toContain("AC-8");
    const other = { name: accountsState.balance(bob.account), before: { money: "1" }, after: { money: "0" } };
    expect(brokenByChanges([accounts], [change, other])).toBeNull();
  });

  it("AC-9: only the issuance may be negative", () => {
    const city = cityOfTwo();
    const postings = [
      { account: ann.account, amount: -100_000_001n },
      { account: bob.account, amount: 100_000_001n },
    ];
    expect(post(city.state, postings)).toBe(false);
    expect(moneyOf(city.state, bob.account)).toBe(100_000_000n);
    const negative = { name: accountsState.balance(ann.account), before: { money: "1" }, after: { money: "-1" } };
    const positive = { name: accountsState.balance(bob.account), before: { money: "1" }, after: { money: "3" } };
    expect(brokenByChanges([accounts], [negative, positive])).toContain("AC-9");
  });
});
