// Invariants of the accounts module.

import { accountsState, type BalanceRecord, systemAccounts } from "../../protocol/accounts.ts";
import type { Invariant } from "../module.ts";

const balancePrefix = accountsState.balance("");
const issuance = accountsState.balance(systemAccounts.issuance);

const moneyIn = (name: string, record: unknown): bigint =>
  name.startsWith(balancePrefix) ? BigInt((record as BalanceRecord).money) : 0n;

export const invariants: readonly Invariant[] = [
  { rule: "AC-8: all money sums to zero", weigh: moneyIn },
  {
    rule: "AC-9: no balance but the issuance's is negative",
    holds: (name, record) => name === issuance || moneyIn(name, record) >= 0n,
  },
];
