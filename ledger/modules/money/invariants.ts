// Invariants of the money module, each said per entry.

import { hex, utf8 } from "../../protocol/bytes.ts";
import {
  type BalanceRecord,
  moneyState,
  postedIn,
  type ReserveRecord,
  sumOf,
  systemAccounts,
} from "../../protocol/money.ts";
import type { Invariant } from "../module.ts";
import { partiesOf } from "./interface.ts";
import { expiryIn, expiryPrefix, reserveIn } from "./state.ts";

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

/**
 * A name as a number of its own. A sum weighed with it is zero only when it is zero for each name: one account's excess does not make
 * up for what another lacks, but by a coincidence of both with their names.
 */
function numberOf(name: string): bigint {
  return BigInt(`0x${hex(utf8(name))}`);
}

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
  {
    // Money whose expiry no index knew would be held for good.
    rule: "MO-15: every open reserve stands in the index of expiries at its time",
    weigh: (name, record) => {
      if (name.startsWith(reservePrefix))
        return BigInt((record as ReserveRecord).expiresMs) * numberOf(name.slice(reservePrefix.length));
      return name.startsWith(expiryPrefix) ? -BigInt(expiryIn(name)) * numberOf(reserveIn(name)) : 0n;
    },
  },
  {
    rule: "MO-16: each account counts its open reserves",
    weigh: (name, record) => {
      if (name.startsWith(reservePrefix)) return -numberOf((record as ReserveRecord).from);
      const reserves = balanceIn(name, record)?.reserves;
      return reserves === undefined ? 0n : BigInt(reserves) * numberOf(name.slice(balancePrefix.length));
    },
  },
  {
    rule: "MO-17: an open reserve, and no other, stands in the list of each of its parties",
    weigh: (name, record) => {
      if (name.startsWith(listPrefix)) return -numberOf(name.slice(listPrefix.length));
      if (!name.startsWith(reservePrefix)) return 0n;
      const id = name.slice(reservePrefix.length);
      return [...partiesOf(record as ReserveRecord)].reduce((sum, party) => sum + numberOf(`${party}/${id}`), 0n);
    },
  },
];
