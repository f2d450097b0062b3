// What other modules may use of accounts: who exists, with which role.

import { type AccountRecord, accountsState, type Role } from "../../protocol/accounts.ts";
import type { StateReader } from "../../state/overlay.ts";

/** An account's record; null when there is none. */
export function accountOf(state: StateReader, account: string): AccountRecord | null {
  return state.get<AccountRecord>(accountsState.account(account));
}

export function hasRole(state: StateReader, account: string, role: Role): boolean {
  return accountOf(state, account)?.roles.includes(role) ?? false;
}
