// What other modules may use of accounts: who exists, with which role, and double-entry postings of money.

import {
  type AccountRecord,
  accountsState,
  type BalanceRecord,
  type Role,
  systemAccounts,
} from "../../protocol/accounts.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";

/** An account's record; null when there is none. */
export function accountOf(state: StateReader, account: string): AccountRecord | null {
  return state.get<AccountRecord>(accountsState.account(account));
}

export function hasRole(state: StateReader, account: string, role: Role): boolean {
  return accountOf(state, account)?.roles.includes(role) ?? false;
}

/** Micro-units that an account, a citizen's or the system's, holds. */
export function moneyOf(state: StateReader, account: string): bigint {
  return BigInt(state.get<BalanceRecord>(accountsState.balance(account))?.money ?? "0");
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
    state.set(accountsState.balance(account), record);
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
