// The modules in browsers and their workers. Vite emits the files that the URLs below name; only the variant that runs is fetched.

import { compileFrom } from "./compile-from.ts";
import type { Core } from "./core.ts";
import { instantiateCore } from "./instantiate.ts";
import { oneUntilTrap } from "./one-until-trap.ts";
import { simdIsSupported } from "./simd.ts";

const coreFile = simdIsSupported
  ? new URL("../../build/wasm/core.simd.wasm", import.meta.url)
  : new URL("../../build/wasm/core.scalar.wasm", import.meta.url);

let compiling: Promise<WebAssembly.Module> | undefined;

/** The core's module, fetched and compiled once; what failed is tried again at the next call. Modules can be posted to workers. */
export function compiledCore(): Promise<WebAssembly.Module> {
  compiling ??= compileFrom(coreFile).catch((error: unknown) => {
    compiling = undefined;
    throw error;
  });
  return compiling;
}

/**
 * The page's or worker's core; a failed load is tried again at the next call. After a trap, which is a bug of the core,
 * whoever holds the core gets CoreTrapped at every call, and this answers a fresh instance. That is safe because the core
 * keeps nothing from one call of `Core` to the next.
 */
export const loadCore: () => Promise<Core> = oneUntilTrap(async (discard) => {
  try {
    return await instantiateCore(await compiledCore(), discard);
  } catch (error) {
    discard();
    throw error;
  }
});
