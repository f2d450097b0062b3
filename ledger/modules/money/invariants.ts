// Invariants of the money module, each said per entry.

import {
  type BalanceRecord,
  moneyState,
  postedIn,
  type ReserveRecord,
  sumOf,
  systemAccounts,
} from "../../protocol/money.ts";
import type { Invariant } from "../module.ts";
import { expiryIn, expiryPrefix } from "./state.ts";

const balancePrefix = moneyState.balance("");
const reservePrefix = moneyState.reserve("");
const issuance = moneyState.balance(systemAccounts.issuance);
/** Their pending credits are kept by the module that owns them, not by reserves. */
const holdersOfModules: ReadonlySet<string> = new Set([moneyState.balance(systemAccounts.energyEscrow)]);
/** Digits of any of a balance's sums. */
const sumDigitsMax = 36;

const balanceIn = (name: string, record: unknown): BalanceRecord | null =>
  name.startsWith(balancePrefix) ? (record as BalanceRecord) : null;

const sumsIn = ({ creditsPosted, debitsPosted, creditsPending, debitsPending }: BalanceRecord): string[] =>
  [creditsPosted, debitsPosted, creditsPending, debitsPending].filter((sum) => sum !== undefined);

export const invariants: readonly Invariant[] = [
  { rule: "MO-4: all posted money sums to zero", weigh: (name, record) => postedIn(balanceIn(name, record)) },
  {
    rule: "MO-4: all pending money sums to zero",
    weigh: (name, record) => {
      const balance = balanceIn(name, record);
      return sumOf(balance?.creditsPending) - sumOf(balance?.debitsPending);
    },
  },
  {
    rule: "MO-5: nobody but the issuance has given or set aside more than was received, and sums stay within 36 digits",
    holds: (name, record) => {
      const balance = balanceIn(name, record);
      if (balance === null) return true;
      if (sumsIn(balance).some((sum) => !/^[1-9][0-9]*$/.test(sum) || sum.length > sumDigitsMax)) return false;
      return name === issuance || postedIn(balance) >= sumOf(balance.debitsPending);
    },
  },
  {
    rule: "MO-16: what is pending for citizens is what their open reserves hold",
    weigh: (name, record) => {
      if (name.startsWith(reservePrefix)) return -BigInt((record as ReserveRecord).amount);
      return holdersOfModules.has(name) ? 0n : sumOf(balanceIn(name, record)?.creditsPending);
    },
  },
  {
    // Money whose expiry no index knew would be held for good.
    rule: "MO-15: every open reserve stands in the index of expiries at its time",
    weigh: (name, record) => {
      if (name.startsWith(reservePrefix)) return BigInt((record as ReserveRecord).expiresMs);
      return name.startsWith(expiryPrefix) ? -BigInt(expiryIn(name)) : 0n;
    },
  },
  {
    rule: "MO-16: accounts count their open reserves",
    weigh: (name, record) => BigInt(name.startsWith(reservePrefix) ? -1 : (balanceIn(name, record)?.reserves ?? 0)),
  },
];
