// accounts/revoke-role: the city takes a grant back (AC-14), but never the last one of the city's own role (AC-16).

import type { z } from "zod";
import { accountsState, type revokeRoleSchema } from "../../protocol/accounts.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { roleRevoked } from "./events.ts";
import { hasRole } from "./interface.ts";
import { writeAccount } from "./record.ts";
import { sweptAccount } from "./sweep.ts";

export function revokeRole(execution: MessageExecution, message: z.infer<typeof revokeRoleSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, account, role, scope } = message;
  if (!hasRole(state, by, "city", { timeMs })) return refuse("accounts_role_must_be_city", { account: by });
  const before = sweptAccount(execution, account);
  if (before === null) return refuse("accounts_account_must_exist", { account });
  const roles = before.roles.filter((grant) => !(grant.role === role && grant.scope === scope));
  if (roles.length === before.roles.length) return refuse("accounts_role_must_exist", { account, role });
  if (role === "city" && state.list(accountsState.roleHolder("city", ""), 2).length < 2)
    return refuse("accounts_last_city_role_must_stay");
  writeAccount(state, account, before, { ...before, roles });
  roleRevoked.emit(execution, { account, role, by, ...(scope === undefined ? {} : { scope }) });
  return null;
}
