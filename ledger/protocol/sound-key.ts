// Whether a public key may be entered for an account: a point of its curve, in its one encoding, not of small order. Signatures of other
// keys are forgeable (small order) or mean two keys where one was shown (encodings). Decided by noble alone, so equal everywhere.

import { ed25519 } from "@noble/curves/ed25519.js";
import { fromHex } from "./bytes.ts";
import { isPasskey } from "./keys.ts";
import { isP256Point } from "./p256.ts";

/** True when the key, hex, is sound. Expects the form of `anyPublicKeySchema`; false for any other. */
export function isSoundKey(key: string): boolean {
  if (isPasskey(key)) return isP256Point(fromHex(key));
  if (key.length !== 64) return false;
  try {
    // Strict decoding (RFC 8032, section 5.1.3): y below p, and no sign on x = 0.
    return !ed25519.Point.fromBytes(fromHex(key), false).isSmallOrder();
  } catch {
    return false;
  }
}
