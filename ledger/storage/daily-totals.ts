// Daily totals, kept incrementally: each block adds its own to the day (UTC) of its time. Amounts are decimal strings.
// Names are those that the software declares, at most 1,000 of a kind on one day, so a day's record stays small whatever stands in blocks.

import { messageSchema } from "../protocol/transaction.ts";
import type { BlockFacts } from "./block-facts.ts";
import { moduleOf } from "./place-index.ts";

/** How often something was there. */
export type Counts = Readonly<Record<string, number>>;

export interface ModuleTotals {
  /** Messages of transactions that were applied. */
  readonly messages: number;
  /** Messages of transactions that were refused. */
  readonly refusedMessages: number;
  readonly events: number;
}

export interface DailyTotals {
  /** "2026-11-22", UTC, by block time. */
  readonly day: string;
  readonly firstHeight: number;
  readonly lastHeight: number;
  readonly blocks: number;
  /** All in blocks, refused ones included. */
  readonly transactions: number;
  readonly transactionBytes: number;
  readonly refusedTransactions: number;
  /** Refused transactions by the refusal's name. */
  readonly refusals: Counts;
  /** Applied messages by type. */
  readonly messages: Counts;
  readonly modules: Readonly<Record<string, ModuleTotals>>;
  /** Events by type. */
  readonly events: Counts;
  /** Sums of what events call `amount`, `…Amount` (micro-units), `…Wh` or `…Cm2`, by "<type>.<attribute>". */
  readonly sums: Readonly<Record<string, string>>;
  readonly accountsRegistered: number;
  /** Micro-units that moved between accounts by transfers and trades. */
  readonly moneyMoved: string;
  readonly energyTradedWh: string;
}

type StoredTotals = Omit<DailyTotals, "accountsRegistered" | "moneyMoved" | "energyTradedWh">;

/** Event attributes that are money moving from account to account. */
const moneyMovedBy = ["money/transferred.amount", "money/posted.amount", "energy/trade.amount"];
/** Names counted apart on one day; far more than all modules declare. The rest is counted as one. */
const namesMax = 1_000;
const otherName = "other";
/** A refused message was perhaps never looked at, so its type is whatever somebody wrote. Of an applied one the type is known. */
const declaredTypes: ReadonlySet<unknown> = new Set(messageSchema.options.map(({ shape }) => shape.type.value));
const summedForm = /^(amount|.*(Amount|Wh|Cm2))$/;
const amountForm = /^-?[0-9]{1,40}$/;

/** The UTC day of a time in UNIX milliseconds. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** The day's totals with the block; `before` is null at the day's first block. */
export function addToTotals(before: DailyTotals | null, block: BlockFacts): DailyTotals {
  const refusals = new Names(before?.refusals);
  const messages = new Names(before?.messages);
  const modules = new Names(before?.modules);
  const events = new Names(before?.events);
  const sums = new Names(before?.sums);
  const addToModule = (name: string, what: keyof ModuleTotals): void =>
    modules.change(name, noMessages, (totals) => ({ ...totals, [what]: totals[what] + 1 }));
  for (const { code, refusal, messages: types } of block.transactions) {
    if (code !== 0) refusals.change(refusal, 0, increment);
    for (const type of types) {
      if (code === 0) messages.change(type, 0, increment);
      const known = code === 0 || declaredTypes.has(type);
      addToModule(known ? moduleOf(type) : otherName, code === 0 ? "messages" : "refusedMessages");
    }
  }
  for (const { type, attributes } of [...block.events, ...block.transactions.flatMap((each) => each.events)]) {
    events.change(type, 0, increment);
    addToModule(moduleOf(type), "events");
    for (const [name, value] of Object.entries(attributes))
      if (summedForm.test(name) && amountForm.test(value))
        sums.change(`${type}.${name}`, "0", (sum) => (BigInt(sum) + BigInt(value)).toString());
  }
  return withNamed({
    day: dayOf(block.timeMs),
    firstHeight: before?.firstHeight ?? block.height,
    lastHeight: block.height,
    blocks: (before?.blocks ?? 0) + 1,
    transactions: (before?.transactions ?? 0) + block.transactions.length,
    transactionBytes: block.transactions.reduce((sum, { bytes }) => sum + bytes, before?.transactionBytes ?? 0),
    refusedTransactions:
      (before?.refusedTransactions ?? 0) + block.transactions.filter(({ code }) => code !== 0).length,
    refusals: refusals.record(),
    messages: messages.record(),
    modules: modules.record(),
    events: events.record(),
    sums: sums.record(),
  });
}

/** As stored: without what the sums and counts say already. */
export function storedTotalsOf(totals: DailyTotals): StoredTotals {
  const { accountsRegistered: _a, moneyMoved: _m, energyTradedWh: _e, ...stored } = totals;
  return stored;
}

export function withNamed(stored: StoredTotals): DailyTotals {
  const moved = moneyMovedBy.reduce((sum, key) => sum + BigInt(stored.sums[key] ?? 0), 0n);
  return {
    ...stored,
    accountsRegistered: stored.events["accounts/registered"] ?? 0,
    moneyMoved: moved.toString(),
    energyTradedWh: stored.sums["energy/trade.energyWh"] ?? "0",
  };
}

const noMessages: ModuleTotals = { messages: 0, refusedMessages: 0, events: 0 };
const increment = (count: number): number => count + 1;

/** Values by name; names such as "constructor" are like others. Past the bound what has a new name is added to "other". */
class Names<Value> {
  readonly #values: Map<string, Value>;

  constructor(before: Readonly<Record<string, Value>> | undefined) {
    this.#values = new Map(Object.entries(before ?? {}));
  }

  change(name: string, first: Value, change: (value: Value) => Value): void {
    const known = this.#values.has(name) || this.#values.size < namesMax;
    const counted = known ? name : otherName;
    this.#values.set(counted, change(this.#values.get(counted) ?? first));
  }

  /** Sorted as the names came. Defines its properties, where assigning "__proto__" would not. */
  record(): Readonly<Record<string, Value>> {
    return Object.fromEntries(this.#values);
  }
}
