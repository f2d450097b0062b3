// Copies a call's inputs into linear memory. At most 4 MiB a call; callers stay far below by streaming.

import type { ModuleExports } from "./exports.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes handed over at once. Longer inputs are streamed in pieces of this size. */
export const pieceBytes = 65_536;

/** The part of linear memory that takes inputs; its view is renewed when the memory grows. */
export class InputRegion {
  readonly #exports: ModuleExports;
  readonly #outputStart: number;
  #view: Bytes;
  #start = 0;
  #reserved = -1;

  constructor(exports: ModuleExports) {
    this.#exports = exports;
    this.#outputStart = exports.outputStart();
    this.#view = new Uint8Array(exports.memory.buffer);
  }

  bytes(): Bytes {
    if (this.#view.buffer !== this.#exports.memory.buffer) this.#view = new Uint8Array(this.#exports.memory.buffer);
    return this.#view;
  }

  /** A copy of the answer's first bytes. */
  output(length: number): Bytes {
    return this.bytes().slice(this.#outputStart, this.#outputStart + length);
  }

  /** A view of the answer's first bytes, until the next call. */
  outputView(length: number): Bytes {
    return this.bytes().subarray(this.#outputStart, this.#outputStart + length);
  }

  /** A copy of an answer that lies elsewhere. */
  bytesAt(start: number, length: number): Bytes {
    return this.bytes().slice(start, start + length);
  }

  place(bytes: Uint8Array): number {
    const start = this.reserve(bytes.length);
    this.bytes().set(bytes, start);
    return start;
  }

  placeAll(parts: readonly Uint8Array[]): number {
    let length = 0;
    for (const part of parts) length += part.length;
    const start = this.reserve(length);
    const view = this.bytes();
    let at = start;
    for (const part of parts) {
      view.set(part, at);
      at += part.length;
    }
    return start;
  }

  placeHashes(hashes: readonly Uint8Array[], from: number, to: number): number {
    const start = this.reserve((to - from) * 32);
    const view = this.bytes();
    for (let i = from; i < to; i++) view.set(hashes[i]!, start + (i - from) * 32);
    return start;
  }

  placePacked(parts: readonly Uint8Array[], from: number, to: number, length: number): number {
    const start = this.reserve(length);
    const view = this.bytes();
    let at = start;
    for (let i = from; i < to; i++) {
      const part = parts[i]!;
      view[at] = part.length;
      view[at + 1] = part.length >>> 8;
      view[at + 2] = part.length >>> 16;
      view[at + 3] = 0;
      view.set(part, at + 4);
      at += part.length + 4;
    }
    return start;
  }

  /**
   * Where an input of `length` bytes goes, 16-byte aligned; the caller writes it to `bytes()`.
   * @throws {RangeError} beyond the core's bound.
   */
  reserve(length: number): number {
    // The region always begins at the same place and never shrinks.
    if (length > this.#reserved) {
      const start = this.#exports.reserveInput(length);
      // What is refused leaves the region as it was.
      if (start === 0) throw new RangeError(`an input of ${length} bytes is too long for the core`);
      this.#start = start;
      this.#reserved = length;
    }
    return this.#start;
  }
}
