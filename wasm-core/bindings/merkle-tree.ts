// An RFC 6962 tree over leaf hashes that do not change, with all its perfect subtrees kept, so that each is computed once: then
// any root, path or proof of the tree or of any earlier size takes at most one join of 52 hashes and copies.
// Memory: 64 bytes a leaf, in the page's or process's heap and not in the core's; so trees beyond its bound need no second way.

import { type Hashes, hashBytes, isCount, packHashes, requireHashes } from "./hashes.ts";
import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";

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
    return new KeptTree(exports, region, packHashes(leafHashes));
  };
  return { merkleTree, inclusionPath: (leafHashes, index) => merkleTree(leafHashes).inclusionPath(index) };
}

type Hash = Uint8Array<ArrayBuffer>;

class KeptTree implements MerkleTree {
  readonly #exports: MerkleTreeExports;
  readonly #region: InputRegion;
  /** Of each level the perfect subtrees' roots. */
  readonly #levels: readonly Hash[];
  readonly size: number;
  /** The last size's edge: many proofs of one size are made in a row. */
  #edge: { readonly size: number; readonly nodes: readonly Hash[] } = { size: 0, nodes: [] };

  constructor(exports: MerkleTreeExports, region: InputRegion, leafHashes: Hash) {
    this.#exports = exports;
    this.#region = region;
    this.size = leafHashes.length / hashBytes;
    const levels = [leafHashes];
    for (let below = leafHashes; below.length >= 2 * hashBytes; levels.push(below)) below = this.#parents(below);
    this.#levels = levels;
  }

  root(size = this.size): Hash {
    this.#requireSize(size);
    if (size > 0) return this.#rightEdge(size).at(-1)!.slice();
    this.#exports.treeJoin(this.#region.reserve(0), 0);
    return this.#region.output(hashBytes);
  }

  inclusionPath(index: number, size = this.size): Hash[] {
    this.#requireSize(size);
    this.#requireLeaf(index, size);
    const node = this.#nodesOf(size);
    const path: Hash[] = [];
    let at = index;
    for (let level = 0, last = size - 1; last > 0; level++, at >>>= 1, last >>>= 1) {
      // A last node without a sibling goes up as it is.
      if (at % 2 === 1) path.push(node(level, at - 1));
      else if (at < last) path.push(node(level, at + 1));
    }
    return path;
  }

  consistencyProof(size1: number, size2 = this.size): Hash[] {
    this.#requireSize(size2);
    if (!isCount(size1) || size1 === 0 || size1 > size2)
      throw new RangeError(`no consistency is proven from size ${size1} to ${size2}`);
    if (size1 === size2) return [];
    const node = this.#nodesOf(size2);
    let at = size1 - 1;
    let last = size2 - 1;
    let level = 0;
    for (; at % 2 === 1; level++, at >>>= 1) last >>>= 1;
    // When that is the whole of the first tree, the verifier has it already as the first root.
    const proof = at === 0 ? [] : [node(level, at)];
    for (; last > 0; level++, at >>>= 1, last >>>= 1) {
      if (at % 2 === 1) proof.push(node(level, at - 1));
      else if (at < last) proof.push(node(level, at + 1));
    }
    return proof;
  }

  multiProof(indices: readonly number[], size = this.size): Hash[] {
    this.#requireSize(size);
    if (indices.length === 0) throw new RangeError("a multi-proof is of at least one leaf");
    for (const [i, index] of indices.entries()) {
      this.#requireLeaf(index, size);
      if (i > 0 && index <= indices[i - 1]!) throw new RangeError("the indices of a multi-proof ascend");
    }
    const node = this.#nodesOf(size);
    const proof: Hash[] = [];
    let known = [...indices];
    for (let level = 0, last = size - 1; last > 0; level++, last >>>= 1) {
      const above: number[] = [];
      for (let i = 0; i < known.length; i++) {
        const at = known[i]!;
        above.push(at >>> 1);
        if (at % 2 === 0 && known[i + 1] === at + 1) i++;
        else if (at % 2 === 1) proof.push(node(level, at - 1));
        else if (at < last) proof.push(node(level, at + 1));
      }
      known = above;
    }
    return proof;
  }

  /** Looks nodes of the tree of `size` up. */
  #nodesOf(size: number): (level: number, at: number) => Hash {
    return (level, at) =>
      (at + 1) * 2 ** level <= size ? this.#subtree(level, at) : this.#rightEdge(size)[level]!.slice();
  }

  #subtree(level: number, at: number): Hash {
    return this.#levels[level]!.slice(at * hashBytes, (at + 1) * hashBytes);
  }

  /** The last node of every level of the tree of `size` > 0, where it is not perfect, and the root. */
  #rightEdge(size: number): readonly Hash[] {
    if (this.#edge.size !== size) this.#edge = { size, nodes: this.#makeRightEdge(size) };
    return this.#edge.nodes;
  }

  #makeRightEdge(size: number): Hash[] {
    const subtrees: { readonly level: number; readonly at: number }[] = [];
    for (let level = 0, rest = size; rest > 0; level++, rest >>>= 1)
      if (rest % 2 === 1) subtrees.push({ level, at: rest - 1 });
    const packed = subtrees.reverse().map(({ level, at }) => this.#subtree(level, at));
    this.#exports.treeJoin(this.#region.placeAll(packed), packed.length);
    const joined = this.#region.output(packed.length * hashBytes);
    const edge: Hash[] = [];
    // From the leaves up: the node takes in one more subtree on the level where that is its left sibling.
    let first = subtrees.length - 1;
    for (let level = 0, last = size - 1; ; level++, last >>>= 1) {
      while (first > 0 && subtrees[first - 1]!.level < level) first--;
      edge.push(joined.subarray(first * hashBytes, (first + 1) * hashBytes));
      if (last === 0) return edge;
    }
  }

  /** The next level's perfect subtrees. */
  #parents(below: Hash): Hash {
    const pairs = Math.floor(below.length / hashBytes / 2);
    const parents = new Uint8Array(pairs * hashBytes);
    const perPiece = pieceBytes / hashBytes / 2;
    for (let first = 0; first < pairs; first += perPiece) {
      const count = Math.min(perPiece, pairs - first);
      const from = this.#region.place(below.subarray(first * 2 * hashBytes, (first + count) * 2 * hashBytes));
      this.#exports.treeLevel(from, count);
      parents.set(this.#region.bytes().subarray(from, from + count * hashBytes), first * hashBytes);
    }
    return parents;
  }

  #requireSize(size: number): void {
    if (!isCount(size) || size > this.size) throw new RangeError(`size ${size} is beyond a tree of ${this.size}`);
  }

  #requireLeaf(index: number, size: number): void {
    if (!isCount(index) || index >= size) throw new RangeError(`index ${index} is not in a tree of ${size}`);
  }
}
