// Ed25519 verification under ZIP-215 for Node: the WASM core's, which is faster than OpenSSL's and of the same verdict everywhere.
// Verdicts are identical to ed25519.ts and ed25519-portable.ts. Browsers must not import this file.

import type { Ed25519, SignedMessage } from "../../wasm-core/bindings/ed25519.ts";
import { loadEd25519 } from "../../wasm-core/bindings/node.ts";
import { verifyEd25519Sync as verifyPortably } from "./ed25519-portable.ts";

/** True when the signature is valid under ZIP-215. False for wrong lengths; never throws. */
export function verifyEd25519Sync(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return decided(
    (core) => core.verify(publicKey, message, signature),
    () => verifyPortably(publicKey, message, signature),
  );
}

/** The verdict that `verifyEd25519Sync` gives, on each; faster than one by one. */
export function verifyEd25519Batch(items: readonly SignedMessage[]): readonly boolean[] {
  return decided(
    (core) => core.verifyBatch(items),
    () => items.map(({ key, message, signature }) => verifyPortably(key, message, signature)),
  );
}

/** By the core; by noble, tens of times slower, where the core is not built or has failed. */
function decided<Verdict>(byCore: (core: Ed25519) => Verdict, portably: () => Verdict): Verdict {
  try {
    return byCore(loadEd25519());
  } catch {
    return portably();
  }
}
