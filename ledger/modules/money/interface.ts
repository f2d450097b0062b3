// What other modules may use of money: balances and double-entry postings.

import { type BalanceRecord, moneyState, systemAccounts } from "../../protocol/money.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";

/** Micro-units that an account, a citizen's or the system's, holds. */
export function moneyOf(state: StateReader, account: string): bigint {
  return BigInt(state.get<BalanceRecord>(moneyState.balance(account))?.money ?? "0");
}

/** One side of a posting: positive amounts come in, negative ones go out. */
export interface Posting {
  readonly account: string;
  readonly amount: bigint;
}

/**
 * Posts money: all entries or none. False when a balance other than the issuance's would fall below zero.
 * @throws {Error} when the entries do not sum to zero: a bug of the caller.
 */
export function post(state: StateWriter, postings: readonly Posting[]): boolean {
  const balances = new Map<string, bigint>();
  let sum = 0n;
  for (const { account, amount } of postings) {
    sum += amount;
    balances.set(account, (balances.get(account) ?? moneyOf(state, account)) + amount);
  }
  if (sum !== 0n) throw new Error(`postings sum to ${sum}, not to zero`);
  for (const [account, money] of balances) {
    if (money < 0n && account !== systemAccounts.issuance) return false;
  }
  for (const [account, money] of balances) {
    const record: BalanceRecord = { money: money.toString() };
    state.set(moneyState.balance(account), record);
  }
  return true;
}

/** Moves money from one account to another. False when the first has too little. */
export function move(state: StateWriter, from: string, to: string, amount: bigint): boolean {
  return post(state, [
    { account: from, amount: -amount },
    { account: to, amount },
  ]);
}
