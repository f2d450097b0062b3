// An RFC 6962 tree over leaf hashes that do not change, with all its perfect subtrees kept, so that each is computed once: then
// any root, path or proof of the tree or of any earlier size takes at most one join of 24 hashes, and copies.
// Memory: 64 bytes a leaf, in the page's or process's heap and not in the core's; so trees beyond its bound need no second way.

import { type Hashes, hashBytes, isCount, requireHashes, setCount, setHashes } from "./hashes.ts";
import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";
import { sharedRootBytes } from "./merkle-proofs.ts";

/** Leaves of a tree that is kept whole: 1 GiB of hashes. */
export const treeLeavesMax = 2 ** 24;

export interface MerkleTrees {
  /** @throws {RangeError} when a hash has not 32 bytes, or there are more than 2^24. */
  merkleTree(leafHashes: Hashes): MerkleTree;
  /**
   * RFC 6962 §2.1.1 audit path of leaf `index` among `leafHashes`. For more than one, make a `merkleTree`.
   * @throws {RangeError} when the leaf is not in the tree, or as `merkleTree`.
   */
  inclusionPath(leafHashes: Hashes, index: number): Uint8Array<ArrayBuffer>[];
}

/** Sizes are of the tree itself or earlier ones. Everything throws a RangeError for a size or leaf that the tree has not. */
export interface MerkleTree {
  readonly size: number;
  root(size?: number): Uint8Array<ArrayBuffer>;
  /** RFC 6962 §2.1.1, from the leaf up. */
  inclusionPath(index: number, size?: number): Uint8Array<ArrayBuffer>[];
  /** Proofs of many leaves, packed as `verifyPackedInclusions` takes them with a head: the fastest way to make and to check. */
  packedInclusions(indices: readonly number[], size?: number): Uint8Array<ArrayBuffer>;
  /** RFC 9162 §2.1.4.1, from size1 > 0 to size2. */
  consistencyProof(size1: number, size2?: number): Uint8Array<ArrayBuffer>[];
  /** The one proof of the leaves at `indices`, which ascend (assembly/merkle/multi-proof.ts); `verifyMultiProof` takes it. */
  multiProof(indices: readonly number[], size?: number): Uint8Array<ArrayBuffer>[];
}

export interface MerkleTreeExports {
  readonly treeJoin: (from: number, count: number) => void;
  readonly treeLevel: (from: number, pairs: number) => void;
}

export const merkleTreeExportNames = ["treeLevel"] as const satisfies readonly (keyof MerkleTreeExports)[];

export function bindMerkleTrees(exports: MerkleTreeExports, region: InputRegion): MerkleTrees {
  const merkleTree = (leafHashes: Hashes): MerkleTree => {
    const count = requireHashes(leafHashes);
    if (count > treeLeavesMax) throw new RangeError(`a tree that is kept has at most 2^24 leaves, not ${count}`);
    return new KeptTree(exports, region, leafHashes, count);
  };
  return { merkleTree, inclusionPath: (leafHashes, index) => merkleTree(leafHashes).inclusionPath(index) };
}

type Hash = Uint8Array<ArrayBuffer>;

/** Levels of a tree of 2^24 leaves and its root, rounded up. */
const edgeNodesMax = 32;
const hashWords = hashBytes / 4;

class KeptTree implements MerkleTree {
  readonly #exports: MerkleTreeExports;
  readonly #region: InputRegion;
  /** The perfect subtrees' roots, level after level, then one node a level of the edge that was looked at last. */
  readonly #nodes: Hash;
  /** The same as words, which copies a hash several times faster. */
  readonly #words: Int32Array;
  /** Where each level begins, in hashes. */
  readonly #levels: readonly number[];
  readonly #edge: number;
  /** The size whose edge stands there: many proofs of one size are made in a row. */
  #edgeSize = 0;
  readonly size: number;

  constructor(exports: MerkleTreeExports, region: InputRegion, leafHashes: Hashes, size: number) {
    this.#exports = exports;
    this.#region = region;
    this.size = size;
    const levels: number[] = [];
    let total = 0;
    for (let width = size; width > 0; width >>>= 1) {
      levels.push(total);
      total += width;
    }
    this.#levels = levels;
    this.#edge = total;
    this.#nodes = new Uint8Array((total + edgeNodesMax) * hashBytes);
    this.#words = new Int32Array(this.#nodes.buffer);
    setHashes(this.#nodes, leafHashes, 0);
    for (let level = 1, width = size >>> 1; width > 0; level++, width >>>= 1) this.#makeLevel(level, width);
  }

  root(size = this.size): Hash {
    this.#requireSize(size);
    if (size > 0) return this.#hash(this.#node(32 - Math.clz32(size - 1), 0, size));
    this.#exports.treeJoin(this.#region.reserve(0), 0);
    return this.#region.output(hashBytes);
  }

  inclusionPath(index: number, size = this.size): Hash[] {
    this.#requireSize(size);
    this.#requireLeaf(index, size);
    return this.#hashes(this.#path(index, size));
  }

  packedInclusions(indices: readonly number[], size = this.size): Hash {
    this.#requireSize(size);
    for (const index of indices) this.#requireLeaf(index, size);
    const paths = indices.map((index) => this.#path(index, size));
    const length = paths.reduce((sum, path) => sum + sharedRootBytes + path.length * hashBytes, 0);
    const words = new Int32Array(length / 4);
    const packed = new Uint8Array(words.buffer);
    const view = new DataView(words.buffer);
    let at = 0;
    for (const [i, path] of paths.entries()) {
      view.setUint32(at, path.length, true);
      setCount(view, at + 4, indices[i]!);
      this.#copy(indices[i]!, words, at / 4 + 3);
      at += sharedRootBytes;
      for (const node of path) {
        this.#copy(node, words, at / 4);
        at += hashBytes;
      }
    }
    return packed;
  }

  consistencyProof(size1: number, size2 = this.size): Hash[] {
    this.#requireSize(size2);
    if (!isCount(size1) || size1 === 0 || size1 > size2)
      throw new RangeError(`no consistency is proven from size ${size1} to ${size2}`);
    if (size1 === size2) return [];
    let at = size1 - 1;
    let last = size2 - 1;
    let level = 0;
    for (; at % 2 === 1; level++, at >>>= 1) last >>>= 1;
    // When that is the whole of the first tree, the verifier has it already as the first root.
    const nodes = at === 0 ? [] : [this.#node(level, at, size2)];
    this.#siblings(level, at, last, size2, nodes);
    return this.#hashes(nodes);
  }

  multiProof(indices: readonly number[], size = this.size): Hash[] {
    this.#requireSize(size);
    if (indices.length === 0) throw new RangeError("a multi-proof is of at least one leaf");
    for (const [i, index] of indices.entries()) {
      this.#requireLeaf(index, size);
      if (i > 0 && index <= indices[i - 1]!) throw new RangeError("the indices of a multi-proof ascend");
    }
    const nodes: number[] = [];
    let known = indices;
    for (let level = 0, last = size - 1; last > 0; level++, last >>>= 1) {
      const above: number[] = [];
      for (let i = 0; i < known.length; i++) {
        const at = known[i]!;
        above.push(at >>> 1);
        if (at % 2 === 0 && known[i + 1] === at + 1) i++;
        else if (at % 2 === 1) nodes.push(this.#node(level, at - 1, size));
        else if (at < last) nodes.push(this.#node(level, at + 1, size));
      }
      known = above;
    }
    return this.#hashes(nodes);
  }

  #path(index: number, size: number): number[] {
    const nodes: number[] = [];
    this.#siblings(0, index, size - 1, size, nodes);
    return nodes;
  }

  /** The siblings on the way from node `at` of a level, whose last node is `last`, to the root. */
  #siblings(level: number, at: number, last: number, size: number, nodes: number[]): void {
    for (; last > 0; level++, at >>>= 1, last >>>= 1) {
      // A last node without a sibling goes up as it is.
      if (at % 2 === 1) nodes.push(this.#node(level, at - 1, size));
      else if (at < last) nodes.push(this.#node(level, at + 1, size));
    }
  }

  /** Where a node of the tree of `size` stands. */
  #node(level: number, at: number, size: number): number {
    if ((at + 1) * 2 ** level <= size) return this.#levels[level]! + at;
    if (this.#edgeSize !== size) this.#makeEdge(size);
    return this.#edge + level;
  }

  #hash(node: number): Hash {
    return this.#nodes.slice(node * hashBytes, (node + 1) * hashBytes);
  }

  /** Copies in one piece: single small arrays take Node a multiple of the time. */
  #hashes(nodes: readonly number[]): Hash[] {
    const words = new Int32Array(nodes.length * hashWords);
    const packed = new Uint8Array(words.buffer);
    return nodes.map((node, i) => {
      this.#copy(node, words, i * hashWords);
      return packed.subarray(i * hashBytes, (i + 1) * hashBytes);
    });
  }

  #copy(node: number, to: Int32Array, at: number): void {
    const from = node * hashWords;
    for (let i = 0; i < hashWords; i++) to[at + i] = this.#words[from + i]!;
  }

  /** Makes the last node of every level of the tree of `size` > 0 that is not perfect, the root among them. */
  #makeEdge(size: number): void {
    const subtrees: { readonly level: number; readonly node: number }[] = [];
    for (let level = 0, rest = size; rest > 0; level++, rest >>>= 1)
      if (rest % 2 === 1) subtrees.push({ level, node: this.#levels[level]! + rest - 1 });
    const hashes = this.#hashes(subtrees.reverse().map(({ node }) => node));
    this.#exports.treeJoin(this.#region.placeAll(hashes), hashes.length);
    const joined = this.#region.outputView(hashes.length * hashBytes);
    // From the leaves up: a subtree on a level is the left sibling there, and so within the last node from the next level on.
    let first = subtrees.length - 1;
    for (let level = 0, last = size - 1; ; level++, last >>>= 1) {
      while (first > 0 && subtrees[first - 1]!.level < level) first--;
      this.#nodes.set(joined.subarray(first * hashBytes, (first + 1) * hashBytes), (this.#edge + level) * hashBytes);
      if (last === 0) break;
    }
    this.#edgeSize = size;
  }

  /** Makes the `width` perfect subtrees of a level from the level below. */
  #makeLevel(level: number, width: number): void {
    const below = this.#levels[level - 1]! * hashBytes;
    const to = this.#levels[level]! * hashBytes;
    const perPiece = pieceBytes / hashBytes / 2;
    for (let first = 0; first < width; first += perPiece) {
      const count = Math.min(perPiece, width - first);
      const pairs = this.#nodes.subarray(below + first * 2 * hashBytes, below + (first + count) * 2 * hashBytes);
      const from = this.#region.place(pairs);
      this.#exports.treeLevel(from, count);
      this.#nodes.set(this.#region.bytes().subarray(from, from + count * hashBytes), to + first * hashBytes);
    }
  }

  #requireSize(size: number): void {
    if (!isCount(size) || size > this.size) throw new RangeError(`size ${size} is beyond a tree of ${this.size}`);
  }

  #requireLeaf(index: number, size: number): void {
    if (!isCount(index) || index >= size) throw new RangeError(`index ${index} is not in a tree of ${size}`);
  }
}
