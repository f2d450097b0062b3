// Invariants of the money module, each said per entry.

import {
  type BalanceRecord,
  moneyState,
  postedIn,
  type ReserveRecord,
  sumOf,
  systemAccounts,
} from "../../protocol/money.ts";
import { derived, numberOf } from "../derived-entries.ts";
import type { Invariant } from "../module.ts";
import { partiesOf } from "./interface.ts";
import { expiryPrefix } from "./state.ts";

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

const listPrefix = moneyState.reserveOf("", "").slice(0, -1);

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
    rule: "MO-16: what is pending for each citizen is what open reserves hold for that citizen",
    weigh: (name, record) => {
      if (name.startsWith(reservePrefix)) {
        const { to, amount } = record as ReserveRecord;
        return -BigInt(amount) * numberOf(to);
      }
      const pending = holdersOfModules.has(name) ? undefined : balanceIn(name, record)?.creditsPending;
      return pending === undefined ? 0n : BigInt(pending) * numberOf(name.slice(balancePrefix.length));
    },
  },
  // Money whose expiry no index knew would be held for good.
  derived<ReserveRecord, unknown>("MO-15: every open reserve stands in the index of expiries at its time", {
    from: reservePrefix,
    prefix: expiryPrefix,
    entriesOf: (id, { expiresMs }) => [moneyState.reserveExpiry(expiresMs, id).slice(expiryPrefix.length)],
  }),
  {
    rule: "MO-16: each account counts its open reserves",
    weigh: (name, record) => {
      if (name.startsWith(reservePrefix)) return -numberOf((record as ReserveRecord).from);
      const reserves = balanceIn(name, record)?.reserves;
      return reserves === undefined ? 0n : BigInt(reserves) * numberOf(name.slice(balancePrefix.length));
    },
  },
  derived<ReserveRecord, unknown>("MO-17: an open reserve, and no other, stands in the list of each of its parties", {
    from: reservePrefix,
    prefix: listPrefix,
    entriesOf: (id, record) => [...partiesOf(record)].map((party) => `${party}/${id}`),
  }),
];
