// Invariants of the money module.

import { type BalanceRecord, moneyState, systemAccounts } from "../../protocol/money.ts";
import type { Invariant } from "../module.ts";

const balancePrefix = moneyState.balance("");
const issuance = moneyState.balance(systemAccounts.issuance);

const moneyIn = (name: string, record: unknown): bigint =>
  name.startsWith(balancePrefix) ? BigInt((record as BalanceRecord).money) : 0n;

export const invariants: readonly Invariant[] = [
  { rule: "MO-4: all money sums to zero", weigh: moneyIn },
  {
    rule: "MO-5: no balance but the issuance's is negative",
    holds: (name, record) => name === issuance || moneyIn(name, record) >= 0n,
  },
];
