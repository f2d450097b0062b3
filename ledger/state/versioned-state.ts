// The ledger's state: named canonical JSON values, the tree that commits them, and the last versions for proofs.
// Limits: names 1 to 256 bytes of UTF-8, values 1 byte to 64 KiB, `versionsMax` versions (older ones are freed).

import { type StateTree, StateTreeFull } from "../../wasm-core/bindings/state-tree.ts";
import { OrderedNames } from "./ordered-names.ts";

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
  readonly names: readonly { readonly name: string; readonly kept: boolean }[];
}

export class VersionedState {
  readonly #tree: StateTree;
  readonly #versionsMax: number;
  readonly #names = new OrderedNames();
  /** Values of the current version; the one put in first goes first. */
  readonly #recent = new Map<string, Uint8Array>();
  #prepared: PreparedVersion | null = null;

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

  /** Value in the current version; treat it as immutable. */
  get(name: string): Uint8Array | null {
    const recent = this.#recent.get(name);
    if (recent !== undefined) return recent;
    const value = this.#tree.get(name);
    if (value !== null) this.#keepAtHand(name, value);
    return value;
  }

  /** Names with the prefix in the current version. `after` excludes itself and all names on its near side. */
  names(prefix: string, after?: string, descending = false): Generator<string> {
    return descending ? this.#names.descending(prefix, after) : this.#names.ascending(prefix, after);
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
    for (const { name, kept } of version.names) {
      this.#recent.delete(name);
      if (kept) this.#names.add(name);
      else this.#names.remove(name);
    }
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
