// Whether a decoded transaction may act at all: chain, expiry, repetition, authorisation, signatures, quota (TX-5 to TX-13).
// The order of these checks is part of the protocol, because the first refusal enters the results hash.

import type { SignedMessage } from "../../../wasm-core/bindings/ed25519.ts";
import { fromHex } from "../../protocol/bytes.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import {
  type Authorisation,
  accountIdOfKey,
  expiryBlocksMax,
  transactionSignBytes,
} from "../../protocol/transaction.ts";
import type { StateReader } from "../../state/overlay.ts";
import { accountOf } from "../accounts/interface.ts";
import type { Decoded } from "./decode.ts";
import { wasSeen } from "./seen.ts";

/** Ed25519 under ZIP-215. False for anything malformed; never throws. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** The same verdicts for many at once. */
export type VerifySignatures = (signatures: readonly SignedMessage[]) => readonly boolean[];

/** Everything that needs neither a signature check nor block time. `height` is that of the block which would carry it. */
export function refuseAdmission(state: StateReader, chain: string, height: number, decoded: Decoded): Refusal | null {
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
  for (const authorisation of auth) {
    const refusal = refuseKey(state, decoded, authorisation);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** An existing account's key stands in its record; a new account's key stands in the message that registers it. */
function refuseKey(state: StateReader, decoded: Decoded, authorisation: Authorisation): Refusal | null {
  const { by, key } = authorisation;
  const account = accountOf(state, by);
  const foreign = (): Refusal => refuse("transaction_key_must_belong_to_account", { account: by });
  if (account !== null) return account.keys.some((known) => known.key === key) ? null : foreign();
  for (const message of decoded.transaction.body.messages) {
    if (message.type !== "accounts/register" || message.by !== by) continue;
    if (accountIdOfKey(message.key) !== by) return refuse("accounts_id_must_match_key", { account: by });
    return message.key === key ? null : foreign();
  }
  return foreign();
}

/** Which of the transactions have valid signatures only: those that `refuseSignatures` does not refuse. */
export function withValidSignatures(
  transactions: readonly Decoded[],
  verifyAll: VerifySignatures,
): ReadonlySet<Decoded> {
  const signatures = transactions.flatMap(({ transaction }) => {
    const message = transactionSignBytes(transaction.body);
    return transaction.auth.map(({ key, signature }) => ({
      key: fromHex(key),
      message,
      signature: fromHex(signature),
    }));
  });
  const verdicts = verifyAll(signatures);
  const valid = new Set<Decoded>();
  let at = 0;
  for (const decoded of transactions) {
    const { auth } = decoded.transaction;
    // Every signature has a verdict of its own: one that is missing counts as refused.
    if (auth.every((_, i) => verdicts[at + i] === true)) valid.add(decoded);
    at += auth.length;
  }
  return valid;
}

/** Checks all signatures: a pure function of the transaction's bytes. */
export function refuseSignatures(decoded: Decoded, verify: VerifySignature): Refusal | null {
  const signed = transactionSignBytes(decoded.transaction.body);
  for (const { by, key, signature } of decoded.transaction.auth) {
    if (!verify(fromHex(key), signed, fromHex(signature)))
      return refuse("transaction_signature_must_be_valid", { account: by });
  }
  return null;
}
