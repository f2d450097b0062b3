// Figures of days as bars: every day of the span has its place, also one without a block. Sums of any size keep their proportions.

import type { Day } from "../../core/ledger-api.ts";

export type DayFigure = "transactions" | "energy" | "money" | "accounts";

export interface DayBar {
  /** "2026-11-22", UTC. */
  readonly day: string;
  /** In the figure's own unit; decimal digits. */
  readonly value: bigint;
  /** The part that was refused; transactions only. */
  readonly refused: bigint;
  readonly blocks: number;
}

const dayMs = 86_400_000;

/** Bars from a first to a last day, both included; at most 366. */
export function barsOf(days: readonly Day[], figure: DayFigure, from: string, to: string): readonly DayBar[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const bars: DayBar[] = [];
  for (let time = Date.parse(from); time <= Date.parse(to) && bars.length < 366; time += dayMs) {
    const day = new Date(time).toISOString().slice(0, 10);
    const totals = known.get(day);
    bars.push({
      day,
      value: totals === undefined ? 0n : figureOf(totals, figure),
      refused: figure === "transactions" ? BigInt(totals?.refusedTransactions ?? 0) : 0n,
      blocks: totals?.blocks ?? 0,
    });
  }
  return bars;
}

function figureOf(day: Day, figure: DayFigure): bigint {
  if (figure === "transactions") return BigInt(day.transactions);
  if (figure === "accounts") return BigInt(day.accountsRegistered);
  return BigInt(figure === "energy" ? day.energyTradedWh : day.moneyMoved);
}

/** The share of a whole, 0 to 1, to a thousandth. */
export function share(value: bigint, of: bigint): number {
  return of <= 0n ? 0 : Number((value * 1000n) / of) / 1000;
}
