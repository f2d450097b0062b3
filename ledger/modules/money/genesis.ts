// Genesis of the money module: all money there is, issued to the treasury (MO-3).

import type { AppState } from "../../protocol/genesis.ts";
import { type BalanceRecord, moneyState, systemAccounts } from "../../protocol/money.ts";
import type { Execution } from "../module.ts";
import { move } from "./interface.ts";

export function writeGenesis(execution: Execution, appState: AppState): void {
  const { state } = execution;
  for (const account of Object.values(systemAccounts)) {
    state.set(moneyState.balance(account), {} satisfies BalanceRecord);
  }
  move(state, systemAccounts.issuance, systemAccounts.treasury, BigInt(appState.treasury));
}
