// Wire types of the accounts module: who citizens are.

import { z } from "zod";
import { type KeyRecord, namesOneKey, namesOneKeyProblem, publicKeyMembers } from "./keys.ts";

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

/** What the city lets an account do beyond a citizen's own affairs. */
export const roles = ["registrar", "twin", "simulated"] as const;
export type Role = (typeof roles)[number];

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
} as const;

/** State `accounts/account/<id>`. */
export interface AccountRecord {
  readonly name: string;
  readonly keys: readonly KeyRecord[];
  readonly roles: readonly Role[];
  /** Height of registration; 0 for genesis accounts. */
  readonly registered: number;
}

/** State names of this module. */
export const accountsState = {
  account: (id: string): string => `accounts/account/${id}`,
  /** Holds `{ "account": id }`; the name is case-folded so that look-alikes by case cannot coexist. */
  name: (name: string): string => `accounts/name/${foldName(name)}`,
};

/** The form under which names are unique. Locale-independent. */
export function foldName(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFC");
}
