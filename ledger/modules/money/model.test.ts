// Random sequences of everything that moves or holds money, over days of block time, against the module's auditor.
// Failing sequences shrink; fast-check prints the seed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LedgerAuditor } from "../../../tests/simulation/ledger-auditor.ts";
import { dayMs, moneyRefusals, moneyState, reserveMsMax } from "../../protocol/money.ts";
import type { Message } from "../../protocol/transaction.ts";
import { auditor as accountsAuditor } from "../accounts/auditor.ts";
import { brokenByChanges } from "../invariant-check.ts";
import { genesis, person, registration, startMs, TestState } from "../test-city.ts";
import { auditor, setAside, settle as settleInModel } from "./auditor.ts";
import { hold, reserveOf, settle } from "./interface.ts";
import { money } from "./module.ts";

const people = ["ann", "bob", "eve"].map(person);
const stranger = "00".repeat(20);
const escrow = "energy:escrow";
const grant = 100_000_000n;

/** Few sums, so that they meet the limits below and each other; now and then all that there is, or one unit more. */
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1n, 300n, 400n, 500n, 501n, 900n) },
  { weight: 1, arbitrary: fc.constantFrom(grant / 2n, grant - 900n, grant, grant + 1n) },
);
const limit = fc.constantFrom(undefined, undefined, "0", "500", "900", "1300");
const who = fc.nat(2);
const anyone = fc.oneof({ weight: 9, arbitrary: who }, { weight: 1, arbitrary: fc.constant(3) });
const parties = fc.oneof(
  fc.constant(undefined),
  fc.uniqueArray(who, { minLength: 1, maxLength: 2 }),
  fc.uniqueArray(anyone, { minLength: 1, maxLength: 3 }),
);
/** Whether the one who ends a reserve is chosen among those whom its terms name. */
const rightly = fc.integer({ min: 0, max: 3 }).map((roll) => roll > 0);
const kind = <Kind extends string>(name: Kind): { readonly kind: fc.Arbitrary<Kind> } => ({ kind: fc.constant(name) });

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ...kind("wait"), ms: fc.constantFrom(1, 60_000, dayMs / 3, dayMs / 2, dayMs) }) },
  { weight: 3, arbitrary: fc.record({ ...kind("transfer"), by: who, to: anyone, amount }) },
  {
    weight: 6,
    arbitrary: fc.record({
      ...kind("reserve"),
      by: who,
      to: anyone,
      amount,
      ms: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(60_000, dayMs, 3 * dayMs, reserveMsMax) },
        { weight: 1, arbitrary: fc.constantFrom(0, 1, reserveMsMax + 1) },
      ),
      mayPost: parties,
      mayVoid: parties,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      ...kind("post"),
      by: who,
      rightly,
      which: fc.nat(),
      part: fc.oneof(fc.constant(undefined), amount),
    }),
  },
  { weight: 4, arbitrary: fc.record({ ...kind("void"), by: who, rightly, which: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ ...kind("set-limits"), by: who, perTransfer: limit, perDay: limit }) },
  { weight: 1, arbitrary: fc.record({ ...kind("cancel-raise"), by: who }) },
  { weight: 2, arbitrary: fc.record({ ...kind("hold"), by: who, amount }) },
  {
    weight: 2,
    arbitrary: fc.record({ ...kind("settle"), which: fc.nat(), to: who, shares: fc.array(amount, { maxLength: 3 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** How often each verdict came: the sequences must not be refused all the time, nor applied. */
const verdicts = new Map<string, number>();

class Pair {
  readonly city = new TestState();
  readonly #auditor = new LedgerAuditor(genesis);
  /** Ids of reserves ever made, so that ended ones are tried again. */
  readonly #reserves: string[] = [];
  readonly #holds = new Map<string, Parameters<typeof settle>[1]>();
  #holdsMade = 0;

  constructor() {
    const { books } = this.#auditor;
    this.#auditor.begin(this.city.height, this.city.timeMs);
    for (const [index, who] of people.entries()) {
      const message = registration(who, `Citizen ${index}`);
      expect(this.city.run(message)).toBeNull();
      expect(books.run(() => accountsAuditor.judge(books, message, "x")).verdict).toBe("");
    }
    this.city.events.length = 0;
  }

  take(next: Step): void {
    const { city } = this;
    const name = (index: number): string => people[index]?.account ?? stranger;
    switch (next.kind) {
      case "wait":
        city.begin(city.timeMs + next.ms);
        expect(city.events.splice(0)).toEqual(this.#auditor.begin(city.height, city.timeMs));
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
          ...this.#ending(next),
          ...part,
        });
        return;
      }
      case "void":
        this.#send({ type: "money/void-reserved", ...this.#ending(next) });
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
        expect(held.ok ? "" : held.name).toBe(setAside(this.#auditor.books, id, terms));
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
        settleInModel(this.#auditor.books, id, payments);
        this.#holds.delete(id);
      }
    }
  }

  /** Everything that the state holds against the books, and the module's invariants over all of it. */
  compare(): void {
    const { state } = this.city;
    const entries = new Map(state.list("", 9_999).map((name) => [name, state.get<unknown>(name)]));
    expect(this.#auditor.differences(entries)).toEqual([]);
    const all = [...entries].map(([name, after]) => ({ name, before: null, after }));
    expect(brokenByChanges([money], all)).toBeNull();
  }

  #execution(): Parameters<typeof settle>[0] {
    const { state, height, timeMs } = this.city;
    return { state, height, timeMs, timeMsLatest: timeMs, emit: () => undefined };
  }

  /** Which reserve is ended by whom: mostly an open one, by one whom its terms name. */
  #ending({ by, rightly: right, which }: { by: number; rightly: boolean; which: number }): {
    readonly by: string;
    readonly reserve: string;
  } {
    const open = this.city.state
      .list(moneyState.reserve(""), 999)
      .map((name) => name.slice(moneyState.reserve("").length));
    const reserve = (open.length > 0 && right ? open : this.#reserves)[which % (right ? open : this.#reserves).length];
    if (reserve === undefined) return { by: people[by]!.account, reserve: `${"0".repeat(64)}.0` };
    const terms = right ? reserveOf(this.city.state, reserve) : null;
    const { to, mayPost = [to], mayVoid = [] } = terms ?? { to: "" };
    const named = terms === null ? people.map(({ account }) => account) : [to, ...mayPost, ...mayVoid];
    return { by: named[(which + by) % named.length]!, reserve };
  }

  #send(message: Message): void {
    const { city } = this;
    const { books } = this.#auditor;
    const refusal = city.run(message) ?? "";
    const id = message.type === "money/reserve" ? (city.events.at(-1)?.attributes["reserve"] ?? "x") : "x";
    const expected = books.run(() => auditor.judge(books, message, id));
    expect([message, refusal, city.events.splice(0)]).toEqual([message, expected.verdict, expected.events]);
    verdicts.set(refusal, (verdicts.get(refusal) ?? 0) + 1);
    if (id !== "x") this.#reserves.push(id);
  }
}

describe("money against a plain model", () => {
  it("MO-2, MO-4, MO-5, MO-6, MO-16, MO-20, MO-21, MO-23: any sequence has the model's verdicts and the model's balances", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const pair = new Pair();
        expect(pair.city.timeMs).toBe(startMs);
        for (const next of steps) pair.take(next);
        pair.compare();
      }),
      { numRuns: 500 },
    );
    for (const name of Object.keys(moneyRefusals))
      if (name !== "money_reserve_must_not_be_expired" && name !== "money_reserves_must_not_exceed_limit")
        expect([name, verdicts.get(name) ?? 0]).not.toEqual([name, 0]);
    expect(verdicts.get("")).toBeGreaterThan(1_000);
  });
});
