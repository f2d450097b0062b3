// The core with SIMD and without: conformance holds for both, so its suites stand inside `describeCores`; what the light module does too
// inside `describeLightCores`.

import { readFileSync } from "node:fs";
import { describe } from "vitest";
import type { Core } from "../../wasm-core/bindings/core.ts";
import { instantiateCoreSync } from "../../wasm-core/bindings/instantiate.ts";
import { instantiateLightCoreSync, type LightCore } from "../../wasm-core/bindings/light-core.ts";
import { simdIsSupported } from "../../wasm-core/bindings/simd.ts";
import { type CoreModule, type CoreVariant, coreModules, coreVariants, fileOf } from "../../wasm-core/modules.ts";

/** The variants that this engine can run. */
export const runnableVariants: readonly CoreVariant[] = coreVariants.filter(
  (one) => one === "scalar" || simdIsSupported,
);

/** A compiled module as `npm run build:wasm` made it. @throws {Error} when there is no such module or file. */
export function compiledModule(name: CoreModule["name"], variant: CoreVariant): WebAssembly.Module {
  const module = coreModules.find((one) => one.name === name);
  if (module === undefined) throw new Error(`there is no module ${name}`);
  const file = new URL(`../../build/wasm/${fileOf(module, variant)}`, import.meta.url);
  return new WebAssembly.Module(readFileSync(file));
}

/** A suite over the core of every variant. */
export function describeCores(suite: (core: Core, variant: CoreVariant) => void): void {
  for (const variant of runnableVariants) {
    describe(`core.${variant}`, () => suite(instantiateCoreSync(compiledModule("core", variant)), variant));
  }
}

/** A suite over what both the core and the light module do, of every variant: the light module is what browsers load. */
export function describeLightCores(suite: (core: LightCore, variant: CoreVariant) => void): void {
  describeCores(suite);
  for (const variant of runnableVariants)
    describe(`light.${variant}`, () => suite(instantiateLightCoreSync(compiledModule("light", variant)), variant));
}
