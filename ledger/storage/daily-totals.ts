// Daily totals, kept incrementally: each block adds its own to the day (UTC) of its time. Amounts are decimal strings.
// Kinds of messages, refusals and events are those that the modules declare, so a day's record stays small.

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
const summedForm = /^(amount|.*(Amount|Wh|Cm2))$/;
const amountForm = /^-?[0-9]{1,40}$/;

/** The UTC day of a time in UNIX milliseconds. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** The day's totals with the block; `before` is null at the day's first block. */
export function addToTotals(before: DailyTotals | null, block: BlockFacts): DailyTotals {
  const refusals: Record<string, number> = { ...before?.refusals };
  const messages: Record<string, number> = { ...before?.messages };
  const modules: Record<string, ModuleTotals> = { ...before?.modules };
  const events: Record<string, number> = { ...before?.events };
  const sums: Record<string, string> = { ...before?.sums };
  const addToModule = (name: string, what: keyof ModuleTotals): void => {
    const totals = modules[name] ?? { messages: 0, refusedMessages: 0, events: 0 };
    modules[name] = { ...totals, [what]: totals[what] + 1 };
  };
  for (const { code, refusal, messages: types } of block.transactions) {
    if (code !== 0) count(refusals, refusal);
    for (const type of types) {
      if (code === 0) count(messages, type);
      addToModule(moduleOf(type), code === 0 ? "messages" : "refusedMessages");
    }
  }
  for (const { type, attributes } of [...block.events, ...block.transactions.flatMap((each) => each.events)]) {
    count(events, type);
    addToModule(moduleOf(type), "events");
    for (const [name, value] of Object.entries(attributes))
      if (summedForm.test(name) && amountForm.test(value)) addTo(sums, `${type}.${name}`, value);
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
    refusals,
    messages,
    modules,
    events,
    sums,
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

function count(counts: Record<string, number>, name: string): void {
  const known = name in counts || Object.keys(counts).length < namesMax;
  counts[known ? name : otherName] = (counts[known ? name : otherName] ?? 0) + 1;
}

function addTo(sums: Record<string, string>, name: string, value: string): void {
  sums[name] = (BigInt(sums[name] ?? 0) + BigInt(value)).toString();
}
