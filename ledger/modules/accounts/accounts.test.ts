// Rules of the accounts module (README.md). Each table violates a rule and all later ones, so it pins the order of checks.

import { describe, expect, it } from "vitest";
import { type AccountRecord, accountsState, nameSchema } from "../../protocol/accounts.ts";
import { systemAccounts } from "../../protocol/money.ts";
import { accountIdOfKey, type Message } from "../../protocol/transaction.ts";
import { moneyOf } from "../money/interface.ts";
import { genesis, person, registrar, registration, TestCity, TestState, unsoundKeys } from "../test-city.ts";

const ann = person("ann");
const bob = person("bob");

function cityOfTwo(): TestState {
  const city = new TestState();
  expect(city.run(registration(ann, "Ann"))).toBeNull();
  expect(city.run(registration(bob, "Bob"))).toBeNull();
  return city;
}

describe("accounts/register", () => {
  it("AC-1, AC-2, AC-3, AC-4, AC-6: refuses in this order", () => {
    const poor = new TestState({ ...genesis, treasury: (BigInt(genesis.welcomeGrant) * 5n).toString() });
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

  it("AC-8: a key is a sound point of its curve", () => {
    const city = new TestState();
    for (const key of unsoundKeys) {
      const message: Message = { type: "accounts/register", by: accountIdOfKey(key), name: "Mallory", key };
      expect([key, city.run(message)]).toEqual([key, "accounts_key_must_be_sound"]);
    }
    for (const x of [`02${"00".repeat(31)}04`, `03${"ff".repeat(32)}`]) {
      const key = x.slice(0, 66);
      const message: Message = {
        type: "accounts/register",
        by: accountIdOfKey(key),
        name: "Mallory",
        key,
        rpId: "a.example",
      };
      expect([key, city.run(message)]).toEqual([key, "accounts_key_must_be_sound"]);
    }
    expect(city.run(registration(ann, "Mallory"))).toBeNull();
    expect(() => new TestState({ ...genesis, accounts: [{ key: "00".repeat(32), name: "City", roles: [] }] })).toThrow(
      "accounts_key_must_be_sound",
    );
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
    expect(moneyOf(city.state, systemAccounts.treasury)).toBe(1_000_000_000_000n - 6n * 100_000_000n);
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

describe("genesis", () => {
  it("AC-5: makes the first accounts and grants them what everyone gets", () => {
    const city = new TestState();
    expect(moneyOf(city.state, registrar.account)).toBe(100_000_000n);
    expect(() => new TestState({ ...genesis, treasury: "0" })).toThrow("accounts_treasury_must_suffice");
    const rich = (money: string) => ({ ...genesis, accounts: [{ ...genesis.accounts[0]!, money }] });
    const left = BigInt(genesis.treasury) - BigInt(genesis.welcomeGrant);
    expect(moneyOf(new TestState(rich(`${left}`)).state, systemAccounts.treasury)).toBe(0n);
    expect(() => new TestState(rich(`${left + 1n}`))).toThrow("the treasury has less");
    const twice = [...genesis.accounts, { ...genesis.accounts[0]!, key: ann.key }];
    expect(() => new TestState({ ...genesis, accounts: twice })).toThrow("accounts_name_must_be_free");
  });
});

describe("whoever acts", () => {
  it("AC-7: who acts must have an account by the time of the message", () => {
    const city = new TestCity();
    const messages = [
      { type: "money/transfer", by: ann.account, to: registrar.account, amount: "1" } as const,
      registration(ann, "Ann"),
    ];
    expect(city.apply(messages, ann)).toBe("accounts_account_must_exist");
    expect(city.apply(messages.toReversed(), ann)).toBe("");
  });
});
