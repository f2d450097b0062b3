// Rules of session keys in transactions (README.md): scope, time and money, at admission and in a block alike.

import { describe, expect, it } from "vitest";
import { type AccountRecord, accountsState } from "../../protocol/accounts.ts";
import { type Scope, scopeCovers, scopeSchema } from "../../protocol/keys.ts";
import type { RefusalName } from "../../protocol/refusals.ts";
import { testPasskey } from "../../protocol/test-passkey.ts";
import { type Authorisation, type Message, transactionBytes } from "../../protocol/transaction.ts";
import {
  authorise,
  authorisePasskey,
  bodyOf,
  noPending,
  type Person,
  person,
  registration,
  slotSeconds,
  startMs,
  TestCity,
} from "../test-city.ts";

const ann = person("ann");
const bob = person("bob");
const phone = person("phone");
const by = ann.account;

const pay = (amount: string, from = ann, to = bob): Message => ({
  type: "money/transfer",
  by: from.account,
  to: to.account,
  amount,
});
const bid: Message = { type: "energy/bid", by, slot: startMs / 1000 / slotSeconds, energyWh: "1000", price: "7" };
/** Signed by the phone in Ann's name. */
const asPhone = (messages: readonly Message[], others: readonly Person[] = []): Uint8Array => {
  const body = bodyOf(messages, 500);
  const mine: Authorisation = { ...authorise(body, phone), by };
  return transactionBytes({ body, auth: [mine, ...others.map((who) => authorise(body, who))] });
};

function cityWith(scope: Partial<Scope>): TestCity {
  const city = new TestCity();
  expect(city.apply([registration(ann, "Ann")], ann)).toBe("");
  expect(city.apply([registration(bob, "Bob")], bob)).toBe("");
  const whole: Scope = { messages: ["money", "energy"], untilMs: startMs + 60_000, ...scope };
  expect(city.apply([{ type: "accounts/add-key", by, key: phone.key, scope: whole }], ann)).toBe("");
  return city;
}
/** Ann's account when Bob, her guardian, has recovered it and it waits for its completion. */
function recoverable(scope: Partial<Scope>): { city: TestCity; complete: Message; fresh: string } {
  const city = cityWith(scope);
  const fresh = person("ann's new key").key;
  const set: Message = { type: "accounts/set-guardians", by, members: [bob.account], threshold: 1, delayMs: 60_000 };
  expect(city.apply([set], ann)).toBe("");
  const of = { by: bob.account, account: by, key: fresh };
  expect(city.apply([{ type: "accounts/propose-recovery", ...of }], bob)).toBe("");
  city.block([], city.timeMs + 60_000);
  return { city, complete: { type: "accounts/complete-recovery", ...of }, fresh };
}
/** The verdict in a block; that at admission is the same. */
function verdict(city: TestCity, bytes: Uint8Array): RefusalName | "" {
  const admission = city.application.check(bytes, noPending).refusal;
  const { refusal } = city.block([bytes]).results[0]!;
  expect(admission).toBe(refusal);
  return refusal as RefusalName | "";
}
const spent = (city: TestCity): string | undefined =>
  city.read<AccountRecord>(accountsState.account(by))!.keys.find(({ key }) => key === phone.key)!.scope!.moneySpent;

describe("a session key", () => {
  it("TX-21: acts by the messages and modules of its scope, whoever else acts in the transaction", () => {
    const city = cityWith({ messages: ["money/transfer"] });
    expect(verdict(city, asPhone([pay("1")]))).toBe("");
    expect(verdict(city, asPhone([bid]))).toBe("transaction_key_must_cover_message");
    expect(verdict(city, asPhone([pay("1"), bid]))).toBe("transaction_key_must_cover_message");
    expect(verdict(city, asPhone([pay("1"), { ...bid, by: bob.account } as Message], [bob]))).toBe("");
    const market = cityWith({ messages: ["energy"] });
    expect(verdict(market, asPhone([{ ...bid, slot: Math.floor(market.timeMs / 60_000) } as Message]))).toBe("");
    expect(verdict(market, asPhone([pay("1")]))).toBe("transaction_key_must_cover_message");
  });

  it("TX-21: changes nothing that protects the account, whatever its scope says", () => {
    const scope = { messages: ["accounts", "accounts/add-key", "money", "money/set-limits"] };
    const types = [
      "accounts/add-key",
      "accounts/set-guardians",
      "accounts/veto-recovery",
      "money/set-limits",
      "money/cancel-raise",
    ];
    for (const type of types) expect([type, scopeCovers(scope, type)]).toEqual([type, false]);
    expect(scopeCovers(scope, "money/transfer")).toBe(true);
    for (const messages of [
      ["accounts"],
      ["accounts/add-key"],
      ["money", "accounts/remove-key"],
      [],
      ["money", "money"],
      ["Money"],
      ["a/b/c"],
      [""],
      ["/"],
    ])
      expect([messages, scopeSchema.safeParse({ messages, untilMs: 1 }).success]).toEqual([messages, false]);
    const city = cityWith({ messages: ["money", "energy", "telemetry"] });
    const secondKey: Message = { type: "accounts/add-key", by, key: person("x").key };
    const accountsMessages: readonly Message[] = [
      secondKey,
      { type: "accounts/remove-key", by, key: ann.key },
      { type: "accounts/replace-key", by, old: ann.key, key: person("x").key },
      { type: "accounts/set-guardians", by, members: [bob.account], threshold: 1, delayMs: 60_000 },
      { type: "accounts/propose-recovery", by, account: bob.account, key: person("x").key },
      { type: "accounts/veto-recovery", by },
      { type: "accounts/grant-role", by, account: by, role: "city" },
    ];
    for (const message of accountsMessages)
      expect([message.type, verdict(city, asPhone([message]))]).toEqual([
        message.type,
        "transaction_key_must_cover_message",
      ]);
    expect(city.apply([secondKey], ann)).toBe("");
  });

  it("TX-22: is refused from its time on, swept or not", () => {
    const city = cityWith({ untilMs: startMs + 60_000 });
    city.block([], startMs + 58_000);
    expect(verdict(city, asPhone([pay("1")]))).toBe("");
    // Admission knows the last block's time; the block has its own.
    const late = asPhone([pay("1")]);
    expect(city.application.check(late, noPending).refusal).toBe("");
    expect(city.block([late], startMs + 60_000).results[0]!.refusal).toBe("transaction_key_must_belong_to_account");
    const other = cityWith({ untilMs: startMs + 60_000 });
    const people = Array.from({ length: 100 }, (_, n) => person(`crowd ${n}`));
    other.block(
      people.map((who, n) => {
        const body = bodyOf(
          [
            registration(who, `Crowd ${n}`),
            {
              type: "accounts/add-key",
              by: who.account,
              key: phone.key,
              scope: { messages: ["money"], untilMs: startMs + 59_000 },
            },
          ],
          500,
        );
        return transactionBytes({ body, auth: [authorise(body, who)] });
      }),
    );
    // A hundred others are swept first.
    expect(other.block([asPhone([pay("1")])], startMs + 60_000).results[0]!).toMatchObject({
      refusal: "transaction_key_must_not_be_expired",
      params: { account: by, untilMs: startMs + 60_000 },
    });
    expect(other.application.check(asPhone([pay("1")]), noPending).refusal).toBe("transaction_key_must_not_be_expired");
    expect(other.block([asPhone([pay("1")])]).results[0]!.refusal).toBe("transaction_key_must_belong_to_account");
  });

  it("TX-23: lowers the account's money by what it may in all, bids and payments together", () => {
    const city = cityWith({ moneyMax: "10" });
    expect(verdict(city, asPhone([pay("4")]))).toBe("");
    expect(spent(city)).toBe("4");
    expect(verdict(city, asPhone([pay("7")]))).toBe("transaction_key_money_must_suffice");
    expect(verdict(city, asPhone([pay("3"), pay("4")]))).toBe("transaction_key_money_must_suffice");
    expect(verdict(city, asPhone([{ ...bid, slot: Math.floor(city.timeMs / 60_000) + 1 } as Message]))).toBe(
      "transaction_key_money_must_suffice",
    );
    // What comes in within the transaction counts against what goes out.
    expect(verdict(city, asPhone([pay("5", bob, ann), pay("8")], [bob]))).toBe("");
    expect(spent(city)).toBe("7");
    expect(
      verdict(city, asPhone([{ ...bid, slot: Math.floor(city.timeMs / 60_000) + 1, energyWh: "400" } as Message])),
    ).toBe("");
    expect(spent(city)).toBe("10");
    expect(verdict(city, asPhone([pay("1")]))).toBe("transaction_key_money_must_suffice");
    expect(city.apply([pay("5", bob, ann)], bob)).toBe("");
    expect(spent(city)).toBe("10");
    // More coming in than going out gives nothing back to the bound.
    expect(verdict(city, asPhone([pay("9", bob, ann), pay("1")], [bob]))).toBe("");
    expect(spent(city)).toBe("10");
    expect(verdict(city, asPhone([pay("1")]))).toBe("transaction_key_money_must_suffice");
    // A full key is not bound by it.
    expect(city.apply([pay("1000")], ann)).toBe("");
  });

  it("TX-23: counts what is given up of reserves, message by message, whoever made them", () => {
    const city = cityWith({ moneyMax: "10" });
    const terms = { expiresMs: startMs + 50_000_000 };
    const reserve = (from: Person, to: Person, amount: string, more: object = {}): Message => ({
      type: "money/reserve",
      by: from.account,
      to: to.account,
      amount,
      ...terms,
      ...more,
    });
    const opened = (message: Message, who: Person): string => {
      const body = bodyOf([message], 500);
      const { refusal, events } = city.block([transactionBytes({ body, auth: [authorise(body, who)] })]).results[0]!;
      expect(refusal).toBe("");
      return events[0]!.attributes["reserve"]!;
    };
    const post = (id: string, amount?: string): Message => ({
      type: "money/post-reserved",
      by,
      reserve: id,
      ...(amount === undefined ? {} : { amount }),
    });
    const giveBack = (id: string): Message => ({ type: "money/void-reserved", by, reserve: id });
    const mine = { mayPost: [by], mayVoid: [by] };
    const out = opened(reserve(ann, bob, "100", mine), ann);
    const owed = opened(reserve(bob, ann, "100"), bob);
    // Paid out of what a full key set aside; taken back and paid on; owed to Ann, and waived in whole or in part.
    for (const messages of [
      [post(out, "11")],
      [giveBack(out), pay("11")],
      [reserve(ann, bob, "6"), post(out, "5")],
      [giveBack(owed)],
      [post(owed, "89")],
    ])
      expect(verdict(city, asPhone(messages))).toBe("transaction_key_money_must_suffice");
    // Promises of others do not make up for it: they can be taken back.
    expect(verdict(city, asPhone([reserve(bob, ann, "100", { mayVoid: [bob.account] }), giveBack(owed)], [bob]))).toBe(
      "transaction_key_money_must_suffice",
    );
    expect(spent(city)).toBeUndefined();
    expect(verdict(city, asPhone([post(owed, "98")]))).toBe("");
    expect(spent(city)).toBe("2");
    expect(verdict(city, asPhone([post(out, "5"), pay("1")]))).toBe("");
    expect(spent(city)).toBe("8");
    // Taking back is free, and so is a whole payment due.
    const another = opened(reserve(ann, bob, "100", mine), ann);
    const due = opened(reserve(bob, ann, "100"), bob);
    expect(verdict(city, asPhone([giveBack(another), post(due)]))).toBe("");
    expect(spent(city)).toBe("8");
    // What Bob collects of what a full key promised him is not the phone's doing, though it is in the phone's transaction.
    const promised = opened(reserve(ann, bob, "100"), ann);
    const collect: Message = { type: "money/post-reserved", by: bob.account, reserve: promised };
    expect(verdict(city, asPhone([pay("1"), collect], [bob]))).toBe("");
    expect(spent(city)).toBe("9");
  });

  it("TX-23: counts nothing for what was refused, and nothing for a key without limit", () => {
    const city = cityWith({ moneyMax: "10" });
    expect(verdict(city, asPhone([pay("4"), pay("999999999999999")]))).toBe("money_balance_must_suffice");
    expect(spent(city)).toBeUndefined();
    const free = cityWith({});
    expect(verdict(free, asPhone([pay("400000")]))).toBe("");
    expect(spent(free)).toBeUndefined();
  });

  it("TX-21, TX-20: may be a passkey", () => {
    const city = cityWith({});
    const passkey = testPasskey("ann's phone");
    const { key, rpId } = passkey;
    const scope: Scope = { messages: ["money/transfer"], untilMs: startMs + 60_000 };
    expect(city.apply([{ type: "accounts/add-key", by, key, rpId, label: "Phone", scope }], ann)).toBe("");
    const make = (message: Message, change = {}): Uint8Array => {
      const body = bodyOf([message], 500);
      return transactionBytes({ body, auth: [authorisePasskey(body, passkey, by, change)] });
    };
    expect(verdict(city, make(pay("1")))).toBe("");
    expect(verdict(city, make(pay("1"), { origin: "https://evil.example" }))).toBe(
      "transaction_passkey_origin_must_fit",
    );
    expect(verdict(city, make({ type: "accounts/remove-key", by, key: ann.key }))).toBe(
      "transaction_key_must_cover_message",
    );
  });
});

describe("a key", () => {
  it("TX-11: that was removed, replaced or recovered away signs nothing more, from the next transaction on", () => {
    const city = cityWith({});
    const laptop = person("laptop");
    const body = bodyOf([pay("1")], 500);
    const old = transactionBytes({ body, auth: [authorise(body, ann)] });
    const swap = bodyOf([{ type: "accounts/replace-key", by, old: ann.key, key: laptop.key }], 500);
    const renewed = bodyOf([pay("2")], 500);
    const results = city.block([
      transactionBytes({ body: swap, auth: [authorise(swap, ann)] }),
      old,
      transactionBytes({ body: renewed, auth: [{ ...authorise(renewed, laptop), by }] }),
    ]).results;
    expect(results.map(({ refusal }) => refusal)).toEqual(["", "transaction_key_must_belong_to_account", ""]);
    // The key from which the id follows is of no more use, not even to register again.
    expect(city.apply([registration(ann, "Ann again")], ann)).toBe("transaction_key_must_belong_to_account");
  });

  it("TX-11: signs nothing more from the message on that takes it away", () => {
    const city = cityWith({});
    const laptop = person("laptop");
    const enter: Message = { type: "accounts/add-key", by, key: laptop.key };
    const leave: Message = { type: "accounts/remove-key", by, key: ann.key };
    expect(city.apply([enter, leave, pay("1")], ann)).toBe("transaction_key_must_belong_to_account");
    expect(city.apply([pay("1"), enter, leave], ann)).toBe("");
  });

  it("TX-11, AC-20: does not outlive a recovery by completing it in the same transaction", () => {
    const { city, complete, fresh } = recoverable({});
    const back: Message = { type: "accounts/add-key", by, key: person("thief's other key").key };
    expect(city.apply([complete, back], bob, ann)).toBe("transaction_key_must_belong_to_account");
    expect(city.apply([complete], bob)).toBe("");
    expect(city.read<AccountRecord>(accountsState.account(by))!.keys.map(({ key }) => key)).toEqual([fresh]);
  });

  it("TX-23, AC-20: is bound by its sum although a recovery in the same transaction takes it away", () => {
    const { city, complete } = recoverable({ moneyMax: "10", untilMs: startMs + 10_000_000 });
    expect(verdict(city, asPhone([pay("11"), complete], [bob]))).toBe("transaction_key_money_must_suffice");
    expect(verdict(city, asPhone([pay("10"), complete], [bob]))).toBe("");
  });
});
