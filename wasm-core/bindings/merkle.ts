// RFC 6962 Merkle trees: hashes and roots.

import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";
import { digestAll, digestPacked, requirePacked, type Sha256Exports, streamDigest } from "./sha256.ts";

export interface Merkle {
  /** sha256(00 | leaf) */
  leafHash(leaf: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * Leaf hashes of leaves of `leafBytes` bytes each that lie together, 32 bytes each, packed in the leaves' order.
   * @throws {RangeError} when `leafBytes` is not a whole number from 1 on, or the length not a multiple of it.
   */
  leafHashesOfPacked(leaves: Uint8Array, leafBytes: number): Uint8Array<ArrayBuffer>;
  /** Leaf hashes of 32 bytes each, packed in the leaves' order: what `merkleTree` and `IncrementalTree.appendAll` take. */
  leafHashes(leaves: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** sha256(01 | left | right) */
  innerHash(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer>;
  /** RFC 6962 root over leaves of any length; sha256("") when there are none. */
  merkleRoot(leaves: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /**
   * RFC 6962 root over leaves of `leafBytes` bytes each that lie together; sha256("") when there are none.
   * @throws {RangeError} when `leafBytes` is not a whole number from 1 on, or the length not a multiple of it.
   */
  merkleRootOfPacked(leaves: Uint8Array, leafBytes: number): Uint8Array<ArrayBuffer>;
  /** RFC 6962 root over leaf hashes of 32 bytes each. */
  merkleRootOfHashes(hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** Merkle root over sha256(tx). */
  dataHash(transactions: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

export interface MerkleExports extends Sha256Exports {
  readonly innerHash: (from: number) => void;
  readonly treeBegin: () => void;
  readonly treeLeaves: (from: number, length: number) => number;
  readonly treePacked: (from: number, count: number, size: number) => void;
  readonly treeHashes: (from: number, count: number) => void;
  readonly treeDigest: () => void;
  readonly treeFinish: () => void;
}

export const merkleExportNames = [
  "innerHash",
  "treeBegin",
  "treeLeaves",
  "treePacked",
  "treeHashes",
  "treeDigest",
  "treeFinish",
] as const satisfies readonly (keyof MerkleExports)[];

export function bindMerkle(exports: MerkleExports, region: InputRegion): Merkle {
  const rootOfRange = (hashes: readonly Uint8Array[], from: number, to: number): Uint8Array<ArrayBuffer> => {
    exports.treeBegin();
    const perPiece = pieceBytes / 32;
    for (let first = from; first < to; first += perPiece) {
      const last = Math.min(first + perPiece, to);
      exports.treeHashes(region.placeHashes(hashes, first, last), last - first);
    }
    exports.treeFinish();
    return region.output(32);
  };
  const merkle: Merkle = {
    leafHash(leaf) {
      streamDigest(exports, region, leaf, true);
      exports.digestFinish();
      return region.output(32);
    },
    leafHashesOfPacked(leaves, leafBytes) {
      return digestPacked(exports, region, leaves, leafBytes, true);
    },
    leafHashes: (leaves) => digestAll(exports, region, leaves, true),
    innerHash(left, right) {
      requireHashes([left, right]);
      exports.innerHash(region.placeAll([left, right]));
      return region.output(32);
    },
    merkleRoot(leaves) {
      exports.treeBegin();
      let pieceStart = 0;
      let packed = 0;
      const flush = (end: number): void => {
        if (end > pieceStart) exports.treeLeaves(region.placePacked(leaves, pieceStart, end, packed), packed);
        pieceStart = end;
        packed = 0;
      };
      for (const [index, leaf] of leaves.entries()) {
        if (packed + leaf.length + 4 > pieceBytes) flush(index);
        if (leaf.length + 4 > pieceBytes) {
          streamDigest(exports, region, leaf, true);
          exports.treeDigest();
          pieceStart = index + 1;
        } else {
          packed += leaf.length + 4;
        }
      }
      flush(leaves.length);
      exports.treeFinish();
      return region.output(32);
    },
    merkleRootOfPacked(leaves, leafBytes) {
      requirePacked(leaves, leafBytes);
      exports.treeBegin();
      if (leafBytes > pieceBytes) {
        for (let from = 0; from < leaves.length; from += leafBytes) {
          streamDigest(exports, region, leaves.subarray(from, from + leafBytes), true);
          exports.treeDigest();
        }
      } else {
        // Of 32-byte leaves a piece holds two whole chunks.
        const perPiece = Math.floor(pieceBytes / leafBytes) * leafBytes;
        for (let from = 0; from < leaves.length; from += perPiece) {
          const piece = leaves.subarray(from, from + perPiece);
          exports.treePacked(region.place(piece), piece.length / leafBytes, leafBytes);
        }
      }
      exports.treeFinish();
      return region.output(32);
    },
    merkleRootOfHashes(hashes) {
      requireHashes(hashes);
      return rootOfRange(hashes, 0, hashes.length);
    },
    dataHash(transactions) {
      return merkle.merkleRootOfPacked(digestAll(exports, region, transactions, false), 32);
    },
  };
  return merkle;
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  for (const hash of hashes) if (hash.length !== 32) throw new RangeError(`a hash has 32 bytes, not ${hash.length}`);
}
