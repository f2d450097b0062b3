// Random sequences of everything that moves or holds money, over days of block time, against the simulation's plain model of it.
// Failing sequences shrink; fast-check prints the seed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as model from "../../../tests/simulation/ledger-auditor-money.ts";
import { type BalanceRecord, dayMs, type ReserveRecord, reserveMsMax } from "../../protocol/money.ts";
import { brokenByChanges } from "../invariant-check.ts";
import { person, registration, startMs, TestState } from "../test-city.ts";
import { hold, settle } from "./interface.ts";
import { money } from "./module.ts";

const people = ["ann", "bob", "eve"].map(person);
const stranger = "00".repeat(20);
const escrow = "energy:escrow";
const grant = 100_000_000n;

/** Small sums, sums around the whole balance, and sums around the limits below. */
const amount = fc.oneof(
  fc.bigInt({ min: 1n, max: 1_000n }),
  fc.bigInt({ min: grant / 3n, max: grant + 1n }),
  fc.bigInt({ min: 1n, max: grant }),
);
const limit = fc.option(fc.constantFrom("0", "900", "33000000", "60000000"), { nil: undefined });
const who = fc.nat(2);
const parties = fc.option(fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }), { nil: undefined });

const step = fc.oneof(
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 60_000, dayMs / 3, dayMs, 40 * dayMs) }),
  fc.record({ kind: fc.constant("transfer" as const), by: who, to: fc.nat(3), amount }),
  fc.record({
    kind: fc.constant("reserve" as const),
    by: who,
    to: fc.nat(3),
    amount,
    ms: fc.constantFrom(0, 1, 60_000, dayMs, reserveMsMax, reserveMsMax + 1),
    mayPost: parties,
    mayVoid: parties,
  }),
  fc.record({
    kind: fc.constant("post" as const),
    by: who,
    which: fc.nat(),
    part: fc.option(amount, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("void" as const), by: who, which: fc.nat() }),
  fc.record({ kind: fc.constant("set-limits" as const), by: who, perTransfer: limit, perDay: limit }),
  fc.record({ kind: fc.constant("cancel-raise" as const), by: who }),
  fc.record({ kind: fc.constant("hold" as const), by: who, amount }),
  fc.record({
    kind: fc.constant("settle" as const),
    which: fc.nat(),
    to: who,
    shares: fc.array(amount, { maxLength: 3 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

class Pair {
  readonly city = new TestState();
  readonly model = model.newMoney();
  /** Ids of reserves ever made, so that ended ones are tried again. */
  readonly #reserves: string[] = [];
  readonly #holds = new Map<string, Parameters<typeof settle>[1]>();
  #holdsMade = 0;

  constructor() {
    model.pay(this.model, "city:issuance", "city:treasury", 1_000_000_000_000n - 3n * grant);
    for (const [index, who] of people.entries()) {
      expect(this.city.run(registration(who, `Citizen ${index}`))).toBeNull();
      model.pay(this.model, "city:treasury", who.account, grant);
    }
  }

  take(next: Step): void {
    const { city } = this;
    const name = (index: number): string => people[index]?.account ?? stranger;
    switch (next.kind) {
      case "wait":
        city.begin(city.timeMs + next.ms);
        model.expire(this.model, city.timeMs);
        return;
      case "transfer":
        this.#send({
          type: "money/transfer",
          by: name(next.by),
          to: name(next.to),
          amount: next.amount.toString(),
        });
        return;
      case "reserve": {
        const { mayPost, mayVoid } = next;
        this.#send({
          type: "money/reserve",
          by: name(next.by),
          to: name(next.to),
          amount: next.amount.toString(),
          expiresMs: city.timeMs + next.ms,
          ...(mayPost === undefined ? {} : { mayPost: mayPost.map(name) }),
          ...(mayVoid === undefined ? {} : { mayVoid: mayVoid.map(name) }),
        });
        return;
      }
      case "post": {
        const part = next.part === undefined ? {} : { amount: next.part.toString() };
        this.#send({
          type: "money/post-reserved",
          by: name(next.by),
          reserve: this.#anyReserve(next.which),
          ...part,
        });
        return;
      }
      case "void":
        this.#send({ type: "money/void-reserved", by: name(next.by), reserve: this.#anyReserve(next.which) });
        return;
      case "set-limits": {
        const { perTransfer, perDay } = next;
        this.#send({
          type: "money/set-limits",
          by: name(next.by),
          ...(perTransfer === undefined ? {} : { perTransfer }),
          ...(perDay === undefined ? {} : { perDay }),
        });
        return;
      }
      case "cancel-raise":
        this.#send({ type: "money/cancel-raise", by: name(next.by) });
        return;
      case "hold": {
        const from = name(next.by);
        const held = hold(this.#execution(), from, escrow, next.amount);
        const id = `hold ${this.#holdsMade++}`;
        const terms = { from, to: escrow, amount: next.amount, terms: null };
        expect(held.ok ? "" : held.name).toBe(model.setAside(this.model, city.timeMs, id, terms));
        if (held.ok) this.#holds.set(id, held);
        return;
      }
      case "settle": {
        const ids = [...this.#holds.keys()];
        const id = ids[next.which % ids.length];
        if (id === undefined) return;
        const held = this.#holds.get(id)!;
        let left = held.amount;
        const payments = next.shares.flatMap((share) => {
          if (share > left) return [];
          left -= share;
          return [{ to: name(next.to), amount: share }];
        });
        settle(this.#execution(), held, payments);
        model.settle(this.model, id, payments);
        this.#holds.delete(id);
      }
    }
  }

  /** Everything that the state holds of money, against the model, and the module's invariants over all of it. */
  compare(): void {
    const { state } = this.city;
    const of = <T>(prefix: string, line: (record: T) => string): Map<string, string> =>
      new Map(state.list(prefix, 999).map((name) => [name.slice(prefix.length), line(state.get<T>(name)!)]));
    const balances = of<BalanceRecord>("money/balance/", (record) =>
      [record.creditsPosted, record.debitsPosted, record.creditsPending, record.debitsPending, record.reserves]
        .map((sum) => sum ?? 0)
        .join(" "),
    );
    for (const [account, line] of model.balancesOf(this.model))
      if (!account.startsWith("city:")) expect([account, balances.get(account)]).toEqual([account, line]);
    const open = of<ReserveRecord>("money/reserve/", ({ from, to, amount: sum, expiresMs }) =>
      [from, to, sum, expiresMs].join(" "),
    );
    expect(open).toEqual(model.reservesOf(this.model));
    expect(state.list("money/reserve-expiry/", 999).length).toBe(open.size);
    const all = state.list("money/", 9_999).map((name) => ({ name, before: null, after: state.get(name) }));
    expect(brokenByChanges([money], all)).toBeNull();
  }

  #execution(): Parameters<typeof settle>[0] {
    const { state, height, timeMs } = this.city;
    return { state, height, timeMs, timeMsLatest: timeMs, emit: () => undefined };
  }

  #anyReserve(which: number): string {
    return this.#reserves[which % this.#reserves.length] ?? `${"0".repeat(64)}.0`;
  }

  #send(message: model.MoneyMessage): void {
    const { city } = this;
    const refusal = city.run(message) ?? "";
    const id = refusal === "" && message.type === "money/reserve" ? city.events.at(-1)!.attributes["reserve"]! : "x";
    const exists = (account: string): boolean => people.some((citizen) => citizen.account === account);
    expect([message, refusal]).toEqual([message, model.act(this.model, city.timeMs, exists, message, id)]);
    if (id !== "x") this.#reserves.push(id);
  }
}

describe("money against a plain model", () => {
  it("MO-2, MO-4, MO-5, MO-6, MO-16, MO-20, MO-21, MO-23: any sequence has the model's verdicts and the model's balances", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pair = new Pair();
        expect(pair.city.timeMs).toBe(startMs);
        for (const next of steps) pair.take(next);
        pair.compare();
      }),
      { numRuns: 300 },
    );
  });
});
