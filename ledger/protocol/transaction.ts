// Transactions: canonical JSON with a body that is signed and authorisations beside it.
// The id is sha256 of the canonical body. Limits (transaction-limits.ts): 64 KiB a transaction, 100 messages, 8 authorisations.

import { sha256 } from "@noble/hashes/sha2.js";
import { z } from "zod";
import {
  accountIdSchema,
  addKeySchema,
  grantRoleSchema,
  registerSchema,
  removeKeySchema,
  replaceKeySchema,
  revokeRoleSchema,
} from "./accounts.ts";
import { fromHex, hex, utf8 } from "./bytes.ts";
import { canonicalBytes } from "./canonical.ts";
import { bidSchema, cancelOrderSchema, linkMeterSchema, offerSchema, unlinkMeterSchema } from "./energy.ts";
import {
  approveRecoverySchema,
  completeRecoverySchema,
  proposeRecoverySchema,
  setGuardiansSchema,
  vetoRecoverySchema,
} from "./guardians.ts";
import { authenticatorDataBytesMax, clientDataBytesMax, passkeyPublicKeySchema, publicKeySchema } from "./keys.ts";
import {
  cancelRaiseSchema,
  postReservedSchema,
  reserveSchema,
  setLimitsSchema,
  transferSchema,
  voidReservedSchema,
} from "./money.ts";
import { anchorLogSchema, registerDeviceSchema } from "./telemetry.ts";
import { authorisationsMax, messagesMax } from "./transaction-limits.ts";
import { leaveSchema, proposeSchema, rotateKeySchema, voteSchema } from "./validators.ts";

const base64urlLength = (bytes: number): number => Math.ceil((bytes * 4) / 3);

/** Refusals of transactions as such: numbers 1 to 99, append-only (ledger/protocol/refusals.ts). */
export const transactionRefusals = {
  transaction_bytes_must_not_exceed_limit: 1,
  transaction_must_be_json: 2,
  transaction_must_match_schema: 3,
  transaction_must_be_canonical: 4,
  transaction_chain_must_match: 5,
  transaction_must_not_be_expired: 6,
  transaction_expiry_must_be_near: 7,
  transaction_must_not_be_repeated: 8,
  transaction_auth_must_cover_every_actor: 9,
  transaction_auth_must_not_be_superfluous: 10,
  transaction_key_must_belong_to_account: 11,
  transaction_signature_must_be_valid: 12,
  transaction_quota_must_not_be_exceeded: 13,
  transaction_mempool_must_have_room: 14,
  transaction_mempool_share_must_not_be_exceeded: 15,
  transaction_mempool_place_must_be_kept: 16,
  transaction_ledger_must_be_running: 17,
  transaction_key_must_cover_message: 20,
  transaction_key_must_not_be_expired: 21,
  transaction_key_money_must_suffice: 22,
  transaction_passkey_client_data_must_be_well_formed: 30,
  transaction_passkey_type_must_be_get: 31,
  transaction_passkey_challenge_must_match: 32,
  transaction_passkey_must_not_be_cross_origin: 33,
  transaction_passkey_authenticator_data_must_be_well_formed: 34,
  transaction_passkey_user_must_be_present: 35,
  transaction_passkey_user_must_be_verified: 36,
  transaction_passkey_rp_id_hash_must_match: 37,
  transaction_passkey_origin_must_fit: 38,
} as const;

export const messageSchema = z.discriminatedUnion("type", [
  registerSchema,
  addKeySchema,
  removeKeySchema,
  replaceKeySchema,
  grantRoleSchema,
  revokeRoleSchema,
  setGuardiansSchema,
  proposeRecoverySchema,
  approveRecoverySchema,
  completeRecoverySchema,
  vetoRecoverySchema,
  transferSchema,
  reserveSchema,
  postReservedSchema,
  voidReservedSchema,
  setLimitsSchema,
  cancelRaiseSchema,
  linkMeterSchema,
  unlinkMeterSchema,
  offerSchema,
  bidSchema,
  cancelOrderSchema,
  registerDeviceSchema,
  anchorLogSchema,
  proposeSchema,
  voteSchema,
  rotateKeySchema,
  leaveSchema,
]);
export type Message = z.infer<typeof messageSchema>;

export const bodySchema = z.strictObject({
  chain: z.string().min(1).max(50),
  /** 16 random bytes, hex. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The last height at which the transaction may enter a block. */
  expires: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  messages: z.array(messageSchema).min(1).max(messagesMax),
});
export type TransactionBody = z.infer<typeof bodySchema>;

const signatureSchema = z.string().regex(/^[0-9a-f]{128}$/);
const ed25519AuthorisationSchema = z.strictObject({
  by: accountIdSchema,
  kind: z.literal("ed25519"),
  key: publicKeySchema,
  /** Over `transactionSignBytes`. */
  signature: signatureSchema,
});
/** A WebAuthn assertion (`webauthn.get`) whose challenge is `transactionChallenge`. */
const passkeyAuthorisationSchema = z.strictObject({
  by: accountIdSchema,
  kind: z.literal("passkey"),
  key: passkeyPublicKeySchema,
  /** Base64url without padding, as the browser's bytes. */
  authenticatorData: z.string().min(1).max(base64urlLength(authenticatorDataBytesMax)),
  clientDataJSON: z.string().min(1).max(base64urlLength(clientDataBytesMax)),
  /** r | s: what the authenticator gives in DER, through `rawOfDerSignature` of p256.ts. */
  signature: signatureSchema,
});
export const authorisationSchema = z.discriminatedUnion("kind", [
  ed25519AuthorisationSchema,
  passkeyAuthorisationSchema,
]);
export type Authorisation = z.infer<typeof authorisationSchema>;

export const transactionSchema = z.strictObject({
  body: bodySchema,
  auth: z.array(authorisationSchema).min(1).max(authorisationsMax),
});
export type Transaction = z.infer<typeof transactionSchema>;

const domain = utf8("glasstown/transaction/1\n");

/** What an Ed25519 key signs: a domain line, then the canonical body. The domain keeps room and reading signatures apart. */
export function transactionSignBytes(body: TransactionBody): Uint8Array<ArrayBuffer> {
  return signBytesOfCanonicalBody(canonicalBytes(body));
}

/** The same of a body that is canonical bytes already. */
export function signBytesOfCanonicalBody(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(domain.length + body.length);
  bytes.set(domain);
  bytes.set(body, domain.length);
  return bytes;
}

/** The transaction's id: sha256 of the canonical body, hex. */
export function transactionId(body: TransactionBody): string {
  return hex(sha256(canonicalBytes(body)));
}

/** What a passkey is asked to sign: the transaction's id as bytes, in WebAuthn the challenge. */
export function transactionChallenge(body: TransactionBody): Uint8Array<ArrayBuffer> {
  return fromHex(transactionId(body));
}

/** The bytes that go into a block. */
export function transactionBytes(transaction: Transaction): Uint8Array<ArrayBuffer> {
  return canonicalBytes(transaction);
}

/** Account id of a first public key of either kind: hex of sha256(key)[0..20), over its 32 or 33 bytes. */
export function accountIdOfKey(publicKeyHex: string): string {
  return hex(sha256(fromHex(publicKeyHex)).subarray(0, 20));
}

/** Signs bytes with one key. */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/** Builds and signs a transaction with the key of one account. */
export async function signTransaction(
  body: TransactionBody,
  by: string,
  keyHex: string,
  sign: Sign,
): Promise<Transaction> {
  const signature = hex(await sign(transactionSignBytes(body)));
  return { body, auth: [{ by, kind: "ed25519", key: keyHex, signature }] };
}
