// The core in Node: read from build/wasm once a process.

import { readFileSync } from "node:fs";
import type { Core } from "./core.ts";
import { instantiateCoreSync } from "./instantiate.ts";
import { simdIsSupported } from "./simd.ts";

let loaded: Core | undefined;

/** The process's core. @throws {Error} when it is not built (`npm run build:wasm`). */
export function loadCore(): Core {
  if (loaded !== undefined) return loaded;
  const file = new URL(`../../build/wasm/core.${simdIsSupported ? "simd" : "scalar"}.wasm`, import.meta.url);
  try {
    loaded = instantiateCoreSync(readFileSync(file));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new Error("build/wasm is not there; run: npm run build:wasm", { cause });
    }
    throw cause;
  }
  return loaded;
}
