// Entries of the accounts module beside those in ledger/protocol/accounts.ts.

import { accountsState, foldName } from "../../protocol/accounts.ts";
import { utf8 } from "../../protocol/bytes.ts";
import { stateNameBytesMax } from "../../state/versioned-state.ts";

/** State `accounts/params`, fixed at genesis. */
export interface AccountsParams {
  /** Micro-units that each new account receives from the treasury. */
  readonly welcomeGrant: string;
}

/** State `accounts/name/<folded name>`. */
export interface NameRecord {
  readonly account: string;
}

export const accountsParams = "accounts/params";

/** Whether the folded name fits into a state name: some letters fold into many (NFKC makes 18 of U+FDFA). */
export function foldedNameFits(name: string): boolean {
  return utf8(accountsState.name(name)).length <= stateNameBytesMax && foldName(name).length > 0;
}
