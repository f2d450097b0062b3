// accounts/register: creates the account of a key and pays the welcome grant (AC-1 to AC-4).

import type { z } from "zod";
import { type AccountRecord, accountsState, type RoleGrant, type registerSchema } from "../../protocol/accounts.ts";
import { type KeyRecord, keyRecordOf } from "../../protocol/keys.ts";
import { systemAccounts } from "../../protocol/money.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { isSoundKey } from "../../protocol/sound-key.ts";
import { accountIdOfKey } from "../../protocol/transaction.ts";
import type { Execution, MessageExecution } from "../module.ts";
import { move } from "../money/interface.ts";
import { registered } from "./events.ts";
import { accountOf } from "./interface.ts";
import { writeAccount } from "./record.ts";
import { foldedNameFits, type NameRecord, paramsOf } from "./state.ts";

export function register(execution: MessageExecution, message: z.infer<typeof registerSchema>): Refusal | null {
  return createAccount(execution, message.by, keyRecordOf(message.key, message.rpId), message.name, []);
}

/** Creates an account: for a citizen, or at genesis. */
export function createAccount(
  execution: Execution,
  account: string,
  key: KeyRecord,
  name: string,
  roles: readonly RoleGrant[],
): Refusal | null {
  const { state } = execution;
  if (accountIdOfKey(key.key) !== account) return refuse("accounts_id_must_match_key", { account });
  if (accountOf(state, account) !== null) return refuse("accounts_account_must_not_exist", { account });
  if (!foldedNameFits(name)) return refuse("accounts_name_must_not_be_too_long", { name });
  if (state.get<NameRecord>(accountsState.name(name)) !== null) return refuse("accounts_name_must_be_free", { name });
  if (!isSoundKey(key.key)) return refuse("accounts_key_must_be_sound", { key: key.key });
  const grant = BigInt(paramsOf(state).welcomeGrant);
  if (!move(state, systemAccounts.treasury, account, grant)) return refuse("accounts_treasury_must_suffice");
  const record: AccountRecord = { name, keys: [key], roles, registered: execution.height };
  writeAccount(state, account, null, record);
  state.set(accountsState.name(name), { account } satisfies NameRecord);
  registered.emit(execution, { account, name });
  return null;
}
