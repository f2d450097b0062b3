// Transactions whose signatures were found valid at admission, so that a block does not verify them again.
// Bounded by bytes; the oldest goes first. Only valid ones enter, so that garbage pushes nothing out.

import type { Decoded } from "./decode.ts";

/** Bytes of the transactions held. */
const bytesMax = 16 * 1_048_576;

export class AdmittedCache {
  /** By sha256 of the transaction's bytes, hex: it binds signatures as well as the body. */
  readonly #decoded = new Map<string, { readonly decoded: Decoded; readonly bytes: number }>();
  #bytes = 0;

  get(hash: string): Decoded | null {
    return this.#decoded.get(hash)?.decoded ?? null;
  }

  add(hash: string, decoded: Decoded, bytes: number): void {
    if (this.#decoded.has(hash)) return;
    this.#decoded.set(hash, { decoded, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#decoded) {
      if (this.#bytes <= bytesMax) break;
      this.#decoded.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }

  remove(hash: string): void {
    const entry = this.#decoded.get(hash);
    if (entry === undefined) return;
    this.#decoded.delete(hash);
    this.#bytes -= entry.bytes;
  }
}
