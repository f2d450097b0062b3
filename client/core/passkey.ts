// Passkeys of this browser (WebAuthn level 3, ES256): making one, and signing transactions with it. The secret never leaves the
// authenticator; what it signs is checked by the ledger (ledger/protocol/passkey.ts). A call asks the person, so it may take minutes.

import { toBase64url } from "../../ledger/protocol/base64url.ts";
import { fromHex, hex } from "../../ledger/protocol/bytes.ts";
import { keyOfSpki, rawOfDerSignature } from "../../ledger/protocol/p256.ts";
import type { PasskeyAnswer } from "../../ledger/protocol/passkey.ts";
import { RequestError } from "./http.ts";
import type { Passkey } from "./identity.ts";

/** COSE algorithm ES256: ECDSA on P-256 with SHA-256. */
const es256 = -7;
/** How long the person may take. */
const promptMs = 180_000;
/** Bytes of an account id: what our passkeys carry as the user handle. */
const accountBytes = 20;

/** An answer to a challenge, with what the authenticator says of itself. */
export interface Assertion extends PasskeyAnswer {
  readonly credential: string;
  /** The account for which the passkey was made, hex; null when the authenticator does not say. */
  readonly account: string | null;
}

/**
 * Why no passkey came of it. `given` is missing when the person refused or let the time pass, and when there is no passkey:
 * browsers do not say which.
 */
export type PasskeyLack = "given" | "supported" | "new" | "own";

export function lackingPasskey(lack: PasskeyLack, cause?: unknown): RequestError {
  const refusal = `page_passkey_must_be_${lack}`;
  return new RequestError("refused", cause instanceof Error ? cause.message : refusal, { refusal });
}

/**
 * Makes a passkey for an account. It is discoverable, and it hands out the account's id again, so that a new device finds the
 * account with nothing typed. @throws {RequestError}
 */
export async function makePasskey(of: {
  readonly account: string;
  readonly name: string;
  readonly city: string;
  /** Credentials that the account has already, hex. */
  readonly known: readonly string[];
}): Promise<Passkey> {
  const rpId = location.hostname;
  const created = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: rpId, name: of.city },
        user: { id: fromHex(of.account), name: of.name, displayName: of.name },
        // No server remembers this challenge: the transaction that makes the key known is what counts.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [{ type: "public-key", alg: es256 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: of.known.map(descriptorOf),
        attestation: "none",
        timeout: promptMs,
      },
    }),
  );
  const response = created.response as AuthenticatorAttestationResponse;
  const spki = response.getPublicKeyAlgorithm() === es256 ? response.getPublicKey() : null;
  const key = spki === null ? null : keyOfSpki(new Uint8Array(spki));
  if (key === null) throw lackingPasskey("supported");
  return { key, rpId, credential: hex(new Uint8Array(created.rawId)) };
}

/**
 * Signs a challenge with one of the credentials, or with any that the person picks when none is given.
 * @throws {RequestError}
 */
export async function askPasskey(
  challenge: Uint8Array<ArrayBuffer>,
  credentials: readonly string[],
): Promise<Assertion> {
  const got = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge,
        rpId: location.hostname,
        allowCredentials: credentials.map(descriptorOf),
        userVerification: "required",
        timeout: promptMs,
      },
    }),
  );
  const response = got.response as AuthenticatorAssertionResponse;
  const { userHandle } = response;
  const signature = rawOfDerSignature(new Uint8Array(response.signature));
  if (signature === null) throw lackingPasskey("supported");
  return {
    credential: hex(new Uint8Array(got.rawId)),
    account: userHandle === null || userHandle.byteLength !== accountBytes ? null : hex(new Uint8Array(userHandle)),
    authenticatorData: toBase64url(new Uint8Array(response.authenticatorData)),
    clientDataJSON: toBase64url(new Uint8Array(response.clientDataJSON)),
    signature: hex(signature),
  };
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "InvalidStateError") throw lackingPasskey("new", error);
    if (name === "NotAllowedError" || name === "AbortError") throw lackingPasskey("given", error);
    throw lackingPasskey("supported", error);
  }
  if (credential === null) throw lackingPasskey("given");
  return credential as PublicKeyCredential;
}

function descriptorOf(credential: string): PublicKeyCredentialDescriptor {
  return { type: "public-key", id: fromHex(credential) };
}
