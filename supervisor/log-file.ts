// A part's log on disk: lines appended, the file renamed to `.1` when it is full. At most twice `bytesMax` in all.

import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

const bytesMax = 8 * 1024 * 1024;

export class LogFile {
  readonly path: string;
  readonly #bytesMax: number;
  #size: number;

  constructor(path: string, limit = bytesMax) {
    this.path = path;
    this.#bytesMax = limit;
    mkdirSync(dirname(path), { recursive: true });
    this.#size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Never throws: a city must not stop because its log cannot be written. */
  append(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    try {
      if (this.#size > 0 && this.#size + bytes > this.#bytesMax) {
        renameSync(this.path, `${this.path}.1`);
        this.#size = 0;
      }
      appendFileSync(this.path, `${line}\n`);
      this.#size += bytes;
    } catch {
      // A full disk is reported by the part that fails on it.
    }
  }
}
