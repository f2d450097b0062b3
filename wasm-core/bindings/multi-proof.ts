// One proof for several leaves of an RFC 6962 tree, verified. Its form is defined at the head of assembly/merkle/multi-proof.ts;
// MerkleTree makes them.

import { type Hashes, hashBytes, hashCount, isCount, isHash, setCount, setHashes } from "./hashes.ts";
import type { InputRegion } from "./input-region.ts";
import type { TreeHead } from "./merkle-proofs.ts";

export interface MultiProofs {
  /**
   * True when `leafHashes`, in the order of `indices`, stand in the tree. False for anything that does not verify: no leaves,
   * indices that do not ascend or are not in the tree, a hash too few or too many, more than `multiProofBytesMax` of input.
   */
  verifyMultiProof(head: TreeHead, indices: readonly number[], leafHashes: Hashes, proof: Hashes): boolean;
}

export interface MultiProofExports {
  readonly verifyMultiProof: (from: number, size: number, count: number, hashCount: number) => number;
}

export const multiProofExportNames = ["verifyMultiProof"] as const satisfies readonly (keyof MultiProofExports)[];

/** Input of one multi-proof: 48 bytes a leaf and 32 a hash of the proof. */
export const multiProofBytesMax = 2 << 20;
/** Of a leaf's index in the core's input: u64 and 8 bytes of the core's own. */
const indexBytes = 16;

export function bindMultiProofs(exports: MultiProofExports, region: InputRegion): MultiProofs {
  return {
    verifyMultiProof({ root, size }, indices, leafHashes, proof) {
      const count = indices.length;
      const hashes = hashCount(proof);
      if (!isHash(root) || !isCount(size) || hashCount(leafHashes) !== count || hashes < 0) return false;
      const length = hashBytes + count * (indexBytes + hashBytes) + hashes * hashBytes;
      if (length > multiProofBytesMax || !indices.every(isCount)) return false;
      const from = region.reserve(length);
      const bytes = region.bytes();
      bytes.set(root, from);
      const view = new DataView(bytes.buffer);
      let at = from + hashBytes;
      for (let i = 0; i < count; i++, at += indexBytes) setCount(view, at, indices[i]!);
      setHashes(bytes, leafHashes, at);
      setHashes(bytes, proof, at + count * hashBytes);
      return exports.verifyMultiProof(from, size, count, hashes) !== 0;
    },
  };
}
