// What the command trusts, in one file: for each ledger's address what the light client remembers. Replaced whole and atomically; a file
// that is damaged counts as none, and is said to be. Bounds: 8 MiB, 16 addresses, of which those not used for longest go first.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { TrustStore } from "../light/trust-store.ts";
import { fromBase64, toBase64 } from "../protocol/comet.ts";

const fileBytesMax = 8 * 1_048_576;
const placesMax = 16;

type Kept = Map<string, unknown>;

const keptSchema = z.array(z.tuple([z.string().max(200), z.unknown()])).max(10_000);
const fileSchema = z.strictObject({
  version: z.literal(1),
  /** By address, the newest used last. */
  places: z.array(z.tuple([z.string().max(2_048), keptSchema])).max(placesMax),
});

export class TrustFile implements TrustStore {
  readonly #file: string;
  readonly #place: string;
  readonly #warn: (text: string) => void;
  readonly #kept: Kept;
  #warned = false;
  #writing = false;

  /** @param warn told in one line, once, when the file is damaged or cannot be written. */
  constructor(file: string, place: string, warn: (text: string) => void) {
    this.#file = file;
    this.#place = place;
    this.#warn = warn;
    this.#kept = this.#read().get(place) ?? new Map();
  }

  async get(key: string): Promise<unknown> {
    return this.#kept.get(key);
  }

  async put(key: string, value: unknown): Promise<void> {
    this.#kept.set(key, value);
    this.#writeSoon();
  }

  async delete(key: string): Promise<void> {
    if (this.#kept.delete(key)) this.#writeSoon();
  }

  async keys(prefix: string): Promise<readonly string[]> {
    return [...this.#kept.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** What one step of the client puts is written at once; the process does not end before. */
  #writeSoon(): void {
    if (this.#writing) return;
    this.#writing = true;
    setImmediate(() => {
      this.#writing = false;
      try {
        this.#write();
      } catch (error) {
        this.#say(`${this.#file}: cannot be written (${(error as Error).message}); nothing is remembered`);
      }
    });
  }

  #read(): Map<string, Kept> {
    try {
      if (statSync(this.#file).size > fileBytesMax) throw new RangeError(`more than ${fileBytesMax} bytes`);
      const { places } = fileSchema.parse(JSON.parse(readFileSync(this.#file, "utf8"), bytesOfText));
      return new Map(places.map(([place, kept]) => [place, new Map(kept)]));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        this.#say(`${this.#file}: cannot be read, so nothing is remembered and trust begins anew`);
      return new Map();
    }
  }

  #write(): void {
    // Read again, so that what another run wrote of another ledger meanwhile stays.
    const others = this.#read();
    others.delete(this.#place);
    const places = [...others, [this.#place, this.#kept] as const].slice(-placesMax);
    const text = (): string =>
      `${JSON.stringify({ version: 1, places: places.map(([place, kept]) => [place, [...kept]]) }, textOfBytes)}\n`;
    let written = text();
    while (written.length > fileBytesMax && places.length > 1) {
      places.shift();
      written = text();
    }
    const folder = dirname(this.#file);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = join(folder, `.trust-${process.pid}-${randomBytes(4).toString("hex")}.json`);
    try {
      const file = openSync(temporary, "wx", 0o600);
      try {
        writeSync(file, written);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, this.#file);
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  #say(text: string): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#warn(text);
  }
}

const bytesMark = "$bytes";

function textOfBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { [bytesMark]: toBase64(value) } : value;
}

/** @throws {RangeError} when marked bytes are no base64. */
function bytesOfText(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const [[name, text] = [], ...more] = Object.entries(value);
  return name === bytesMark && typeof text === "string" && more.length === 0 ? fromBase64(text) : value;
}
