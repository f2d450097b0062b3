// The ledger's state: named canonical JSON values, the tree that commits them, and the last versions for proofs.
// Limits: names 1 to 256 bytes of UTF-8, values 1 byte to 64 KiB, `versionsMax` versions (older ones are freed).

import { utf8 } from "../protocol/bytes.ts";
import type { Hasher } from "./hasher.ts";
import { OrderedNames } from "./ordered-names.ts";
import { proveKey } from "./proof.ts";
import { findLeaf, rootOf, type Tree, TreeWriter } from "./tree.ts";

export const stateNameBytesMax = 256;
const stateValueBytesMax = 65_536;
export const stateVersionsMax = 1000;

/** One entry's change: value null when it is gone. */
export interface EntryChange {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** A version made by `prepare` and not yet current. */
export interface PreparedVersion {
  readonly root: Uint8Array;
  readonly tree: Tree;
  readonly changes: readonly EntryChange[];
  /** The tree on which it was built. */
  readonly base: Tree;
}

export class VersionedState {
  readonly #hasher: Hasher;
  readonly #writer: TreeWriter;
  readonly #versionsMax: number;
  readonly #values = new Map<string, Uint8Array>();
  readonly #names = new OrderedNames();
  /** Ascending heights; insertion order is height order. */
  readonly #versions = new Map<number, Tree>();
  #tree: Tree = null;
  #height = 0;

  constructor(hasher: Hasher, versionsMax = stateVersionsMax) {
    if (!Number.isInteger(versionsMax) || versionsMax < 1) throw new RangeError("at least one version must be kept");
    this.#hasher = hasher;
    this.#writer = new TreeWriter(hasher);
    this.#versionsMax = versionsMax;
  }

  get height(): number {
    return this.#height;
  }

  get root(): Uint8Array {
    return rootOf(this.#tree, this.#hasher);
  }

  /** Number of entries. */
  get size(): number {
    return this.#names.size;
  }

  /** Value in the current version. */
  get(name: string): Uint8Array | null {
    return this.#values.get(name) ?? null;
  }

  /** Names with the prefix in the current version. `after` excludes itself and all names on its near side. */
  names(prefix: string, after?: string, descending = false): Generator<string> {
    return descending ? this.#names.descending(prefix, after) : this.#names.ascending(prefix, after);
  }

  /**
   * Hashes the next version beside the current one, which stays what queries see.
   * @throws {RangeError} when a name or a value is outside the limits, or a name changes twice.
   */
  prepare(changes: readonly EntryChange[]): PreparedVersion {
    const keyed = changes.map(({ name, value }) => {
      const bytes = utf8(name);
      if (bytes.length === 0 || bytes.length > stateNameBytesMax)
        throw new RangeError(`a state name has 1 to ${stateNameBytesMax} bytes, not ${bytes.length}: ${name}`);
      if (value !== null && (value.length === 0 || value.length > stateValueBytesMax))
        throw new RangeError(`a state value has 1 to ${stateValueBytesMax} bytes, not ${value.length}: ${name}`);
      return { key: this.#hasher.sha256(bytes), value };
    });
    const tree = this.#writer.update(this.#tree, keyed);
    return { root: rootOf(tree, this.#hasher), tree, changes, base: this.#tree };
  }

  /**
   * Makes a prepared version the current one and frees the version that is now too old.
   * @throws {Error} when it was prepared on another version, or the height does not grow.
   */
  advance(height: number, version: PreparedVersion): void {
    if (version.base !== this.#tree) throw new Error("a version must be prepared on the current one");
    if (this.#versions.size > 0 && height <= this.#height)
      throw new Error(`version ${height} does not follow version ${this.#height}`);
    for (const { name, value } of version.changes) {
      if (value === null) {
        this.#values.delete(name);
        this.#names.remove(name);
      } else {
        this.#values.set(name, value);
        this.#names.add(name);
      }
    }
    this.#tree = version.tree;
    this.#height = height;
    this.#versions.set(height, version.tree);
    if (this.#versions.size > this.#versionsMax) this.#versions.delete(this.#versions.keys().next().value!);
  }

  /**
   * Reads an entry of a kept version.
   * @throws {RangeError} when that version is not kept.
   */
  read(
    name: string,
    height: number,
    prove: boolean,
  ): { readonly value: Uint8Array | null; readonly proof: Uint8Array | null } {
    const tree = this.#versions.get(height);
    if (tree === undefined) {
      const oldest = this.#versions.keys().next().value ?? 0;
      throw new RangeError(`state of height ${height} is not kept; heights ${oldest} to ${this.#height} are`);
    }
    const key = this.#hasher.sha256(utf8(name));
    const leaf = findLeaf(tree, key);
    return { value: leaf === null ? null : leaf.value, proof: prove ? proveKey(tree, key) : null };
  }
}
