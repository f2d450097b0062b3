// The modules in Node: read from build/wasm and compiled once a process.

import crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { type CoreModule, fileOf } from "../modules.ts";
import type { Core } from "./core.ts";
import { type Ed25519, instantiateEd25519Sync } from "./ed25519.ts";
import { instantiateCoreSync } from "./instantiate.ts";
import { oneUntilTrap } from "./one-until-trap.ts";
import type { NativeSha256 } from "./sha256.ts";
import { simdIsSupported } from "./simd.ts";
import { instantiateStateTree, type StateTree, type StateTreeOptions } from "./state-tree.ts";

const compiled = new Map<CoreModule["name"], WebAssembly.Module>();

/** A module in the variant that the engine runs. @throws {Error} when it is not built (`npm run build:wasm`). */
export function compiledModule(name: CoreModule["name"]): WebAssembly.Module {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const file = new URL(`../../build/wasm/${fileOf({ name }, simdIsSupported ? "simd" : "scalar")}`, import.meta.url);
  try {
    const module = new WebAssembly.Module(readFileSync(file));
    compiled.set(name, module);
    return module;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new Error("build/wasm is not there; run: npm run build:wasm", { cause });
    }
    throw cause;
  }
}

/**
 * OpenSSL's SHA-256. Best of 40 short interleaved runs on a processor with instructions for it, core against crypto.hash, in
 * nanoseconds: 64 bytes 362 against 602 in Node 20.20 and 354 against 771 in Node 24.21, 247 bytes 691 against 679 and 675
 * against 829, 375 bytes 1,007 against 745 and 989 against 907, 16,000 bytes 39,000 against 9,400 and 9,700. Node before 20.12
 * has createHash only, some 100 ns slower.
 */
export const nativeSha256: NativeSha256 =
  typeof crypto.hash === "function"
    ? { bytesMin: 312, digest: (data) => plain(crypto.hash("sha256", data, "buffer")) }
    : { bytesMin: 376, digest: (data) => plain(crypto.createHash("sha256").update(data).digest()) };

/** The same bytes as what the core answers: no Buffer. */
function plain(digest: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(digest.buffer as ArrayBuffer, digest.byteOffset, digest.length);
}

/**
 * The process's core. After a trap, which is a bug of the core, whoever holds the core gets CoreTrapped at every call, and
 * this answers a fresh instance. That is safe because the core keeps nothing from one call of `Core` to the next.
 * @throws {Error} when it is not built (`npm run build:wasm`).
 */
export const loadCore: () => Core = oneUntilTrap((discard) =>
  instantiateCoreSync(compiledModule("core"), discard, nativeSha256),
);

/** A new, empty state tree in memory of its own. @throws {Error} when it is not built (`npm run build:wasm`). */
export function loadStateTree(options?: StateTreeOptions): StateTree {
  return instantiateStateTree(compiledModule("state-tree"), options);
}

/** The process's Ed25519 verification, read and compiled at the first call; otherwise as `loadCore`. */
export const loadEd25519: () => Ed25519 = oneUntilTrap((discard) =>
  instantiateEd25519Sync(compiledModule("ed25519"), (bytes) => crypto.getRandomValues(bytes), discard),
);
