// Genesis of the accounts module: money is issued to the treasury, then the first accounts are made (AC-7).

import { accountsState, type BalanceRecord, systemAccounts } from "../../protocol/accounts.ts";
import type { AppState } from "../../protocol/genesis.ts";
import { accountIdOfKey } from "../../protocol/transaction.ts";
import type { Execution } from "../module.ts";
import { move } from "./interface.ts";
import { createAccount } from "./register.ts";
import { type AccountsParams, accountsParams } from "./state.ts";

/** @throws {Error} when genesis cannot be: a name twice, or a treasury too small for the first grants. */
export function writeGenesis(execution: Execution, appState: AppState): void {
  const { state } = execution;
  const params: AccountsParams = { welcomeGrant: BigInt(appState.welcomeGrant).toString() };
  state.set(accountsParams, params);
  for (const account of Object.values(systemAccounts)) {
    state.set(accountsState.balance(account), { money: "0" } satisfies BalanceRecord);
  }
  move(state, systemAccounts.issuance, systemAccounts.treasury, BigInt(appState.treasury));
  for (const { key, name, roles, money } of appState.accounts) {
    const account = accountIdOfKey(key);
    const refusal = createAccount(execution, account, key, name, roles);
    if (refusal !== null) throw new Error(`genesis account ${name}: ${refusal.name}`);
    if (money !== undefined) move(state, systemAccounts.treasury, account, BigInt(money));
  }
}
