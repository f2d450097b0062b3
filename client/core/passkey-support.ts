// Whether this browser and this page can use passkeys: small, because the first screen asks. The rest is in passkey.ts.

import { signal } from "@preact/signals";

/** Whether this device itself can hold a passkey (fingerprint, face, PIN): then entering with one is the first choice. */
export const passkeyAtHand = signal(false);

/** Whether this page may ask for passkeys at all: a secure context on a domain, not on an address. */
export function passkeysPossible(): boolean {
  if (!isSecureContext || typeof PublicKeyCredential === "undefined") return false;
  return !/^[0-9.]+$|^\[/.test(location.hostname);
}

/** Asks the browser once; until it answers, and when it does not, none is at hand. */
export async function lookForPasskeys(): Promise<void> {
  if (!passkeysPossible()) return;
  passkeyAtHand.value = await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
}
