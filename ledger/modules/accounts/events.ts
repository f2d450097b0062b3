// Events of the accounts module.

import { z } from "zod";
import { accountIdSchema, nameSchema, roleScopeSchema, roles } from "../../protocol/accounts.ts";
import { anyPublicKeySchema } from "../../protocol/keys.ts";
import { countText, declareEvent, type EventType } from "../event.ts";

export const registered = declareEvent("accounts/registered", { account: accountIdSchema, name: nameSchema });

const accountAndKey = { account: accountIdSchema, key: anyPublicKeySchema };
/** With `untilMs` a session key. */
export const keyAdded = declareEvent("accounts/key-added", {
  ...accountAndKey,
  kind: z.enum(["ed25519", "passkey"]),
  untilMs: countText.exactOptional(),
});
export const keyRemoved = declareEvent("accounts/key-removed", accountAndKey);
export const keyReplaced = declareEvent("accounts/key-replaced", { ...accountAndKey, old: anyPublicKeySchema });
export const keyExpired = declareEvent("accounts/key-expired", accountAndKey);

const grant = { account: accountIdSchema, role: z.enum(roles), scope: roleScopeSchema.exactOptional() };
export const roleGranted = declareEvent("accounts/role-granted", {
  ...grant,
  by: accountIdSchema,
  untilMs: countText.exactOptional(),
});
export const roleRevoked = declareEvent("accounts/role-revoked", { ...grant, by: accountIdSchema });
export const roleExpired = declareEvent("accounts/role-expired", grant);

/** Guardians come into force at a block time, which is the block's own when they need not wait. */
export const guardiansSet = declareEvent("accounts/guardians-set", {
  account: accountIdSchema,
  threshold: countText,
  effectiveMs: countText,
});
/** One for each guardian, so that each finds it by its own account. */
export const guardianNamed = declareEvent("accounts/guardian-named", {
  account: accountIdSchema,
  guardian: accountIdSchema,
});
export const recoveryProposed = declareEvent("accounts/recovery-proposed", {
  ...accountAndKey,
  guardian: accountIdSchema,
});
export const recoveryApproved = declareEvent("accounts/recovery-approved", {
  ...accountAndKey,
  guardian: accountIdSchema,
});
export const recoveryVetoed = declareEvent("accounts/recovery-vetoed", { account: accountIdSchema });
export const recovered = declareEvent("accounts/recovered", accountAndKey);

export const events: readonly EventType[] = [
  registered,
  keyAdded,
  keyRemoved,
  keyReplaced,
  keyExpired,
  roleGranted,
  roleRevoked,
  roleExpired,
  guardiansSet,
  guardianNamed,
  recoveryProposed,
  recoveryApproved,
  recoveryVetoed,
  recovered,
];
