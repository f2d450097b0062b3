// What time ends, before a block's transactions: expired session keys and roles leave, guardians' waiting changes come into force,
// stale proposals go (AC-13, AC-22). At most `sweptPerBlockMax` accounts a block each; nothing relies on when it happens.

import type { AccountRecord } from "../../protocol/accounts.ts";
import type { Execution } from "../module.ts";
import { keyExpired, roleExpired } from "./events.ts";
import { guardiansAt, writeGuardians } from "./guardian-record.ts";
import { accountOf } from "./interface.ts";
import { grantHolds, keyHolds, nextExpiryOf, writeAccount } from "./record.ts";
import { accountExpiryPrefix, dueIn, guardiansDuePrefix } from "./state.ts";

export function sweep(execution: Execution): void {
  const { state, timeMs } = execution;
  for (const account of dueIn(state, accountExpiryPrefix, timeMs)) sweptAccount(execution, account);
  for (const account of dueIn(state, guardiansDuePrefix, timeMs))
    writeGuardians(state, account, guardiansAt(state, account, timeMs));
}

/**
 * An account's record without what is over, which leaves the state with its events if it is still there; null when there is no
 * such account. Whoever changes keys or roles begins so, because when the sweep comes must not matter.
 */
export function sweptAccount(execution: Execution, account: string): AccountRecord | null {
  const { state, timeMs } = execution;
  const before = accountOf(state, account);
  const endMs = before === null ? null : nextExpiryOf(before);
  if (before === null || endMs === null || endMs > timeMs) return before;
  const after: AccountRecord = {
    ...before,
    keys: before.keys.filter((key) => keyHolds(key, timeMs)),
    roles: before.roles.filter((grant) => grantHolds(grant, timeMs)),
  };
  writeAccount(state, account, before, after);
  for (const { key } of before.keys.filter((known) => !after.keys.includes(known)))
    keyExpired.emit(execution, { account, key });
  for (const { role, scope } of before.roles.filter((grant) => !after.roles.includes(grant)))
    roleExpired.emit(execution, { account, role, ...(scope === undefined ? {} : { scope }) });
  return after;
}
