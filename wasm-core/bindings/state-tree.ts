// The ledger's authenticated map in WASM memory: a crit-bit tree over sha256(name), copy on write, with versions and ICS-23
// proofs. Leaf sha256(00 | 20 | K | 20 | sha256(value)), inner node sha256(01 | left | right), empty sha256(""). Limits: names 1 to
// 256 bytes of UTF-8, values 1 byte to 64 KiB, memory of 4 GiB. Dropping a version costs the same whatever it changed.

import { guardedExports, type ModuleExports } from "./exports.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What an entry is known by: its name, or, as bytes, its key of 32 bytes, which is the name's SHA-256. */
export type EntryName = string | Uint8Array;

/** One entry's change; value null removes it. */
export interface StateChange {
  readonly name: EntryName;
  readonly value: Uint8Array | null;
}

export interface StateEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface StateTreeOptions {
  /** Bound of the memory in bytes, at most 4 GiB; whole pages of 64 KiB are used. */
  readonly memoryBytesMax?: number;
}

/** Says that a version could not be prepared because memory is out. What was there before is as it was. */
export class StateTreeFull extends Error {
  override readonly name = "StateTreeFull";
}

interface StateTreeExports extends ModuleExports {
  readonly limitPages: (pages: number) => void;
  readonly recordsLive: () => number;
  readonly prepareBegin: () => void;
  readonly prepareChanges: (length: number) => number;
  readonly prepareEnd: () => number;
  readonly preparedVersion: () => number;
  readonly commit: () => number;
  readonly abandon: () => void;
  readonly dropOldest: () => number;
  readonly versionRoot: (version: number) => void;
  readonly versionSize: (version: number) => number;
  readonly value: (version: number, nameLength: number) => number;
  readonly proof: (version: number, nameLength: number) => number;
  readonly entries: (version: number, after: number) => number;
}

const exportNames = [
  "reserveInput",
  "outputStart",
  "limitPages",
  "recordsLive",
  "prepareBegin",
  "prepareChanges",
  "prepareEnd",
  "preparedVersion",
  "commit",
  "abandon",
  "dropOldest",
  "versionRoot",
  "versionSize",
  "value",
  "proof",
  "entries",
] as const satisfies readonly (keyof StateTreeExports)[];

export const stateNameBytesMax = 256;
export const stateValueBytesMax = 65_536;
const keyBytes = 32;
/** As in assembly/state/records.ts. */
const recordBytes = 96;
const pageBytes = 65_536;
const memoryBytesLimit = 2 ** 32;
/** Packed changes handed over at once; assembly/state/regions.ts holds the same bound. */
const inputBytesMax = 262_144;
/** u32 length of the value, u16 length of the name. */
const headBytes = 6;

/** What the module answers to changes; assembly/state/changes.ts holds the same numbers. */
const outOfMemory = 1;
const keyTwice = 2;

const textEncoder = new TextEncoder();

/** A new, empty tree in an instance of its own. */
export function instantiateStateTree(module: WebAssembly.Module, options: StateTreeOptions = {}): StateTree {
  return new StateTree(new WebAssembly.Instance(module, {}), options);
}

export class StateTree {
  readonly #exports: StateTreeExports;
  readonly #inputStart: number;
  readonly #outputStart: number;
  /** Addresses of the kept versions; insertion order is their own. */
  readonly #versions = new Map<number, number>();
  #newest: number | null = null;
  #view: Bytes;
  /** Changes are being read from the caller, who must not call back. */
  #busy = false;
  /** A version is being prepared part by part. */
  #inParts = false;

  /**
   * @throws {TypeError} when the instance is not the state tree's module.
   * @throws {RangeError} when the bound of the memory is not 0 to 4 GiB.
   */
  constructor(instance: WebAssembly.Instance, options: StateTreeOptions = {}) {
    const { memoryBytesMax } = options;
    if (memoryBytesMax !== undefined && !(memoryBytesMax >= 0 && memoryBytesMax <= memoryBytesLimit))
      throw new RangeError(`a state tree's memory has 0 to ${memoryBytesLimit} bytes, not ${memoryBytesMax}`);
    this.#exports = guardedExports<StateTreeExports>(instance, exportNames);
    this.#inputStart = this.#exports.reserveInput(inputBytesMax);
    this.#outputStart = this.#exports.outputStart();
    this.#view = new Uint8Array(this.#exports.memory.buffer);
    if (memoryBytesMax !== undefined) this.#exports.limitPages(Math.floor(memoryBytesMax / pageBytes));
  }

  /** The newest version's number; null when none was committed. */
  get newest(): number | null {
    return this.#newest;
  }

  /** The oldest kept version's number; null when none was committed. */
  get oldest(): number | null {
    return this.#versions.keys().next().value ?? null;
  }

  /** Number of kept versions. */
  get versions(): number {
    return this.#versions.size;
  }

  /** Bytes that the module's memory takes. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Bytes of it that kept versions and the prepared one use. */
  get bytesInUse(): number {
    return this.recordsLive * recordBytes;
  }

  /** Records of 96 bytes in use, by all kept versions and the prepared one. */
  get recordsLive(): number {
    return this.#exports.recordsLive() >>> 0;
  }

  /** Number of entries of a kept version, the newest unless said. @throws {RangeError} when it is not kept. */
  size(version?: number): number {
    return this.#exports.versionSize(this.#address(version)) >>> 0;
  }

  /** Root hash of a kept version, the newest unless said. @throws {RangeError} when it is not kept. */
  root(version?: number): Bytes {
    this.#exports.versionRoot(this.#address(version));
    return this.#output(keyBytes);
  }

  /** Whether a version is kept. */
  has(version: number): boolean {
    return this.#versions.has(version);
  }

  /**
   * Value in a kept version, the newest unless said; null when it has none, as under any name outside the limits.
   * @throws {RangeError} when that version is not kept.
   */
  get(name: EntryName, version?: number): Bytes | null {
    if (!isName(name)) return null;
    const length = this.#exports.value(this.#address(version), this.#place(name));
    return length === 0 ? null : this.#output(length);
  }

  /**
   * Encoded ICS-23 CommitmentProof, tendermint spec with K = sha256(name) as the key, that the entry is there or that it is
   * not, in a kept version, the newest unless said. Null for the empty tree, of which ICS-23 can prove nothing.
   * @throws {RangeError} when that version is not kept, or the name is outside the limits.
   */
  prove(name: EntryName, version?: number): Bytes | null {
    const length = this.#exports.proof(this.#address(version), this.#place(name));
    return length === 0 ? null : this.#output(length);
  }

  /**
   * Entries of a kept version, of the one that is the newest at the first step unless said, in the order of their keys, after
   * the key `after` when given. They are the caller's. The version must be kept until the last is read.
   * @throws {RangeError} when it is not kept.
   */
  *entries(version?: number, after?: Uint8Array): Generator<StateEntry, void, undefined> {
    const read = version ?? this.#newest ?? undefined;
    let from = after ?? new Uint8Array(keyBytes);
    let beyond = after !== undefined;
    for (;;) {
      this.#place(from);
      const piece = this.#output(this.#exports.entries(this.#address(read), beyond ? 1 : 0));
      if (piece.length === 0) return;
      beyond = true;
      const lengths = new DataView(piece.buffer);
      for (let at = 0; at < piece.length; ) {
        const valueAt = at + keyBytes + 4;
        const key = piece.slice(at, at + keyBytes);
        at = valueAt + lengths.getUint32(at + keyBytes, true);
        if (at === piece.length) from = key.slice();
        yield { key, value: piece.slice(valueAt, at) };
      }
    }
  }

  /**
   * Makes the next version beside the newest, which stays what is seen, and answers its root. A version prepared before is
   * abandoned. Any number of changes in any order; what changes nothing makes no nodes.
   * @throws {StateTreeFull} when memory is out.
   * @throws {RangeError} when a name or value is outside the limits, or a name comes twice.
   */
  prepare(changes: Iterable<StateChange>): Bytes {
    this.prepareBegin();
    this.prepareMore(changes);
    return this.prepareEnd();
  }

  /** Starts to prepare a version part by part. Kept versions may be read in between; `prepare` and `abandon` end it. */
  prepareBegin(): void {
    this.#requireIdle();
    this.#exports.prepareBegin();
    this.#inParts = true;
  }

  /**
   * Takes in changes of the version begun, each name once in all parts. They are kept packed, so that the caller's may go.
   * After a failure nothing is prepared.
   * @throws {StateTreeFull} when memory is out.
   * @throws {RangeError} when a name or value is outside the limits, or a name comes twice.
   * @throws {Error} when no version is begun.
   */
  prepareMore(changes: Iterable<StateChange>): void {
    this.#requireBegun();
    this.#busy = true;
    try {
      this.#takeAll(changes);
    } catch (cause) {
      this.#abandon();
      throw cause;
    } finally {
      this.#busy = false;
    }
  }

  /** Makes the version begun of all its parts and answers its root. @throws as `prepareMore`. */
  prepareEnd(): Bytes {
    this.#requireBegun();
    this.#inParts = false;
    try {
      this.#requireDone(this.#exports.prepareEnd());
    } catch (cause) {
      this.#abandon();
      throw cause;
    }
    this.#exports.versionRoot(this.#exports.preparedVersion());
    return this.#output(keyBytes);
  }

  /**
   * Makes the prepared version the newest, under a number of the caller's.
   * @throws {RangeError} when the number does not follow the newest version's.
   * @throws {Error} when nothing is prepared.
   */
  commit(version: number): void {
    if (!Number.isSafeInteger(version)) throw new RangeError(`a version is a whole number, not ${version}`);
    if (this.#newest !== null && version <= this.#newest)
      throw new RangeError(`version ${version} does not follow version ${this.#newest}`);
    if (this.#inParts) throw new Error("a version is begun and not prepared yet");
    const address = this.#exports.commit() >>> 0;
    if (address === 0) throw new Error("no version is prepared");
    this.#versions.set(version, address);
    this.#newest = version;
  }

  /** Drops the prepared version, if there is one. */
  abandon(): void {
    this.#requireIdle();
    this.#abandon();
  }

  /** Drops the kept versions below `version`, but never the newest. */
  dropBefore(version: number): void {
    this.#requireIdle();
    for (const number of this.#versions.keys()) {
      // Not `number >= version`: nothing is below NaN.
      if (!(number < version) || number === this.#newest) return;
      this.#exports.dropOldest();
      this.#versions.delete(number);
    }
  }

  #abandon(): void {
    this.#inParts = false;
    this.#exports.abandon();
  }

  #requireBegun(): void {
    this.#requireIdle();
    if (!this.#inParts) throw new Error("no version is begun");
  }

  #takeAll(changes: Iterable<StateChange>): void {
    const end = this.#inputStart + inputBytesMax;
    let at = this.#inputStart;
    let view = this.#bytes();
    for (const { name, value } of changes) {
      const valueLength = value === null ? 0 : value.length;
      if (value !== null && (valueLength === 0 || valueLength > stateValueBytesMax))
        throw new RangeError(`a state value has 1 to ${stateValueBytesMax} bytes, not ${valueLength}: ${name}`);
      requireName(name);
      // A UTF-16 unit takes three bytes of UTF-8 at most.
      if (headBytes + name.length * 3 + valueLength > end - at) {
        this.#take(at);
        at = this.#inputStart;
        view = this.#bytes();
      }
      const nameLength = writeName(view, at + headBytes, name);
      view[at] = valueLength;
      view[at + 1] = valueLength >>> 8;
      view[at + 2] = valueLength >>> 16;
      view[at + 3] = 0;
      view[at + 4] = nameLength;
      view[at + 5] = nameLength >>> 8;
      at += headBytes + (nameLength === 0 ? keyBytes : nameLength);
      if (value !== null) view.set(value, at);
      at += valueLength;
    }
    this.#take(at);
  }

  #take(end: number): void {
    if (end > this.#inputStart) this.#requireDone(this.#exports.prepareChanges(end - this.#inputStart));
  }

  #requireDone(status: number): void {
    if (status === 0) return;
    if (status === outOfMemory) throw new StateTreeFull(`the state tree is full with ${this.memoryBytes} bytes`);
    if (status === keyTwice) throw new RangeError("a name changes twice in one batch");
    throw new Error(`the state tree answered ${status} to changes`);
  }

  /** Writes a name or key where calls expect it; answers the name's length, 0 for a key. */
  #place(name: EntryName): number {
    this.#requireIdle();
    requireName(name);
    return writeName(this.#bytes(), this.#inputStart, name);
  }

  #address(version: number | undefined): number {
    this.#requireIdle();
    if (version === undefined) return this.#newest === null ? 0 : this.#versions.get(this.#newest)!;
    const address = this.#versions.get(version);
    if (address === undefined)
      throw new RangeError(`version ${version} is not kept; versions ${this.oldest} to ${this.#newest} are`);
    return address;
  }

  #requireIdle(): void {
    if (this.#busy) throw new Error("the state tree was called while it reads changes");
  }

  #output(length: number): Bytes {
    return this.#bytes().slice(this.#outputStart, this.#outputStart + length);
  }

  #bytes(): Bytes {
    if (this.#view.buffer !== this.#exports.memory.buffer) this.#view = new Uint8Array(this.#exports.memory.buffer);
    return this.#view;
  }
}

function isName(name: EntryName): boolean {
  if (typeof name !== "string") return name.length === keyBytes;
  // A UTF-16 unit takes one byte of UTF-8 at least and three at most.
  // Text with lone surrogates has no UTF-8: encoded, it would be another name's.
  if (name.length === 0 || name.length > stateNameBytesMax || !name.isWellFormed()) return false;
  return name.length * 3 <= stateNameBytesMax || textEncoder.encode(name).length <= stateNameBytesMax;
}

function requireName(name: EntryName): void {
  if (isName(name)) return;
  if (typeof name !== "string") throw new RangeError(`a state key has ${keyBytes} bytes, not ${name.length}`);
  if (!name.isWellFormed()) throw new RangeError("a state name has no lone surrogates");
  const { length } = textEncoder.encode(name);
  throw new RangeError(`a state name has 1 to ${stateNameBytesMax} bytes, not ${length}: ${name.slice(0, 300)}`);
}

/** Writes a name or key; answers the name's length in bytes, 0 for a key. */
function writeName(view: Bytes, at: number, name: EntryName): number {
  if (typeof name !== "string") {
    view.set(name, at);
    return 0;
  }
  const length = name.length;
  for (let i = 0; i < length; i++) {
    const unit = name.charCodeAt(i);
    if (unit > 0x7f) return textEncoder.encodeInto(name, view.subarray(at, at + stateNameBytesMax)).written;
    view[at + i] = unit;
  }
  return length;
}
