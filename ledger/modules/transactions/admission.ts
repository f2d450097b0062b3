// Whether a decoded transaction may act at all: chain, expiry, repetition, authorisation, signatures, quota (TX-5 to TX-13).
// The order of these checks is part of the protocol, because the first refusal enters the results hash.

import type { SignedMessage } from "../../../wasm-core/bindings/ed25519.ts";
import { fromHex } from "../../protocol/bytes.ts";
import { type KeyRecord, keyRecordOf } from "../../protocol/keys.ts";
import { refuseRelyingParty } from "../../protocol/passkey.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import { type Authorisation, accountIdOfKey, signBytesOfCanonicalBody } from "../../protocol/transaction.ts";
import { expiryBlocksMax } from "../../protocol/transaction-limits.ts";
import type { StateReader } from "../../state/overlay.ts";
import { accountOf } from "../accounts/interface.ts";
import type { Decoded } from "./decode.ts";
import { wasSeen } from "./seen.ts";
import { refuseScope, type Session, sessionOf } from "./sessions.ts";

/** One kind of key's verdict: Ed25519 under ZIP-215, or ECDSA over P-256. False for anything malformed; never throws. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** The verdicts by kind of key. */
export interface SignatureVerifiers {
  readonly ed25519: VerifySignature;
  readonly p256: VerifySignature;
}

/** The verdicts on Ed25519 for many at once. */
export type VerifySignatures = (signatures: readonly SignedMessage[]) => readonly boolean[];

/**
 * Everything that needs neither a signature check nor block time. `height` is that of the block which would carry it. The session
 * keys among the authorising ones are added to `sessions`.
 */
export function refuseAdmission(
  state: StateReader,
  chain: string,
  height: number,
  decoded: Decoded,
  sessions: Session[],
): Refusal | null {
  const { body, auth } = decoded.transaction;
  if (body.chain !== chain) return refuse("transaction_chain_must_match", { chain });
  if (body.expires < height) return refuse("transaction_must_not_be_expired", { expires: body.expires, height });
  if (body.expires - height > expiryBlocksMax)
    return refuse("transaction_expiry_must_be_near", { expires: body.expires, latest: height + expiryBlocksMax });
  if (wasSeen(state, body.expires, decoded.id)) return refuse("transaction_must_not_be_repeated", { id: decoded.id });
  const covered = new Set(auth.map(({ by }) => by));
  const uncovered = decoded.actors.find((actor) => !covered.has(actor));
  if (uncovered !== undefined) return refuse("transaction_auth_must_cover_every_actor", { account: uncovered });
  if (auth.length !== decoded.actors.length) return refuse("transaction_auth_must_not_be_superfluous");
  for (const [index, authorisation] of auth.entries()) {
    const key = keyOf(state, decoded, authorisation);
    if ("ok" in key) return key;
    const session = sessionOf(authorisation.by, key);
    const beyond = session === null ? null : refuseScope(decoded, session);
    if (beyond !== null) return beyond;
    const assertion = decoded.assertions[index] ?? null;
    const refusal = assertion === null ? null : refuseRelyingParty(assertion, key.rpId ?? "");
    if (refusal !== null) return { ...refusal, params: { ...refusal.params, account: authorisation.by } };
    if (session !== null) sessions.push(session);
  }
  return null;
}

/** The key's record: an existing account's stands in the state; a new account's in the message that registers it. */
function keyOf(state: StateReader, decoded: Decoded, { by, kind, key }: Authorisation): KeyRecord | Refusal {
  const account = accountOf(state, by);
  const foreign = (): Refusal => refuse("transaction_key_must_belong_to_account", { account: by });
  if (account !== null) return account.keys.find((known) => known.kind === kind && known.key === key) ?? foreign();
  for (const message of decoded.transaction.body.messages) {
    if (message.type !== "accounts/register" || message.by !== by) continue;
    if (accountIdOfKey(message.key) !== by) return refuse("accounts_id_must_match_key", { account: by });
    return message.key === key ? keyRecordOf(message.key, message.rpId) : foreign();
  }
  return foreign();
}

/** One authorisation's key, what it signs, and its signature. */
function signaturesOf({
  transaction,
  assertions,
  body,
}: Decoded): (SignedMessage & Pick<Authorisation, "by" | "kind">)[] {
  const message = signBytesOfCanonicalBody(body);
  return transaction.auth.map(({ by, kind, key, signature }, index) => ({
    by,
    kind,
    key: fromHex(key),
    message: assertions[index]?.signed ?? message,
    signature: fromHex(signature),
  }));
}

/** Which of the transactions have valid signatures only: those that `refuseSignatures` does not refuse. */
export function withValidSignatures(
  transactions: readonly Decoded[],
  verifyAll: VerifySignatures,
  verifyP256: VerifySignature,
): ReadonlySet<Decoded> {
  const signatures = transactions.map(signaturesOf);
  const verdicts = verifyAll(signatures.flat().filter(({ kind }) => kind === "ed25519"));
  const valid = new Set<Decoded>();
  let at = 0;
  for (const [index, decoded] of transactions.entries()) {
    let all = true;
    for (const { kind, key, message, signature } of signatures[index]!) {
      // Every signature has a verdict of its own: one that is missing counts as refused.
      if (kind === "ed25519") all = verdicts[at++] === true && all;
      else all = all && verifyP256(key, message, signature);
    }
    if (all) valid.add(decoded);
  }
  return valid;
}

/** Checks all signatures: a pure function of the transaction's bytes. */
export function refuseSignatures(decoded: Decoded, verify: SignatureVerifiers): Refusal | null {
  for (const { by, kind, key, message, signature } of signaturesOf(decoded)) {
    const valid = (kind === "ed25519" ? verify.ed25519 : verify.p256)(key, message, signature);
    if (!valid) return refuse("transaction_signature_must_be_valid", { account: by });
  }
  return null;
}
