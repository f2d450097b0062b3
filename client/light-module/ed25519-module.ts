// The check that decides where WebCrypto has rejected, or is missing. A chunk of its own: most visits never need it.

import { type Ed25519, instantiateEd25519 } from "../../wasm-core/bindings/ed25519.ts";
import { oneUntilTrap } from "../../wasm-core/bindings/one-until-trap.ts";
import { unpacked } from "./unpacked.ts";

/** Put in by the build. */
declare const ed25519Module: string;

export const loadEd25519: () => Promise<Ed25519> = oneUntilTrap(async (discard) => {
  try {
    const fill = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
    return await instantiateEd25519(await unpacked(ed25519Module), fill, discard);
  } catch (error) {
    discard();
    throw error;
  }
});
