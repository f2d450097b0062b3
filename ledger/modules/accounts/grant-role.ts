// accounts/grant-role: the city lets an account do more than a citizen may (AC-14 to AC-16).

import type { z } from "zod";
import { type grantRoleSchema, type RoleGrant, roleGrantsMax } from "../../protocol/accounts.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { roleGranted } from "./events.ts";
import { hasRole } from "./interface.ts";
import { writeAccount } from "./record.ts";
import { sweptAccount } from "./sweep.ts";

export function grantRole(execution: MessageExecution, message: z.infer<typeof grantRoleSchema>): Refusal | null {
  const { state, timeMs } = execution;
  const { by, account, role, scope, untilMs } = message;
  if (!hasRole(state, by, "city", { timeMs })) return refuse("accounts_role_must_be_city", { account: by });
  const before = sweptAccount(execution, account);
  if (before === null) return refuse("accounts_account_must_exist", { account });
  // The city must not come to an end because a time passes.
  if (role === "city" && (scope !== undefined || untilMs !== undefined))
    return refuse("accounts_city_role_must_be_lasting");
  if (untilMs !== undefined && untilMs <= timeMs) return refuse("accounts_until_must_be_ahead", { untilMs, timeMs });
  const others = before.roles.filter((grant) => !(grant.role === role && grant.scope === scope));
  if (others.length >= roleGrantsMax) return refuse("accounts_roles_must_not_exceed_limit", { limit: roleGrantsMax });
  const grant: RoleGrant = {
    role,
    ...(scope === undefined ? {} : { scope }),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
  writeAccount(state, account, before, { ...before, roles: [...others, grant] });
  roleGranted.emit(execution, {
    account,
    role,
    by,
    ...(scope === undefined ? {} : { scope }),
    ...(untilMs === undefined ? {} : { untilMs: untilMs.toString() }),
  });
  return null;
}
