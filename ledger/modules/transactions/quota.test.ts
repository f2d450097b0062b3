// Rules of quotas (README.md): how much accounts may have done in a window of block time.

import { describe, expect, it } from "vitest";
import { type AccountRecord, accountsState } from "../../protocol/accounts.ts";
import { quotasDefault } from "../../protocol/genesis.ts";
import { type Message, transactionBytes } from "../../protocol/transaction.ts";
import type { PendingView } from "../application.ts";
import {
  administration,
  authorise,
  bodyOf,
  genesis,
  noPending,
  person,
  registrar,
  registration,
  signed,
  TestCity,
  TestState,
  testHasher,
} from "../test-city.ts";
import { type Decoded, decode } from "./decode.ts";
import { refuseQuota } from "./quota.ts";
import { ann, bob, cityOfTwo, refusalOf, transfer } from "./test-two-citizens.ts";

const {
  citizenPerWindow: citizenQuota,
  newcomerPerWindow: newcomerQuota,
  newcomerSeconds,
  registrationsPerBlockMax,
  messagesPerCount,
} = quotasDefault;
const quotaWindowMs = quotasDefault.windowSeconds * 1000;

describe("quotas", () => {
  it("TX-13: a citizen has 60 transactions a minute, a service more; a new window starts afresh", () => {
    const city = cityOfTwo();
    const window = Math.ceil((city.timeMs + newcomerSeconds * 1000) / quotaWindowMs) * quotaWindowMs;
    const expires = city.application.height + 10;
    const of = (count: number): Uint8Array[] =>
      Array.from({ length: count }, () => signed([transfer()], [ann], expires));
    const results = city.block(of(citizenQuota + 1), window).results.map(({ refusal }) => refusal);
    expect(results.filter((refusal) => refusal === "").length).toBe(citizenQuota);
    expect(results.at(-1)).toBe("transaction_quota_must_not_be_exceeded");
    expect(refusalOf(city, of(1)[0]!)).toBe("transaction_quota_must_not_be_exceeded");
    const service: Message = { type: "money/transfer", by: registrar.account, to: ann.account, amount: "1" };
    const many = Array.from({ length: citizenQuota + 1 }, () => signed([service], [registrar], expires));
    expect(city.block(many).results.every(({ code }) => code === 0)).toBe(true);
    expect(city.block(of(1), window + quotaWindowMs).results[0]!.code).toBe(0);
  });

  it("TX-13: at admission what waits counts, and a waiting transaction is not taken twice", () => {
    const city = cityOfTwo();
    city.block([], Math.ceil((city.timeMs + newcomerSeconds * 1000) / quotaWindowMs) * quotaWindowMs);
    const bytes = signed([transfer()], [ann], city.application.height + 5);
    const waiting = (count: number): PendingView => ({ has: () => false, countOf: () => count });
    expect(city.application.check(bytes, waiting(citizenQuota - 1)).refusal).toBe("");
    expect(city.application.check(bytes, waiting(citizenQuota)).refusal).toBe("transaction_quota_must_not_be_exceeded");
    const { id } = city.application.check(bytes, noPending);
    expect(city.application.check(bytes, { has: (other) => other === id, countOf: () => 0 }).refusal).toBe(
      "transaction_must_not_be_repeated",
    );
  });

  it("TX-24: a new account may less, for ten minutes", () => {
    const city = cityOfTwo();
    const start = city.timeMs;
    const send = (count: number, timeMs: number): number => {
      const expires = city.application.height + 10;
      const many = Array.from({ length: count }, () => signed([transfer()], [ann], expires));
      return city.block(many, timeMs).results.filter(({ code }) => code === 0).length;
    };
    const windowAt = (minutes: number): number => Math.ceil((start + 1) / quotaWindowMs + minutes) * quotaWindowMs;
    expect(send(newcomerQuota + 2, windowAt(0))).toBe(newcomerQuota);
    expect(send(newcomerQuota + 2, windowAt(8))).toBe(newcomerQuota);
    expect(send(newcomerQuota + 2, windowAt(10))).toBe(newcomerQuota + 2);
    expect(city.read(`transactions/quota/${ann.account}`)).not.toHaveProperty("newUntilMs");
    // Accounts of genesis are not new, although they act for the first time.
    const service: Message = { type: "money/transfer", by: registrar.account, to: bob.account, amount: "1" };
    expect(city.apply([service], registrar)).toBe("");
    expect(city.read(`transactions/quota/${registrar.account}`)).toEqual({ window: expect.any(Number), count: 1 });
  });

  it("TX-25: whoever acts pays the whole transaction, and many messages count as several", () => {
    const city = cityOfTwo();
    const window = Math.ceil((city.timeMs + newcomerSeconds * 1000) / quotaWindowMs) * quotaWindowMs;
    const expires = city.application.height + 10;
    const back: Message = { type: "money/transfer", by: bob.account, to: ann.account, amount: "1" };
    const long = signed([...Array.from({ length: 99 }, () => transfer()), back], [ann, bob], expires);
    expect(city.block([long], window).results[0]!.refusal).toBe("");
    const count = Math.ceil(100 / messagesPerCount);
    for (const { account } of [ann, bob])
      expect(city.read(`transactions/quota/${account}`)).toEqual({ window: window / quotaWindowMs, count });
    // Refused by a module counts as well, and one exhausted account holds all up.
    const poor = Array.from({ length: citizenQuota - count }, () =>
      signed([transfer("999999999999999")], [ann], expires),
    );
    expect(city.block(poor).results.every(({ refusal }) => refusal === "money_balance_must_suffice")).toBe(true);
    const together = signed([back, transfer()], [bob, ann], expires);
    expect(city.block([together]).results[0]).toMatchObject({
      refusal: "transaction_quota_must_not_be_exceeded",
      params: {
        account: ann.account,
        limit: citizenQuota,
        used: citizenQuota,
        windowSeconds: 60,
        retryAtMs: window + quotaWindowMs,
        retrySeconds: 58,
      },
    });
    expect(city.block([signed([back], [bob], expires)]).results[0]!.refusal).toBe("");
    expect(
      city.block([signed([back, transfer()], [bob, ann], expires)], window + quotaWindowMs).results[0]!.refusal,
    ).toBe("");
  });

  it("TX-13: a role's quota ends with the role, in the midst of a window", () => {
    const quotas = { citizenPerWindow: 1, newcomerPerWindow: 1, servicePerWindow: 3 };
    const city = new TestCity({ appState: { ...genesis, quotas } });
    expect(city.apply([registration(ann, "Ann")], ann)).toBe("");
    const window = Math.ceil(city.timeMs / quotaWindowMs) * quotaWindowMs;
    city.block([], window);
    const untilMs = window + quotaWindowMs + 30_000;
    const role = { type: "accounts/grant-role", by: administration.account, account: ann.account } as const;
    expect(city.apply([{ ...role, role: "court", untilMs }], administration)).toBe("");
    const pay = (): Uint8Array =>
      signed(
        [{ type: "money/transfer", by: ann.account, to: registrar.account, amount: "1" }],
        [ann],
        city.application.height + 10,
      );
    const codes = city.block([pay(), pay()], untilMs - 1).results.map(({ code }) => code);
    expect(codes).toEqual([0, 0]);
    expect(city.block([pay()], untilMs).results[0]).toMatchObject({
      refusal: "transaction_quota_must_not_be_exceeded",
      params: { limit: 1, used: 2 },
    });
  });

  it("TX-13: a role that is over and not swept yet gives no quota", () => {
    const { state, ...city } = new TestState();
    const untilMs = city.timeMs + 1_000;
    const role = { role: "court", untilMs } as const;
    const account: AccountRecord = { name: "Ann", keys: [], roles: [role], registered: 1 };
    state.set(accountsState.account(ann.account), account);
    const decoded = decode(signed([transfer()], [ann], 10), testHasher) as Decoded;
    const verdict = (timeMs: number) =>
      refuseQuota(state, quotasDefault, decoded, timeMs, () => citizenQuota)?.params["limit"];
    expect([verdict(untilMs - 1), verdict(untilMs)]).toEqual([undefined, citizenQuota]);
  });

  it("TX-25: what no one could be charged for leaves no trace", () => {
    const city = cityOfTwo();
    city.block([], city.timeMs + newcomerSeconds * 1000);
    const before = city.read(`transactions/quota/${ann.account}`);
    const body = bodyOf([transfer()], city.application.height + 5);
    const refused = [
      transactionBytes({ body, auth: [{ ...authorise(body, ann), signature: "00".repeat(64) }] }),
      transactionBytes({ body, auth: [authorise(body, bob)] }),
      transactionBytes({ body, auth: [authorise(body, ann), authorise(body, bob)] }),
    ];
    expect(city.block(refused).results.every(({ code }) => code > 0 && code < 100)).toBe(true);
    expect(city.read(`transactions/quota/${ann.account}`)).toEqual(before);
  });

  it("TX-26: genesis fixes the numbers", () => {
    const city = new TestCity({ appState: { ...genesis, quotas: { windowSeconds: 10, servicePerWindow: 2 } } });
    const expires = city.application.height + 10;
    const service: Message = { type: "money/transfer", by: registrar.account, to: administration.account, amount: "1" };
    const many = Array.from({ length: 3 }, () => signed([service], [registrar], expires));
    const start = Math.ceil(city.timeMs / 10_000) * 10_000;
    expect(city.block(many, start).results.map(({ code }) => code)).toEqual([0, 0, 13]);
    expect(city.block(many.slice(2), start + 10_000).results[0]!.code).toBe(0);
    expect(city.read("transactions/params")).toEqual({ ...quotasDefault, windowSeconds: 10, servicePerWindow: 2 });
  });

  it("TX-13: registering oneself again and again takes the place of one", () => {
    const city = new TestCity();
    const same = Array.from({ length: 100 }, () => registration(ann, "Ann"));
    const others = Array.from({ length: registrationsPerBlockMax - 1 }, (_, n) => person(`crowd ${n}`));
    const bytes = [
      signed(same, [ann], 10),
      ...others.map((who, n) => signed([registration(who, `Crowd ${n}`)], [who], 10)),
    ];
    const results = city.block(bytes).results.map(({ refusal }) => refusal);
    expect(results[0]).toBe("accounts_account_must_not_exist");
    expect(results.slice(1).every((refusal) => refusal === "")).toBe(true);
  });

  it("TX-13: a block takes 200 registrations, failed ones included, and these leave no entry of their own", () => {
    const city = new TestCity();
    city.block([]);
    const people = Array.from({ length: registrationsPerBlockMax + 2 }, (_, n) => person(`crowd ${n}`));
    // Half of them want the same name.
    const bytes = people.map((who, n) => signed([registration(who, n % 2 ? "Same" : `Name ${n}`)], [who], 10));
    const admitted = bytes.map((transaction) => city.application.check(transaction, noPending).refusal);
    expect(admitted.filter((refusal) => refusal === "").length).toBe(registrationsPerBlockMax);
    // Checked again, one that was admitted takes no second place, and one that was not finds none.
    const again = (n: number): string => city.application.check(bytes.at(n)!, noPending).refusal;
    expect([again(0), again(-2)]).toEqual(["", "transaction_quota_must_not_be_exceeded"]);
    const results = city.block(bytes).results.map(({ refusal }) => refusal);
    expect(results.filter((refusal) => refusal === "").length).toBe(registrationsPerBlockMax / 2 + 1);
    expect(results.slice(-2)).toEqual(Array(2).fill("transaction_quota_must_not_be_exceeded"));
    expect(city.application.list("transactions/quota/").length).toBe(registrationsPerBlockMax / 2 + 1);
    expect(again(-2)).toBe("");
    expect(city.block(bytes.slice(-2)).results.map(({ refusal }) => refusal)).toEqual([
      "",
      "accounts_name_must_be_free",
    ]);
  });
});
