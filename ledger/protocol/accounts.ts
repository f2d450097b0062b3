// Wire types of the accounts module: who citizens are.

import { z } from "zod";
import {
  anyPublicKeySchema,
  type KeyRecord,
  keyLabelSchema,
  namesOneKey,
  namesOneKeyProblem,
  publicKeyMembers,
  scopeSchema,
  timeMsSchema,
} from "./keys.ts";

/** Account id: lower-case hex of the first 20 bytes of sha256(first public key). */
export const accountIdSchema = z.string().regex(/^[0-9a-f]{40}$/);
/**
 * Names: 2 to 32 letters, digits, spaces, - _ . ' of any script, a letter or a digit first, no space at the ends or doubled, NFC.
 * Nothing that cannot be seen, such as fillers and variation selectors: two names must not look the same because of it.
 */
export const nameSchema = z
  .string()
  .min(2)
  .max(32)
  .regex(/^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}\-_.' ]*[\p{L}\p{N}\p{M}.])?$/u)
  .refine((name) => name === name.normalize("NFC") && !name.includes("  "), "must be NFC without doubled spaces");

/**
 * Creates the account whose id is derived from `key`; signed by that key. It receives the city's welcome grant. `key` is an
 * Ed25519 key (64 hex), or a passkey's (P-256 compressed, 66 hex) with the `rpId` it was made for.
 */
export const registerSchema = z
  .strictObject({ type: z.literal("accounts/register"), by: accountIdSchema, name: nameSchema, ...publicKeyMembers })
  .refine(namesOneKey, namesOneKeyProblem);

/** Enters a further key: a full one, or with `scope` a session key. Signed by a full key, as everything of this module. */
export const addKeySchema = z
  .strictObject({
    type: z.literal("accounts/add-key"),
    by: accountIdSchema,
    ...publicKeyMembers,
    label: keyLabelSchema.exactOptional(),
    scope: scopeSchema.exactOptional(),
  })
  .refine(namesOneKey, namesOneKeyProblem);
/** Takes a key away, but never the last full one. */
export const removeKeySchema = z.strictObject({
  type: z.literal("accounts/remove-key"),
  by: accountIdSchema,
  key: anyPublicKeySchema,
});
/** Puts a new key in the place of a full one; the label stays unless another is given. */
export const replaceKeySchema = z
  .strictObject({
    type: z.literal("accounts/replace-key"),
    by: accountIdSchema,
    old: anyPublicKeySchema,
    ...publicKeyMembers,
    label: keyLabelSchema.exactOptional(),
  })
  .refine(namesOneKey, namesOneKeyProblem);

/** What the city lets an account do beyond a citizen's own affairs. `city` grants and revokes the others, and itself. */
export const roles = [
  "registrar",
  "twin",
  "simulated",
  "city",
  "grid-operator",
  "tax-office",
  "carrier",
  "court",
  "validator",
] as const;
export type Role = (typeof roles)[number];
/** Grants of one account. */
export const roleGrantsMax = 32;
/** A part of the city or of its registers, as a path: `devices/meter`, `district/3`. A scope includes all that lies below it. */
export const roleScopeSchema = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*){0,7}$/);

/** Grants a role, or changes until when it holds: for a scope or for everything, until a block time or until it is revoked. */
export const grantRoleSchema = z.strictObject({
  type: z.literal("accounts/grant-role"),
  by: accountIdSchema,
  account: accountIdSchema,
  role: z.enum(roles),
  scope: roleScopeSchema.exactOptional(),
  untilMs: timeMsSchema.exactOptional(),
});
/** Takes back one grant: that of exactly this scope, or the one without. */
export const revokeRoleSchema = z.strictObject({
  type: z.literal("accounts/revoke-role"),
  by: accountIdSchema,
  account: accountIdSchema,
  role: z.enum(roles),
  scope: roleScopeSchema.exactOptional(),
});

export const roleGrantSchema = z.strictObject({
  role: z.enum(roles),
  scope: roleScopeSchema.exactOptional(),
  untilMs: timeMsSchema.exactOptional(),
});
export type RoleGrant = Readonly<z.infer<typeof roleGrantSchema>>;

/** Refusals of the accounts module: numbers 100 to 199, append-only (ledger/protocol/refusals.ts). */
export const accountsRefusals = {
  accounts_id_must_match_key: 100,
  accounts_account_must_not_exist: 101,
  accounts_name_must_be_free: 102,
  accounts_account_must_exist: 103,
  // 104 to 106 were what is now 400 to 402.
  accounts_treasury_must_suffice: 107,
  accounts_name_must_not_be_too_long: 108,
  accounts_key_must_be_sound: 109,
  accounts_key_must_be_new: 110,
  accounts_keys_must_not_exceed_limit: 111,
  accounts_key_must_exist: 112,
  accounts_last_full_key_must_stay: 113,
  accounts_key_must_be_full: 114,
  accounts_until_must_be_ahead: 115,
  accounts_role_must_be_city: 120,
  accounts_role_must_exist: 121,
  accounts_roles_must_not_exceed_limit: 122,
  accounts_city_role_must_be_lasting: 123,
  accounts_last_city_role_must_stay: 124,
  accounts_guardian_must_differ: 130,
  accounts_guardian_delay_must_not_be_short: 131,
  accounts_account_must_be_guardian: 132,
  accounts_recovery_must_not_exist: 133,
  accounts_recovery_must_exist: 134,
  accounts_approval_must_not_be_repeated: 135,
  accounts_recovery_must_be_approved: 136,
  accounts_recovery_delay_must_be_over: 137,
  accounts_veto_must_be_in_time: 138,
} as const;

/** State `accounts/account/<id>`. */
export interface AccountRecord {
  readonly name: string;
  /** At least one without scope, at most `keysMax`, each once. */
  readonly keys: readonly KeyRecord[];
  /** At most `roleGrantsMax`; those whose time is over leave in a later block and count no more until then. */
  readonly roles: readonly RoleGrant[];
  /** Height of registration; 0 for genesis accounts. */
  readonly registered: number;
}

/** State names of this module. */
export const accountsState = {
  account: (id: string): string => `accounts/account/${id}`,
  /** Holds `{ "account": id }`; the name is case-folded so that look-alikes by case cannot coexist. */
  name: (name: string): string => `accounts/name/${foldName(name)}`,
  /** Holds `{}` for each account with at least one grant of the role. */
  roleHolder: (role: Role, account: string): string => `accounts/role-holder/${role}/${account}`,
  /** The guardians of an account and the recoveries they propose: ledger/protocol/guardians.ts. */
  guardians: (account: string): string => `accounts/guardians/${account}`,
};

/** The form under which names are unique. Locale-independent. */
export function foldName(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFC");
}
