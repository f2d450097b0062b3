// The core in browsers and their workers. Vite emits the file that the URL below names.

import type { Core } from "./core.ts";
import { instantiateCore } from "./instantiate.ts";

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
  const answer = await fetch(new URL("../../build/wasm/core.wasm", import.meta.url));
  if (!answer.ok) throw new Error(`the core could not be loaded: status ${answer.status}`);
  try {
    return await instantiateCore(await WebAssembly.compileStreaming(answer.clone()));
  } catch {
    // Servers that do not know the media type application/wasm, and old browsers, need the bytes first.
    return instantiateCore(await answer.arrayBuffer());
  }
}
