// What other modules may use of accounts: who exists, with which role; and what admission needs of session keys.

import { type AccountRecord, accountsState, type Role } from "../../protocol/accounts.ts";
import type { StateReader, StateWriter } from "../../state/overlay.ts";
import { grantHolds, writeAccount } from "./record.ts";

/** An account's record; null when there is none. */
export function accountOf(state: StateReader, account: string): AccountRecord | null {
  return state.get<AccountRecord>(accountsState.account(account));
}

/** What a role is asked for: at a block time, for a part of the city when `scope` says which. */
export interface RoleQuestion {
  readonly timeMs: number;
  readonly scope?: string;
}

/**
 * Whether an account has a role now. A grant without scope holds everywhere; one with a scope holds for it and all below it, and
 * not for a question without scope. Reads one entry.
 */
export function hasRole(state: StateReader, account: string, role: Role, { timeMs, scope }: RoleQuestion): boolean {
  const grants = accountOf(state, account)?.roles ?? [];
  return grants.some((grant) => {
    if (grant.role !== role || !grantHolds(grant, timeMs)) return false;
    return grant.scope === undefined || scope === grant.scope || scope?.startsWith(`${grant.scope}/`) === true;
  });
}

/** Whether an account has any role now, for any part of the city. */
export function isService(account: AccountRecord | null, timeMs: number): boolean {
  return account?.roles.some((grant) => grantHolds(grant, timeMs)) ?? false;
}

/** What a session key may still lower its account's money by; null for keys without such a limit. */
export function moneyLeftTo(state: StateReader, account: string, key: string): bigint | null {
  const scope = accountOf(state, account)?.keys.find((known) => known.key === key)?.scope;
  return scope?.moneyMax === undefined ? null : BigInt(scope.moneyMax) - BigInt(scope.moneySpent ?? "0");
}

/** Counts what a transaction of a session key has lowered its account's money by. Nothing when the key is gone since. */
export function countKeyMoney(state: StateWriter, account: string, key: string, amount: bigint): void {
  const before = accountOf(state, account);
  if (before === null) return;
  const keys = before.keys.map((known) => {
    if (known.key !== key || known.scope?.moneyMax === undefined) return known;
    const spent = BigInt(known.scope.moneySpent ?? "0") + amount;
    return { ...known, scope: { ...known.scope, moneySpent: spent.toString() } };
  });
  writeAccount(state, account, before, { ...before, keys });
}
