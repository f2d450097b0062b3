// Passkey assertions as authorisations: WebAuthn Level 3, section 7.2, what of it a verifier can check without the browser's help.
// Pure, runs in browsers. Limits: 2,048 bytes of client data, 1,024 of authenticator data; extensions nest 4 deep.

import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { fromHex, hex, utf8 } from "./bytes.ts";
import { authenticatorDataBytesMax, clientDataBytesMax } from "./keys.ts";
import { readClientData } from "./passkey-client-data.ts";
import { isCborMap } from "./passkey-extensions.ts";
import { type Refusal, refuse } from "./refusals.ts";

/** What the authenticator answered, as it travels: base64url without padding, and r | s in hex. */
export interface PasskeyAnswer {
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
}

/** An answer that says the right things; the relying party and the signature are still to be checked. */
export interface Assertion {
  readonly ok: true;
  /** sha256 of the relying party's id, hex. */
  readonly rpIdHash: string;
  readonly origin: string;
  /** What the signature covers: authenticator data, then sha256 of the client data. */
  readonly signed: Uint8Array<ArrayBuffer>;
}

export type UserVerification = "required" | "preferred";

/** rpIdHash, flags, signature counter. The counter is not looked at: synced passkeys leave it at zero, and an id is taken once. */
const headBytes = 37;
const flag = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backupState: 0x10,
  attested: 0x40,
  extensions: 0x80,
};

/**
 * Reads an answer to a challenge. A pure function of its arguments; never throws. The ledger requires that the authenticator has
 * verified its user, by a finger or a PIN; a verifier with less at stake may prefer it only.
 */
export function readAssertion(
  answer: PasskeyAnswer,
  challenge: Uint8Array,
  userVerification: UserVerification = "required",
): Assertion | Refusal {
  const clientBytes = fromBase64url(answer.clientDataJSON);
  const client = clientBytes === null || clientBytes.length > clientDataBytesMax ? null : readClientData(clientBytes);
  if (clientBytes === null || client === null) return refuse("transaction_passkey_client_data_must_be_well_formed");
  if (client.type !== "webauthn.get")
    return refuse("transaction_passkey_type_must_be_get", { type: client.type.slice(0, 40) });
  if (client.challenge !== toBase64url(challenge)) return refuse("transaction_passkey_challenge_must_match");
  if (client.crossOrigin) return refuse("transaction_passkey_must_not_be_cross_origin");
  const data = fromBase64url(answer.authenticatorData);
  if (data === null || !isWellFormed(data)) return refuse("transaction_passkey_authenticator_data_must_be_well_formed");
  const flags = data[32]!;
  if ((flags & flag.userPresent) === 0) return refuse("transaction_passkey_user_must_be_present");
  if ((flags & flag.userVerified) === 0 && userVerification === "required")
    return refuse("transaction_passkey_user_must_be_verified");
  const signed = new Uint8Array(data.length + 32);
  signed.set(data);
  signed.set(sha256(clientBytes), data.length);
  return { ok: true, rpIdHash: hex(data.subarray(0, 32)), origin: client.origin, signed };
}

/** Whether the assertion was made for the relying party with which the key is registered; null when it was. */
export function refuseRelyingParty({ rpIdHash, origin }: Assertion, rpId: string): Refusal | null {
  if (rpIdHash !== hex(sha256(utf8(rpId)))) return refuse("transaction_passkey_rp_id_hash_must_match", { rpId });
  if (!originFits(origin, rpId))
    return refuse("transaction_passkey_origin_must_fit", { origin: origin.slice(0, 100), rpId });
  return null;
}

/** The whole check in one call, for verifiers that hold the key's record: rooms, pages, tests. `verify` is `verifyP256`. */
export function refusePasskey(
  answer: PasskeyAnswer,
  expected: {
    readonly challenge: Uint8Array;
    readonly key: string;
    readonly rpId: string;
    readonly userVerification?: UserVerification;
  },
  verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean,
): Refusal | null {
  const assertion = readAssertion(answer, expected.challenge, expected.userVerification);
  if (!assertion.ok) return assertion;
  const foreign = refuseRelyingParty(assertion, expected.rpId);
  if (foreign !== null) return foreign;
  if (
    !/^[0-9a-f]{128}$/.test(answer.signature) ||
    !verify(fromHex(expected.key), assertion.signed, fromHex(answer.signature))
  )
    return refuse("transaction_signature_must_be_valid");
  return null;
}

/**
 * Length and flags agree: no attested credential, which belongs to registrations; extensions exactly when their flag says so,
 * and nothing after them; a backup only of what can be backed up. Reserved flags are left alone, as section 6.1 asks.
 */
function isWellFormed(data: Uint8Array): boolean {
  if (data.length < headBytes || data.length > authenticatorDataBytesMax) return false;
  const flags = data[32]!;
  if ((flags & flag.attested) !== 0) return false;
  if ((flags & flag.backupState) !== 0 && (flags & flag.backupEligible) === 0) return false;
  if ((flags & flag.extensions) === 0) return data.length === headBytes;
  return isCborMap(data.subarray(headBytes));
}

/** The origin's host is the relying party or below it, over https, or over http on the visitor's own machine. */
function originFits(origin: string, rpId: string): boolean {
  const match = /^(https?):\/\/([a-z0-9.-]+)(?::[0-9]{1,5})?$/.exec(origin);
  if (match === null) return false;
  const [, scheme, host] = match as unknown as [string, string, string];
  if (host !== rpId && !host.endsWith(`.${rpId}`)) return false;
  return scheme === "https" || rpId === "localhost" || rpId.endsWith(".localhost");
}
