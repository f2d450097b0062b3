// The ledger's state: named canonical JSON values, the tree that commits them, and the last versions for proofs.
// Limits: names 1 to 256 bytes of UTF-8, values 1 byte to 64 KiB, `versionsMax` versions (older ones are freed).

import { type StateEntry, type StateTree, StateTreeFull } from "../../wasm-core/bindings/state-tree.ts";
import { type ChangedName, type FrozenNames, isInOrder, OrderedNames } from "./ordered-names.ts";

export { stateNameBytesMax } from "../../wasm-core/bindings/state-tree.ts";
export const stateVersionsMax = 1000;

/** Values at hand as they were read, 64 MiB at most; all others are copied out of the tree. */
const recentMax = 16_384;
const recentBytesMax = 4096;

/** One entry's change: value null when it is gone. */
export interface EntryChange {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** A version made by `prepare` and not yet current. */
export interface PreparedVersion {
  readonly root: Uint8Array;
  /** Names that change, and whether there is a value under them then. The caller's arrays are not kept. */
  readonly names: readonly ChangedName[];
}

/** One version, for as long as it is kept. */
export interface FrozenState {
  readonly height: number;
  readonly root: Uint8Array;
  readonly size: number;
  readonly names: FrozenNames;
  /**
   * Entries in the order of their keys, from a key on. They are the caller's.
   * @throws {RangeError} at a step when the version is kept no longer.
   */
  entriesFrom(key: Uint8Array): Generator<StateEntry, void, undefined>;
}

/** What a state takes of memory, for those who watch it. */
export interface StateUsage {
  readonly entries: number;
  /** Versions kept for proofs. */
  readonly versions: number;
  /** The tree's memory. It grows, up to its bound, and is never given back; what versions free is used again. */
  readonly treeBytes: number;
  /** How much of it is in use, by all kept versions. */
  readonly treeBytesInUse: number;
  /** The names in order. */
  readonly nameBytes: number;
}

/** Names of a state being loaded that are put in order at once. */
const loadedNamesMax = 262_144;

export class VersionedState {
  readonly #tree: StateTree;
  readonly #versionsMax: number;
  readonly #names = new OrderedNames();
  /** Values of the current version; the one put in first goes first. */
  readonly #recent = new Map<string, Uint8Array>();
  #prepared: PreparedVersion | null = null;
  /** Names loaded and not yet put in order; null when nothing is being loaded. */
  #loading: ChangedName[] | null = null;

  /** @param tree an empty one that nobody else uses. */
  constructor(tree: StateTree, versionsMax = stateVersionsMax) {
    if (!Number.isInteger(versionsMax) || versionsMax < 1) throw new RangeError("at least one version must be kept");
    if (tree.newest !== null) throw new RangeError("a state begins with an empty tree");
    this.#tree = tree;
    this.#versionsMax = versionsMax;
  }

  get height(): number {
    return this.#tree.newest ?? 0;
  }

  get root(): Uint8Array {
    return this.#tree.root();
  }

  /** Number of entries. */
  get size(): number {
    return this.#tree.size();
  }

  /** Takes a tenth of a millisecond at 10^6 entries. */
  usage(): StateUsage {
    const { memoryBytes, bytesInUse, versions } = this.#tree;
    const { size, bytes } = this.#names;
    return { entries: size, versions, treeBytes: memoryBytes, treeBytesInUse: bytesInUse, nameBytes: bytes };
  }

  /** Value in the current version; treat it as immutable. */
  get(name: string): Uint8Array | null {
    const recent = this.#recent.get(name);
    if (recent !== undefined) return recent;
    const value = this.#tree.get(name);
    if (value !== null) this.#keepAtHand(name, value);
    return value;
  }

  /**
   * Names with the prefix in the current version, in the order of their bytes. `after` excludes itself and all names on its near
   * side. A walk goes on over the version that was current when it began.
   */
  names(prefix: string, after?: string, descending = false): Generator<string> {
    return descending ? this.#names.descending(prefix, after) : this.#names.ascending(prefix, after);
  }

  /**
   * Takes in entries of a stored state, each name once in all parts, into a state that has had no version yet; `endLoad` makes
   * them its first. Quickest in the order of the names' bytes. A state whose loading failed is of no further use.
   * @throws {RangeError} when a name or a value is outside the limits, or a name comes twice.
   * @throws {StateTreeFull} when memory is out.
   */
  load(entries: readonly (readonly [name: string, value: Uint8Array])[]): void {
    if (this.#loading === null) {
      if (this.#tree.newest !== null) throw new Error("a state is loaded before it has versions");
      this.#tree.prepareBegin();
      this.#loading = [];
    }
    this.#tree.prepareMore(entries.map(([name, value]) => ({ name, value })));
    for (const [name] of entries) this.#loading.push({ name, kept: true });
    // Snapshots come in the order of keys: many names at once touch each part of the names in order less often.
    if (this.#loading.length < loadedNamesMax && !isInOrder(this.#loading)) return;
    this.#names.change(this.#loading);
    this.#loading = [];
  }

  /** Makes what was loaded, nothing if nothing was, the first version, and answers its root. @throws as `load`. */
  endLoad(height: number): Uint8Array {
    this.load([]);
    const root = this.#tree.prepareEnd();
    this.#tree.commit(height);
    this.#names.change(this.#loading ?? []);
    this.#loading = null;
    return root;
  }

  /** The current version as it is now, whatever is committed later. */
  freeze(): FrozenState {
    const tree = this.#tree;
    const { height, root, size } = this;
    if (tree.newest === null) throw new Error("a state without a version cannot be frozen");
    return {
      height,
      root,
      size,
      names: this.#names.freeze(),
      entriesFrom: (key) => tree.entries(height, keyBefore(key)),
    };
  }

  /**
   * Hashes the next version beside the current one, which stays what queries see. One prepared before is dropped. When the
   * tree's memory is out, old versions go until this one fits.
   * @throws {RangeError} when a name or a value is outside the limits, or a name changes twice.
   * @throws {StateTreeFull} when it does not fit beside the current version alone.
   */
  prepare(changes: readonly EntryChange[]): PreparedVersion {
    this.#prepared = null;
    for (;;) {
      try {
        const root = this.#tree.prepare(changes);
        this.#prepared = { root, names: changes.map(({ name, value }) => ({ name, kept: value !== null })) };
        return this.#prepared;
      } catch (error) {
        if (!(error instanceof StateTreeFull) || this.#tree.versions <= 1) throw error;
        this.#keepNewest(this.#tree.versions >> 1);
      }
    }
  }

  /**
   * Makes a prepared version the current one and frees the version that is now too old.
   * @throws {Error} when it was prepared on another version or before another, or the height does not grow.
   */
  advance(height: number, version: PreparedVersion): void {
    if (version !== this.#prepared) throw new Error("a version must be prepared on the current one, after all others");
    this.#tree.commit(height);
    this.#prepared = null;
    // A name whose value was at hand was there before: if it stays, the names in order stay as they are.
    this.#names.change(version.names.filter(({ name, kept }) => !this.#recent.delete(name) || !kept));
    this.#keepNewest(this.#versionsMax);
  }

  /**
   * Reads an entry of a kept version.
   * @throws {RangeError} when that version is not kept, or a proof is asked for a name outside the limits.
   */
  read(
    name: string,
    height: number,
    prove: boolean,
  ): { readonly value: Uint8Array | null; readonly proof: Uint8Array | null } {
    if (!this.#tree.has(height)) {
      const oldest = this.#tree.oldest ?? 0;
      throw new RangeError(`state of height ${height} is not kept; heights ${oldest} to ${this.height} are`);
    }
    return { value: this.#tree.get(name, height), proof: prove ? this.#tree.prove(name, height) : null };
  }

  #keepAtHand(name: string, value: Uint8Array): void {
    if (value.length > recentBytesMax) return;
    this.#recent.set(name, value);
    if (this.#recent.size > recentMax) this.#recent.delete(this.#recent.keys().next().value!);
  }

  #keepNewest(count: number): void {
    while (this.#tree.versions > count) this.#tree.dropBefore(this.#tree.oldest! + 1);
  }
}

/** The key before a key; undefined before the first. */
function keyBefore(key: Uint8Array): Uint8Array | undefined {
  const before = key.slice();
  for (let at = before.length - 1; at >= 0; at--) {
    before[at]!--;
    if (before[at] !== 255) return before;
  }
  return undefined;
}
