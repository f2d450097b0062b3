// What a soak calls: one variant's instances. Where an input lies is chosen so that reading or writing beyond it shows.

import { readFileSync } from "node:fs";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { CoreExports } from "../../wasm-core/bindings/exports.ts";
import { coreExports, instantiateCoreSync } from "../../wasm-core/bindings/instantiate.ts";
import { simdIsSupported } from "../../wasm-core/bindings/simd.ts";
import { type CoreModule, type CoreVariant, coreModules, coreVariants, fileOf } from "../../wasm-core/modules.ts";
import type { SoakInput } from "./soak-input.ts";

const guardBytes = 256;

function compiled(name: CoreModule["name"], variant: CoreVariant): WebAssembly.Module {
  const module = coreModules.find((one) => one.name === name);
  if (module === undefined) throw new Error(`there is no module ${name}`);
  return new WebAssembly.Module(readFileSync(new URL(`../../build/wasm/${fileOf(module, variant)}`, import.meta.url)));
}

export class Subject {
  readonly variant: CoreVariant;
  readonly #module: WebAssembly.Module;
  readonly #others = new Map<CoreModule["name"], WebAssembly.Module>();
  #view = new Uint8Array();
  exports: CoreExports;
  core: Core;

  constructor(variant: CoreVariant) {
    this.variant = variant;
    this.#module = compiled("core", variant);
    this.exports = coreExports(new WebAssembly.Instance(this.#module, {}));
    this.core = instantiateCoreSync(this.#module);
  }

  /** Fresh instances, after a trap. */
  renew(): void {
    this.exports = coreExports(new WebAssembly.Instance(this.#module, {}));
    this.core = instantiateCoreSync(this.#module);
  }

  /** A core that nothing was asked of before. */
  freshCore(): Core {
    return instantiateCoreSync(this.#module);
  }

  /** One of the other modules, compiled. */
  module(name: CoreModule["name"]): WebAssembly.Module {
    const module = this.#others.get(name) ?? compiled(name, this.variant);
    this.#others.set(name, module);
    return module;
  }

  /** The memory of `exports`. */
  memory(): Uint8Array<ArrayBuffer> {
    const { buffer } = this.exports.memory;
    if (this.#view.buffer !== buffer) this.#view = new Uint8Array(buffer);
    return this.#view as Uint8Array<ArrayBuffer>;
  }

  /**
   * Puts the input into the core's memory and says where. In every other case it ends where the memory ends, so that reading
   * on traps; in the others different bytes follow it in each variant, so that reading on makes the variants differ.
   */
  place(input: SoakInput): number {
    const length = input.end - input.start;
    const start = this.exports.reserveInput(length + guardBytes);
    if (start === 0) throw new RangeError(`no room for ${length} bytes`);
    const memory = this.memory();
    const simd = this.variant === "simd";
    const flush = ((input.index & 1) === 0) === simd;
    const from = flush ? memory.length - length : start;
    memory.set(input.buffer.subarray(input.start, input.end), from);
    if (!flush) memory.fill(simd ? 0xff : 0x01, from + length, from + length + guardBytes);
    return from;
  }

  /** Puts the input where the core looks for it by itself; different bytes follow it in each variant. */
  placeFirst(input: SoakInput): void {
    const length = input.end - input.start;
    const start = this.exports.reserveInput(length + guardBytes);
    const memory = this.memory();
    memory.set(input.buffer.subarray(input.start, input.end), start);
    memory.fill(this.variant === "simd" ? 0xff : 0x01, start + length, start + length + guardBytes);
  }
}

/** Pages of 64 KiB that the core's memory may have at most. */
export const corePagesMax = coreModules.find((one) => one.name === "core")?.pagesMax ?? 0;

/** One subject a variant that this engine can run. */
export function openSubjects(): Subject[] {
  return coreVariants.filter((one) => one === "scalar" || simdIsSupported).map((one) => new Subject(one));
}
