// Messages of the accounts module.

import {
  addKeySchema,
  grantRoleSchema,
  registerSchema,
  removeKeySchema,
  replaceKeySchema,
  revokeRoleSchema,
} from "../../protocol/accounts.ts";
import {
  approveRecoverySchema,
  completeRecoverySchema,
  proposeRecoverySchema,
  setGuardiansSchema,
  vetoRecoverySchema,
} from "../../protocol/guardians.ts";
import { bind, type MessageBinding } from "../module.ts";
import { addKey } from "./add-key.ts";
import { completeRecovery, vetoRecovery } from "./complete-recovery.ts";
import { grantRole } from "./grant-role.ts";
import { approveRecovery, proposeRecovery } from "./propose-recovery.ts";
import { register } from "./register.ts";
import { removeKey } from "./remove-key.ts";
import { replaceKey } from "./replace-key.ts";
import { revokeRole } from "./revoke-role.ts";
import { setGuardians } from "./set-guardians.ts";

export const messages: readonly MessageBinding[] = [
  bind("accounts/register", registerSchema, register),
  bind("accounts/add-key", addKeySchema, addKey),
  bind("accounts/remove-key", removeKeySchema, removeKey),
  bind("accounts/replace-key", replaceKeySchema, replaceKey),
  bind("accounts/grant-role", grantRoleSchema, grantRole),
  bind("accounts/revoke-role", revokeRoleSchema, revokeRole),
  bind("accounts/set-guardians", setGuardiansSchema, setGuardians),
  bind("accounts/propose-recovery", proposeRecoverySchema, proposeRecovery),
  bind("accounts/approve-recovery", approveRecoverySchema, approveRecovery),
  bind("accounts/complete-recovery", completeRecoverySchema, completeRecovery),
  bind("accounts/veto-recovery", vetoRecoverySchema, vetoRecovery),
];
