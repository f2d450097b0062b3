// Invariants of the energy module.

import { type EnergyBalanceRecord, energyState, type OrderRecord } from "../../protocol/energy.ts";
import { type BalanceRecord, moneyState, sumOf, systemAccounts } from "../../protocol/money.ts";
import type { Invariant } from "../module.ts";

const balancePrefix = energyState.balance("");
const orderPrefix = "energy/order/";
const escrow = moneyState.balance(systemAccounts.energyEscrow);

export const invariants: readonly Invariant[] = [
  {
    rule: "EN-18: all energy bought and sold sums to zero",
    weigh: (name, record) => (name.startsWith(balancePrefix) ? BigInt((record as EnergyBalanceRecord).energyWh) : 0n),
  },
  {
    rule: "EN-19: what is pending in escrow is what open bids hold",
    weigh: (name, record) => {
      if (name === escrow) return sumOf((record as BalanceRecord).creditsPending);
      return name.startsWith(orderPrefix) ? -BigInt((record as OrderRecord).held ?? "0") : 0n;
    },
  },
];
