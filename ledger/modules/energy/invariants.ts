// Invariants of the energy module.

import {
  type EnergyBalanceRecord,
  energyState,
  type MeterLinkRecord,
  type OrderRecord,
  type SlotRecord,
} from "../../protocol/energy.ts";
import { type BalanceRecord, moneyState, sumOf, systemAccounts } from "../../protocol/money.ts";
import { derived, numberOf } from "../derived-entries.ts";
import type { Invariant } from "../module.ts";
import { type BookRecord, type MeterOfRecord, type OpenSlotsRecord, openSlots, slotPrefix } from "./state.ts";

const balancePrefix = energyState.balance("");
const orderPrefix = "energy/order/";
const escrow = moneyState.balance(systemAccounts.energyEscrow);

const meterPrefix = energyState.meter("");
const meterOfPrefix = energyState.meterOf("");
const bookPrefix = "energy/book/";

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
  derived<MeterLinkRecord, MeterOfRecord>("EN-1: a meter and its account are linked both ways", {
    from: meterPrefix,
    prefix: meterOfPrefix,
    entriesOf: (meter, { account }) => [`${account}/${meter}`],
    holding: ({ meter }) => `/${meter}`,
  }),
  {
    // An order that its book does not know could be crossed by its owner's own.
    rule: "EN-8: an account's books have as many open orders as the account",
    weigh: (name, record) => {
      if (name.startsWith(orderPrefix)) return numberOf((record as OrderRecord).by);
      if (!name.startsWith(bookPrefix)) return 0n;
      const { open } = record as BookRecord;
      return open.length === 0 ? 0n : -BigInt(open.length) * numberOf(name.slice(name.lastIndexOf("/") + 1));
    },
  },
  {
    // What a slot holds that nothing clears would be held for good.
    rule: "EN-10: the slots that wait to be cleared are those that are open",
    weigh: (name, record) => {
      if (name.startsWith(slotPrefix))
        return (record as SlotRecord).status === "open" ? numberOf(name.slice(slotPrefix.length)) : 0n;
      if (name !== openSlots) return 0n;
      return (record as OpenSlotsRecord).slots.reduce(
        (sum, slot) => sum - numberOf(energyState.slot(slot).slice(slotPrefix.length)),
        0n,
      );
    },
  },
];
