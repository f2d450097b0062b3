// Genesis of the accounts module: the first accounts, paid from the treasury that the money module has filled (AC-5).

import type { AppState } from "../../protocol/genesis.ts";
import { keyRecordOf } from "../../protocol/keys.ts";
import { systemAccounts } from "../../protocol/money.ts";
import { accountIdOfKey } from "../../protocol/transaction.ts";
import type { Execution } from "../module.ts";
import { move } from "../money/interface.ts";
import { createAccount } from "./register.ts";
import { type AccountsParams, accountsParams } from "./state.ts";

const dayMs = 86_400_000;

/** @throws {Error} when genesis cannot be: a name twice, or a treasury too small for the first grants and what they come with. */
export function writeGenesis(execution: Execution, appState: AppState): void {
  const { state } = execution;
  const { guardianDelayMsMin = dayMs, proposalMs = 7 * dayMs } = appState.recovery ?? {};
  const params: AccountsParams = {
    welcomeGrant: BigInt(appState.welcomeGrant).toString(),
    guardianDelayMsMin,
    proposalMs,
  };
  state.set(accountsParams, params);
  for (const { key, name, roles, money } of appState.accounts) {
    const account = accountIdOfKey(key);
    const grants = roles.map((role) => ({ role }));
    const refusal = createAccount(execution, account, keyRecordOf(key, undefined), name, grants);
    if (refusal !== null) throw new Error(`genesis account ${name}: ${refusal.name}`);
    if (money !== undefined && !move(state, systemAccounts.treasury, account, BigInt(money)))
      throw new Error(`genesis account ${name}: the treasury has less than ${money}`);
  }
}
