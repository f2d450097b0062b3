// Wire types of public keys: Ed25519, and passkeys (WebAuthn ES256: P-256, bound to a relying party). Which of them an account
// holds, and what a session key may do. Limits: 16 keys an account, 16 entries a scope, a domain of 253 characters.

import { z } from "zod";

/** Ed25519 public key, hex. */
export const publicKeySchema = z.string().regex(/^[0-9a-f]{64}$/);
/** P-256 public key of a passkey, compressed (SEC 1, section 2.3.3), hex. */
export const passkeyPublicKeySchema = z.string().regex(/^0[23][0-9a-f]{64}$/);
/** A public key of either kind: the length tells them apart. */
export const anyPublicKeySchema = z.string().regex(/^(?:0[23])?[0-9a-f]{64}$/);
/** A WebAuthn relying party: a lower-case domain without a dot at its end, no IP address. */
export const rpIdSchema = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
  .refine((domain) => !/(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(domain), "must not be an IP address");

/** Members of a message that brings a public key: `rpId` is there exactly when the key is a passkey's. */
export const publicKeyMembers = { key: anyPublicKeySchema, rpId: rpIdSchema.exactOptional() };

/** The refinement that goes with `publicKeyMembers`. */
export function namesOneKey({ key, rpId }: { readonly key: string; readonly rpId?: string }): boolean {
  return isPasskey(key) === (rpId !== undefined);
}
export const namesOneKeyProblem = "a passkey's key, and no other, comes with rpId";

export function isPasskey(key: string): boolean {
  return key.length === 66;
}

/** Bytes of a passkey's answer, before base64url. Authenticators write 37 and what extensions add, browsers some 250. */
export const authenticatorDataBytesMax = 1_024;
export const clientDataBytesMax = 2_048;

/** Keys of one account, full ones and session keys together. */
export const keysMax = 16;
/** Entries of a scope. */
export const scopeMessagesMax = 16;

/** A time on the ledger: UNIX milliseconds of block time. */
export const timeMsSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What a person calls a key: "Phone", "Laptop at work". */
export const keyLabelSchema = z
  .string()
  .min(1)
  .max(40)
  .regex(/^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}\p{P} ]*[\p{L}\p{N}\p{M}\p{P}])?$/u);

/**
 * What a session key may do: act by these message types (`energy/offer`) or whole modules (`energy`) until a block time, and
 * lower the account's money by no more than `moneyMax` in all (micro-units). Never anything of `accounts`.
 */
export const scopeSchema = z.strictObject({
  messages: z
    .array(z.string().regex(/^(?!accounts(?:\/|$))[a-z][a-z-]{0,31}(?:\/[a-z][a-z-]{0,31})?$/))
    .min(1)
    .max(scopeMessagesMax)
    .refine((messages) => new Set(messages).size === messages.length, "must not repeat"),
  untilMs: timeMsSchema,
  moneyMax: z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,14})$/)
    .exactOptional(),
});
export type Scope = z.infer<typeof scopeSchema>;

/** Messages that only a full key may sign, beside all of `accounts`: they change what protects the account. */
const fullKeyOnly: ReadonlySet<string> = new Set(["money/set-limits", "money/cancel-raise"]);

/** Whether a session key may act by messages of this type. */
export function scopeCovers({ messages }: Pick<Scope, "messages">, type: string): boolean {
  const module = type.slice(0, type.indexOf("/"));
  if (module === "accounts" || fullKeyOnly.has(type)) return false;
  return messages.includes(type) || messages.includes(module);
}

/** One key in an account's record. Without `scope` it is a full key, which may do all that the account may. */
export const keyRecordSchema = z.strictObject({
  kind: z.enum(["ed25519", "passkey"]),
  key: anyPublicKeySchema,
  /** Passkeys only. */
  rpId: rpIdSchema.exactOptional(),
  label: keyLabelSchema.exactOptional(),
  scope: scopeSchema
    .extend({
      /** Micro-units by which transactions of this key have lowered the account's money; with `moneyMax` only. */
      moneySpent: z
        .string()
        .regex(/^[0-9]{1,30}$/)
        .exactOptional(),
    })
    .exactOptional(),
});
export type KeyRecord = Readonly<z.infer<typeof keyRecordSchema>>;

/** The record of a key that a message brings. */
export function keyRecordOf(key: string, rpId: string | undefined): KeyRecord {
  return rpId === undefined ? { kind: "ed25519", key } : { kind: "passkey", key, rpId };
}
