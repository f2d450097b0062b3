// An RFC 6962 tree that grows and keeps its frontier alone: the roots of the perfect subtrees that its size is made of, at most
// 53. Any number of trees stand beside each other over one core; none of them holds anything in it.
//
// Saved frontier: "RFT1", size u64 big-endian, the subtrees' roots from left to right (one for each set bit of the size), and
// sha256 of all that. The digest shows damage; what someone made up is shown by the tree's head alone.

import { type Hashes, hashBytes, isHash, requireHashes, setHashes } from "./hashes.ts";
import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";
import type { TreeHead } from "./merkle-proofs.ts";
import { bindSha256, digestAll, type Sha256, type Sha256Exports } from "./sha256.ts";

export interface IncrementalTrees {
  /**
   * An empty tree, or the one that `saved` tells; with a `head` only if that is its root and size.
   * @throws {RangeError} when `saved` is not what `IncrementalTree.save` gave, or of another tree than `head`.
   */
  incrementalTree(saved?: Uint8Array, head?: TreeHead): IncrementalTree;
}

export interface IncrementalTree {
  /** Leaves so far; at most 2^53 - 1. */
  readonly size: number;
  /** @throws {RangeError} when the leaf hash has not 32 bytes. */
  append(leafHash: Uint8Array): void;
  /** Appends many. @throws {RangeError} when a leaf hash has not 32 bytes; none is then appended. */
  appendAll(leafHashes: Hashes): void;
  /** Hashes leaves of any length and appends them. */
  appendLeaves(leaves: readonly Uint8Array[]): void;
  /**
   * The root, or that of an earlier size where the frontier still tells it: 0, and sizes that are the sum of the largest perfect
   * subtrees (of 11 = 8 + 2 + 1 leaves: 0, 8, 10 and 11). Undefined for all others.
   */
  root(): Uint8Array<ArrayBuffer>;
  root(size: number): Uint8Array<ArrayBuffer> | undefined;
  /** The roots of the perfect subtrees from left to right. */
  frontier(): Uint8Array<ArrayBuffer>[];
  /** The frontier as bytes: at most 44 + 53 · 32. */
  save(): Uint8Array<ArrayBuffer>;
}

export interface IncrementalTreeExports extends Sha256Exports {
  readonly treeJoin: (from: number, count: number) => void;
  readonly frontierAppend: (from: number, levels: number, size: number, count: number) => number;
}

export const incrementalTreeExportNames = [
  "treeJoin",
  "frontierAppend",
] as const satisfies readonly (keyof IncrementalTreeExports)[];

const levelsMax = 53;
const magic = Uint8Array.of(0x52, 0x46, 0x54, 0x31);
const headerBytes = 12;

export function bindIncrementalTrees(exports: IncrementalTreeExports, region: InputRegion): IncrementalTrees {
  const sha256 = bindSha256(exports, region);
  return {
    incrementalTree(saved, head) {
      const { size, subtrees } = saved === undefined ? { size: 0, subtrees: new Uint8Array(0) } : read(saved, sha256);
      const tree = new Frontier(exports, region, sha256, subtrees, size);
      if (head !== undefined && (head.size !== size || !isSame(head.root, tree.root())))
        throw new RangeError("a saved frontier is of another tree than the head");
      return tree;
    },
  };
}

class Frontier implements IncrementalTree {
  readonly #exports: IncrementalTreeExports;
  readonly #region: InputRegion;
  /** A hash a level; those at the set bits of the size count. */
  readonly #slots = new Uint8Array(levelsMax * hashBytes);
  #size: number;

  readonly #sha256: Sha256;

  /** `subtrees` has a hash for each set bit of `size`, the largest first. */
  constructor(
    exports: IncrementalTreeExports,
    region: InputRegion,
    sha256: Sha256,
    subtrees: Uint8Array,
    size: number,
  ) {
    this.#exports = exports;
    this.#region = region;
    this.#sha256 = sha256;
    this.#size = size;
    let at = 0;
    for (const level of levelsOf(size)) {
      this.#slots.set(subtrees.subarray(at, at + hashBytes), level * hashBytes);
      at += hashBytes;
    }
  }

  get size(): number {
    return this.#size;
  }

  append(leafHash: Uint8Array): void {
    if (!isHash(leafHash)) throw new RangeError(`a hash has 32 bytes, not ${leafHash.length}`);
    this.#append(leafHash, 1);
  }

  appendAll(leafHashes: Hashes): void {
    const count = requireHashes(leafHashes);
    if (this.#size + count > Number.MAX_SAFE_INTEGER) throw new RangeError("a tree has at most 2^53 - 1 leaves");
    const perPiece = pieceBytes / hashBytes;
    for (let i = 0; i < count; i += perPiece) {
      const end = Math.min(i + perPiece, count);
      const piece =
        leafHashes instanceof Uint8Array
          ? leafHashes.subarray(i * hashBytes, end * hashBytes)
          : leafHashes.slice(i, end);
      this.#append(piece, end - i);
    }
  }

  appendLeaves(leaves: readonly Uint8Array[]): void {
    this.appendAll(digestAll(this.#exports, this.#region, leaves, true));
  }

  #append(leafHashes: Hashes, count: number): void {
    const size = this.#size + count;
    if (size > Number.MAX_SAFE_INTEGER) throw new RangeError("a tree has at most 2^53 - 1 leaves");
    // Levels above the highest bit that changes stay as they are.
    let levels = 0;
    for (let a = this.#size, b = size; a !== b; levels++) {
      a = Math.floor(a / 2);
      b = Math.floor(b / 2);
    }
    const slotBytes = levels * hashBytes;
    const hashesAt = slotBytes + hashBytes;
    const from = this.#region.reserve(hashesAt + count * hashBytes);
    const bytes = this.#region.bytes();
    bytes.set(this.#slots.subarray(0, slotBytes), from);
    setHashes(bytes, leafHashes, from + hashesAt);
    if (!this.#exports.frontierAppend(from, levels, this.#size, count)) throw new Error("the frontier lacks a level");
    this.#slots.set(bytes.subarray(from, from + slotBytes));
    this.#size = size;
  }

  root(): Uint8Array<ArrayBuffer>;
  root(size: number): Uint8Array<ArrayBuffer> | undefined;
  root(size = this.#size): Uint8Array<ArrayBuffer> | undefined {
    let subtrees = 0;
    let covered = 0;
    const levels = levelsOf(this.#size);
    while (covered < size && subtrees < levels.length) covered += 2 ** levels[subtrees++]!;
    if (covered !== size) return undefined;
    this.#exports.treeJoin(this.#region.place(this.#packed(subtrees)), subtrees);
    return this.#region.output(hashBytes);
  }

  frontier(): Uint8Array<ArrayBuffer>[] {
    return levelsOf(this.#size).map((level) => this.#slots.slice(level * hashBytes, (level + 1) * hashBytes));
  }

  save(): Uint8Array<ArrayBuffer> {
    const packed = this.#packed(levelsOf(this.#size).length);
    const saved = new Uint8Array(headerBytes + packed.length + hashBytes);
    saved.set(magic);
    new DataView(saved.buffer).setBigUint64(magic.length, BigInt(this.#size));
    saved.set(packed, headerBytes);
    const digestAt = headerBytes + packed.length;
    saved.set(this.#sha256.sha256(saved.subarray(0, digestAt)), digestAt);
    return saved;
  }

  /** The first `count` subtrees' roots. */
  #packed(count: number): Uint8Array<ArrayBuffer> {
    const packed = new Uint8Array(count * hashBytes);
    for (const [i, level] of levelsOf(this.#size).slice(0, count).entries())
      packed.set(this.#slots.subarray(level * hashBytes, (level + 1) * hashBytes), i * hashBytes);
    return packed;
  }
}

/** Set bits of the size, the highest first. */
function levelsOf(size: number): number[] {
  const levels: number[] = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) levels.push(level);
  return levels.reverse();
}

/** @throws {RangeError} when the bytes are not a saved frontier. */
function read(saved: Uint8Array, { sha256 }: Sha256): { readonly size: number; readonly subtrees: Uint8Array } {
  if (saved.length < headerBytes + hashBytes || magic.some((byte, i) => saved[i] !== byte))
    throw new RangeError("a saved frontier begins with RFT1 and a size");
  const told = new DataView(saved.buffer, saved.byteOffset, saved.length).getBigUint64(magic.length);
  if (told > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`a tree has at most 2^53 - 1 leaves, not ${told}`);
  const size = Number(told);
  const digestAt = headerBytes + levelsOf(size).length * hashBytes;
  if (saved.length !== digestAt + hashBytes)
    throw new RangeError(`a saved frontier of ${size} leaves has ${digestAt + hashBytes} bytes, not ${saved.length}`);
  if (!isSame(saved.subarray(digestAt), sha256(saved.subarray(0, digestAt))))
    throw new RangeError("a saved frontier ends with its own digest");
  return { size, subtrees: saved.subarray(headerBytes, digestAt) };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
