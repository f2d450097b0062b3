// Ed25519 verification in browsers and their workers. The module is fetched at the first call: those who verify natively need none.

import { compileFrom } from "./compile-from.ts";
import { type Ed25519, instantiateEd25519 } from "./ed25519.ts";
import { oneUntilTrap } from "./one-until-trap.ts";
import { simdIsSupported } from "./simd.ts";

const file = simdIsSupported
  ? new URL("../../build/wasm/ed25519.simd.wasm", import.meta.url)
  : new URL("../../build/wasm/ed25519.scalar.wasm", import.meta.url);

/** The page's or worker's instance, made once; a failed load is tried again at the next call, and so is one that trapped. */
export const loadEd25519: () => Promise<Ed25519> = oneUntilTrap(async (discard) => {
  try {
    return await instantiateEd25519(await compileFrom(file), (bytes) => crypto.getRandomValues(bytes), discard);
  } catch (error) {
    discard();
    throw error;
  }
});
