// SHA-256 of one long message where time matters more than an answer at once: by WebCrypto, which hashes off the thread with the
// processor's own instructions, or by the core where that is faster or all there is.

import type { Core } from "./core.ts";

/**
 * Shortest message, in bytes, that goes to WebCrypto. Measured in Chromium 156, each awaited before the next: for 1,024 bytes the
 * core takes 3.2 us and WebCrypto 4.4, for 1,536 bytes both 4.4, for 2,048 it is 5.7 to 4.6, for 65,536 it is 170 to 42.
 * On the main thread of a busy machine WebCrypto waits for its answer to be delivered, 10 us and more whatever the length.
 */
export const webCryptoBytesMin = 1536;

/** Digest of 32 bytes. The message may change once this has returned its promise. */
export async function sha256Long(core: Pick<Core, "sha256">, data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  // Pages that were not loaded safely have no `subtle`, and in browsers it takes neither shared nor resizable memory.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  const isFixed = data.buffer instanceof ArrayBuffer && !data.buffer.resizable;
  if (data.length < webCryptoBytesMin || subtle === undefined || !isFixed) {
    return core.sha256(data);
  }
  return new Uint8Array(await subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>));
}
