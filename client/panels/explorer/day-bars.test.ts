// Bars of days: a place for every day, and proportions that hold for sums beyond what numbers can say.

import { expect, test } from "vitest";
import type { Day } from "../../core/ledger-api.ts";
import { barsOf, share } from "./day-bars.ts";

const day = (name: string, more: Partial<Day>): Day => ({
  day: name,
  firstHeight: 1,
  lastHeight: 2,
  blocks: 2,
  transactions: 0,
  refusedTransactions: 0,
  accountsRegistered: 0,
  moneyMoved: "0",
  energyTradedWh: "0",
  ...more,
});

test("days without a block have their place, over the end of a month", () => {
  const days = [day("2026-02-27", { transactions: 5, refusedTransactions: 2 }), day("2026-03-01", { transactions: 1 })];
  expect(barsOf(days, "transactions", "2026-02-27", "2026-03-02")).toEqual([
    { day: "2026-02-27", value: 5n, refused: 2n, blocks: 2 },
    { day: "2026-02-28", value: 0n, refused: 0n, blocks: 0 },
    { day: "2026-03-01", value: 1n, refused: 0n, blocks: 2 },
    { day: "2026-03-02", value: 0n, refused: 0n, blocks: 0 },
  ]);
});

test("each figure, in its own unit", () => {
  const days = [day("2026-01-01", { accountsRegistered: 3, moneyMoved: "12", energyTradedWh: "34", transactions: 9 })];
  const only = (figure: "transactions" | "energy" | "money" | "accounts"): bigint =>
    barsOf(days, figure, "2026-01-01", "2026-01-01")[0]!.value;
  expect([only("transactions"), only("energy"), only("money"), only("accounts")]).toEqual([9n, 34n, 12n, 3n]);
});

test("shares of sums of any size", () => {
  expect(share(10n ** 30n, 4n * 10n ** 30n)).toBe(0.25);
  expect(share(0n, 0n)).toBe(0);
  expect(share(7n, 7n)).toBe(1);
});

test("no more than 366 bars", () => {
  expect(barsOf([], "money", "2000-01-01", "2026-01-01")).toHaveLength(366);
});
