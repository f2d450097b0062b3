// SHA-256 of one long message where time matters more than an answer at once: by WebCrypto, which hashes off the thread with the
// processor's own instructions, or by the core where that is faster or all there is.

import type { Core } from "./core.ts";

/**
 * Shortest message, in bytes, that goes to WebCrypto. A call of it takes some 10 us whatever the length, the core some 5 us
 * per 2,000 bytes.
 */
export const webCryptoBytesMin = 2048;

/** Digest of 32 bytes. The message may change once this has returned its promise. */
export async function sha256Long(core: Pick<Core, "sha256">, data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  // Pages that were not loaded safely have no `subtle`, and it takes no shared memory.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (data.length < webCryptoBytesMin || subtle === undefined || !(data.buffer instanceof ArrayBuffer)) {
    return core.sha256(data);
  }
  return new Uint8Array(await subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>));
}
