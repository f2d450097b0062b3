// Random operations of the money module, some of them wrong on purpose.

import { systemAccounts } from "../../protocol/money.ts";
import type { Operation } from "../module.ts";
import { moneyOf } from "./interface.ts";

const transfer: Operation = ({ random, state, citizens }) => {
  const by = citizens[random(citizens.length)]!;
  const to = random(20) === 0 ? "00".repeat(20) : citizens[random(citizens.length)]!;
  const money = moneyOf(state, by);
  // Mostly small sums, now and then all of it or one unit too many.
  const amount = random(5) === 0 ? money + BigInt(random(2)) : BigInt(1 + random(1_000_000));
  if (amount <= 0n || moneyOf(state, systemAccounts.treasury) < 0n) return null;
  return { type: "money/transfer", by, to, amount: amount.toString() };
};

export const workload: readonly Operation[] = [transfer];
