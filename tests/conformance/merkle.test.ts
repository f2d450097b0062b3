// RFC 6962 trees of the WASM core against vectors of transparency-dev/merkle and CometBFT, and against a plain model.

import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex, utf8 } from "../../ledger/protocol/bytes.ts";
import { fromBase64 } from "../../ledger/protocol/comet.ts";
import { describeCores } from "./variants.ts";
import { describeVectors, readVector, vectorFiles } from "./vectors.ts";

describeCores((core) => {
  describeVectors("transparency-dev-merkle", "transparency-dev/merkle", () => {
    interface Inclusion {
      leafIdx: number;
      treeSize: number;
      root: string;
      leafHash: string;
      proof: string[] | null;
      wantErr: boolean;
    }
    interface Consistency {
      size1: number;
      size2: number;
      root1: string;
      root2: string;
      proof: string[] | null;
      wantErr: boolean;
    }
    const inclusion = vectorFiles("transparency-dev-merkle", "testdata", "inclusion");
    const consistency = vectorFiles("transparency-dev-merkle", "testdata", "consistency");

    /** Some vectors say "don't care 1" for a root: such words become roots by hashing, equal where they were equal. */
    const root = (text: string): Uint8Array => {
      const bytes = fromBase64(text);
      return bytes.length === 32 ? bytes : core.sha256(bytes);
    };

    test("has 98 inclusion and 98 consistency vectors", () => {
      expect([inclusion.length, consistency.length]).toEqual([98, 98]);
    });

    test.each(inclusion)("%s", (file) => {
      const v = readVector(file) as Inclusion;
      const path = (v.proof ?? []).map(fromBase64);
      const proof = {
        root: fromBase64(v.root),
        leafHash: fromBase64(v.leafHash),
        index: v.leafIdx,
        size: v.treeSize,
        path,
      };
      expect(core.verifyInclusion(proof.root, proof.leafHash, proof.index, proof.size, path)).toBe(!v.wantErr);
      expect(core.verifyInclusions([proof, proof])).toEqual([!v.wantErr, !v.wantErr]);
    });

    test.each(consistency)("%s", (file) => {
      const v = readVector(file) as Consistency;
      const path = (v.proof ?? []).map(fromBase64);
      expect(core.verifyConsistency(v.size1, v.size2, root(v.root1), root(v.root2), path)).toBe(!v.wantErr);
    });
  });

  describeVectors("cometbft-unit", "CometBFT v0.38 crypto/merkle", () => {
    const vectors = readVector("cometbft-unit", "cometbft-unit.json") as {
      merkle_from_byte_slices: { cases: { slices: string[]; hash: string }[] };
      rfc6962_hasher: { leaf_ascii: string; leaf_hash: string; inner_ascii: [string, string]; inner_hash: string };
    };

    test.each(vectors.merkle_from_byte_slices.cases)("HashFromByteSlices $slices.length", ({ slices, hash }) => {
      expect(hex(core.merkleRoot(slices.map(fromHex)))).toBe(hash);
    });

    test("rfc6962 hasher", () => {
      const v = vectors.rfc6962_hasher;
      expect(hex(core.leafHash(utf8(v.leaf_ascii)))).toBe(v.leaf_hash);
      // The vector's two nodes are shorter than hashes, which our inner nodes never are.
      const [left, right] = v.inner_ascii.map(utf8);
      expect(hex(sha256(Uint8Array.of(1, ...left!, ...right!)))).toBe(v.inner_hash);
      expect(() => core.innerHash(left!, right!)).toThrow(RangeError);
    });
  });

  describe("against a model", () => {
    const inner = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Uint8Array.of(1, ...left, ...right));
    function modelRoot(leaves: readonly Uint8Array[]): Uint8Array {
      if (leaves.length === 0) return sha256(new Uint8Array());
      if (leaves.length === 1) return sha256(concatBytes(Uint8Array.of(0), leaves[0]!));
      let split = 1;
      while (split * 2 < leaves.length) split *= 2;
      return inner(modelRoot(leaves.slice(0, split)), modelRoot(leaves.slice(split)));
    }
    /** RFC 6962 §2.1.2: PROOF(m, D[n]). */
    function modelConsistency(m: number, hashes: readonly Uint8Array[], whole = true): Uint8Array[] {
      const n = hashes.length;
      if (m === n) return whole ? [] : [core.merkleRootOfHashes(hashes)];
      let split = 1;
      while (split * 2 < n) split *= 2;
      return m <= split
        ? [...modelConsistency(m, hashes.slice(0, split), whole), core.merkleRootOfHashes(hashes.slice(split))]
        : [...modelConsistency(m - split, hashes.slice(split), false), core.merkleRootOfHashes(hashes.slice(0, split))];
    }
    const leaves = Array.from({ length: 130 }, (_, i) => Uint8Array.from({ length: (i * 37) % 200 }, (_, j) => i ^ j));
    const hashes = leaves.map((leaf) => core.leafHash(leaf));

    test("roots of every size", () => {
      for (let n = 0; n <= leaves.length; n++) {
        const want = hex(modelRoot(leaves.slice(0, n)));
        expect(hex(core.merkleRoot(leaves.slice(0, n)))).toBe(want);
        expect(hex(core.merkleRootOfHashes(hashes.slice(0, n)))).toBe(want);
      }
    });

    test("leaves around and beyond the piece in which they are handed over", () => {
      const big = [65_530, 65_531, 65_532, 65_533, 65_536, 70_000, 200_001].map((n) => new Uint8Array(n).fill(n & 255));
      const list = [leaves[1]!, big[0]!, leaves[2]!, ...big, leaves[3]!, new Uint8Array()];
      expect(hex(core.merkleRoot(list))).toBe(hex(modelRoot(list)));
      const many = Array.from({ length: 5_000 }, (_, i) => utf8(`leaf ${i}`));
      const manyHashes = many.map((leaf) => core.leafHash(leaf));
      expect(hex(core.merkleRoot(many))).toBe(hex(core.merkleRootOfHashes(manyHashes)));
      expect(hex(core.merkleRoot(many))).toBe(hex(modelRoot(many)));
    });

    test("every inclusion path verifies, for its own index and size alone", () => {
      for (const size of [1, 2, 3, 5, 8, 13, 64, 65, 130]) {
        const tree = hashes.slice(0, size);
        const root = core.merkleRootOfHashes(tree);
        for (let index = 0; index < size; index++) {
          const path = core.inclusionPath(tree, index);
          expect(core.verifyInclusion(root, tree[index]!, index, size, path)).toBe(true);
          expect(core.verifyInclusion(root, tree[index]!, index ^ 1, size, path)).toBe(false);
          expect(core.verifyInclusion(root, tree[(index + 1) % size]!, index, size, path)).toBe(size === 1);
          expect(core.verifyInclusion(root, tree[index]!, index, size, [...path, root])).toBe(false);
          if (path.length > 0) expect(core.verifyInclusion(root, tree[index]!, index, size, path.slice(1))).toBe(false);
        }
      }
    });

    test("every consistency proof verifies", () => {
      for (const size of [1, 2, 3, 7, 8, 9, 33]) {
        for (let first = 1; first <= size; first++) {
          const path = modelConsistency(first, hashes.slice(0, size));
          const root1 = core.merkleRootOfHashes(hashes.slice(0, first));
          const root2 = core.merkleRootOfHashes(hashes.slice(0, size));
          expect(core.verifyConsistency(first, size, root1, root2, path)).toBe(true);
          if (first < size) {
            expect(core.verifyConsistency(first, size, root2, root2, path)).toBe(false);
            expect(core.verifyConsistency(first, size, root1, root1, path)).toBe(false);
            expect(core.verifyConsistency(first, size, root1, root2, [...path, root1])).toBe(false);
          }
        }
      }
    });

    test("indices and sizes that are not whole numbers do not verify", () => {
      const root = core.leafHash(leaves[0]!);
      for (const odd of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
        expect(core.verifyInclusion(root, root, odd, 1, [])).toBe(false);
        expect(core.verifyInclusion(root, root, 0, odd, [])).toBe(false);
        expect(core.verifyConsistency(odd, 1, root, root, [])).toBe(false);
        expect(core.verifyConsistency(1, odd, root, root, [])).toBe(false);
      }
      expect(core.verifyInclusion(root, root, 0, 1, [])).toBe(true);
      expect(() => core.inclusionPath([root], 1)).toThrow(RangeError);
    });
  });

  describe("sha256 (FIPS 180-4) equals @noble/hashes", () => {
    test("lengths 0 to 300", () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 300, maxLength: 300 }), (bytes) => {
          for (let n = 0; n <= 300; n++) {
            expect(hex(core.sha256(bytes.subarray(0, n)))).toBe(hex(sha256(bytes.subarray(0, n))));
          }
        }),
        { numRuns: 5 },
      );
    });

    test("around the piece in which bytes are handed over", () => {
      for (const n of [65_535, 65_536, 65_537, 131_072, 1_000_003]) {
        const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 31) ^ (i >> 8));
        expect(hex(core.sha256(bytes))).toBe(hex(sha256(bytes)));
      }
    });
  });
});
