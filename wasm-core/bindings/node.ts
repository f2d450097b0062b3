// The core in Node: read from build/wasm/core.wasm once a process.

import { readFileSync } from "node:fs";
import type { Core } from "./core.ts";
import { instantiateCoreSync } from "./instantiate.ts";

let loaded: Core | undefined;

/** The process's core. @throws {Error} when it is not built (`npm run build:wasm`). */
export function loadCore(): Core {
  if (loaded !== undefined) return loaded;
  const file = new URL("../../build/wasm/core.wasm", import.meta.url);
  try {
    loaded = instantiateCoreSync(readFileSync(file));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new Error("build/wasm/core.wasm is missing; run: npm run build:wasm", { cause });
    }
    throw cause;
  }
  return loaded;
}
