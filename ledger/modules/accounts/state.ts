// Entries of the accounts module beside those in ledger/protocol/accounts.ts.

import { accountsState, foldName } from "../../protocol/accounts.ts";
import { utf8 } from "../../protocol/bytes.ts";
import type { StateReader } from "../../state/overlay.ts";
import { stateNameBytesMax } from "../../state/versioned-state.ts";

/** State `accounts/params`, fixed at genesis. */
export interface AccountsParams {
  /** Micro-units that each new account receives from the treasury. */
  readonly welcomeGrant: string;
  /** The shortest delay that guardians may have. */
  readonly guardianDelayMsMin: number;
  /** How long a proposed recovery waits for approvals, and an approved one for its completion. */
  readonly proposalMs: number;
}

/** State `accounts/name/<folded name>`. */
export interface NameRecord {
  readonly account: string;
}

export const accountsParams = "accounts/params";

export function paramsOf(state: StateReader): AccountsParams {
  return state.get<AccountsParams>(accountsParams)!;
}

/** Accounts of which expired keys and roles, and as many of which guardians' times, are seen to in one block. */
export const sweptPerBlockMax = 100;

/** State `accounts/expiry/<time, 16 digits>/<account>` `{}`: when something of the account's record is next over. */
export const accountExpiryPrefix = "accounts/expiry/";
export const accountExpiry = (timeMs: number, account: string): string =>
  `${accountExpiryPrefix}${timeText(timeMs)}/${account}`;
/** State `accounts/guardians-due/<time, 16 digits>/<account>` `{}`: when the account's guardians must next be looked at. */
export const guardiansDuePrefix = "accounts/guardians-due/";
export const guardiansDue = (timeMs: number, account: string): string =>
  `${guardiansDuePrefix}${timeText(timeMs)}/${account}`;

/** Names of a queue sort by time; the account stands after it. */
export const timeText = (timeMs: number): string => String(timeMs).padStart(16, "0");

/** Accounts whose time in a queue has come, the earliest first, at most `sweptPerBlockMax`. */
export function dueIn(state: StateReader, prefix: string, timeMs: number): readonly string[] {
  const due: string[] = [];
  for (const name of state.list(prefix, sweptPerBlockMax)) {
    const [time, account] = name.slice(prefix.length).split("/") as [string, string];
    if (Number(time) > timeMs) break;
    due.push(account);
  }
  return due;
}

/** Whether the folded name fits into a state name: some letters fold into many (NFKC makes 18 of U+FDFA). */
export function foldedNameFits(name: string): boolean {
  return utf8(accountsState.name(name)).length <= stateNameBytesMax && foldName(name).length > 0;
}
