// The core in browsers and their workers. Vite emits the files that the URLs below name.

import type { Core } from "./core.ts";
import { instantiateCore } from "./instantiate.ts";
import { simdIsSupported } from "./simd.ts";

let loading: Promise<Core> | undefined;

/** The page's or worker's core, fetched once; a failed load is tried again at the next call. */
export function loadCore(): Promise<Core> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Core> {
  const simd = new URL("../../build/wasm/core.simd.wasm", import.meta.url);
  const scalar = new URL("../../build/wasm/core.scalar.wasm", import.meta.url);
  const answer = await fetch(simdIsSupported ? simd : scalar);
  if (!answer.ok) throw new Error(`the core could not be loaded: status ${answer.status}`);
  try {
    return await instantiateCore(await WebAssembly.compileStreaming(answer.clone()));
  } catch {
    // Servers that do not know the media type application/wasm, and old browsers, need the bytes first.
    return instantiateCore(await answer.arrayBuffer());
  }
}
