// The core with SIMD and without, for tests: what holds for one holds for both.

import { readFileSync } from "node:fs";
import { describe } from "vitest";
import { coreVariants, fileOf } from "../../modules.ts";
import type { Core } from "../core.ts";
import type { CoreExports } from "../exports.ts";
import { coreExports, instantiateCoreSync } from "../instantiate.ts";
import { simdIsSupported } from "../simd.ts";

/** A suite over the core of every variant that this engine runs. `exports` are of an instance of their own. */
export function describeCores(suite: (core: Core, exports: CoreExports) => void): void {
  for (const variant of coreVariants) {
    if (variant === "simd" && !simdIsSupported) continue;
    describe(variant, () => {
      const file = new URL(`../../../build/wasm/${fileOf({ name: "core" }, variant)}`, import.meta.url);
      const module = new WebAssembly.Module(readFileSync(file));
      suite(instantiateCoreSync(module), coreExports(new WebAssembly.Instance(module, {})));
    });
  }
}
