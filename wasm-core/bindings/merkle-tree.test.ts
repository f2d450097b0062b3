// Roots, paths and proofs made by the core against RFC 6962's definitions, at every size and from every leaf.

import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { packHashes } from "./hashes.ts";
import { packInclusionsIn } from "./merkle-proofs.ts";
import { treeLeavesMax } from "./merkle-tree.ts";
import { describeCores } from "./testing/cores.ts";
import { ModelTree, sameHashes, someHashes } from "./testing/rfc6962-model.ts";

const sizeMax = 130;
const model = new ModelTree(someHashes(sizeMax));
const seed = Date.now() & 0x7fff_ffff;
console.log(`merkle-tree: seed ${seed}`);

describeCores((core) => {
  const tree = core.merkleTree(model.hashes);

  test("roots, inclusion paths and consistency proofs of all sizes to 130", () => {
    for (let size = 0; size <= sizeMax; size++) {
      const root = model.root(size);
      expect(tree.root(size)).toEqual(root);
      let right = 0;
      for (let index = 0; index < size; index++) {
        const path = tree.inclusionPath(index, size);
        if (sameHashes(path, model.path(index, size))) right++;
        if (core.verifyInclusion(root, model.hashes[index]!, index, size, path)) right++;
      }
      for (let size1 = 1; size1 <= size; size1++) {
        const proof = tree.consistencyProof(size1, size);
        if (sameHashes(proof, model.consistency(size1, size))) right++;
        if (core.verifyConsistency(size1, size, model.root(size1), root, proof)) right++;
      }
      expect(right).toBe(4 * size);
    }
  });

  test("trees of exactly their size say the same as earlier sizes of a larger one", () => {
    for (let size = 0; size <= sizeMax; size++) {
      const own = core.merkleTree(packHashes(model.hashes.slice(0, size)));
      expect([own.size, own.root()]).toEqual([size, model.root(size)]);
      if (size === 0) continue;
      const index = (size * 7) % size;
      expect(own.inclusionPath(index)).toEqual(model.path(index, size));
      expect(own.consistencyProof((size + 1) >> 1)).toEqual(model.consistency((size + 1) >> 1, size));
      expect(core.inclusionPath(model.hashes.slice(0, size), index)).toEqual(model.path(index, size));
    }
  });

  test("random leaves and sizes of a tree of several pieces", () => {
    const random = seededNumbers(seed);
    const large = new ModelTree(someHashes(9_001));
    const kept = core.merkleTree(large.hashes);
    expect(kept.root()).toEqual(core.merkleRootOfHashes(large.hashes));
    for (let i = 0; i < 200; i++) {
      const size = 1 + random(9_001);
      const index = random(size);
      expect(kept.root(size)).toEqual(large.root(size));
      expect(kept.inclusionPath(index, size)).toEqual(large.path(index, size));
      expect(kept.consistencyProof(index + 1, size)).toEqual(large.consistency(index + 1, size));
    }
  });

  test("many proofs at once, packed", () => {
    for (const size of [1, 2, 7, 64, 100, 130]) {
      const indices = Array.from({ length: size }, (_, i) => (i * 37) % size);
      const packed = tree.packedInclusions(indices, size);
      const proofs = indices.map((index) => ({
        index,
        leafHash: model.hashes[index]!,
        path: model.path(index, size),
      }));
      expect(packed).toEqual(packInclusionsIn(proofs));
      expect(core.verifyPackedInclusions(packed, { root: tree.root(size), size }).indexOf(0)).toBe(-1);
    }
    expect(tree.packedInclusions([])).toHaveLength(0);
    expect(() => tree.packedInclusions([0, 5], 5)).toThrow("index 5 is not in a tree of 5");
  });

  test("the tree does not change with the caller's array", () => {
    const packed = packHashes(model.hashes);
    const kept = core.merkleTree(packed);
    packed.fill(0);
    expect(kept.inclusionPath(1, 2)).toEqual([model.hashes[0]]);
  });

  describe("refuses", () => {
    const odd = [-1, 0.5, Number.NaN, sizeMax + 1, 2 ** 53];
    test.each(odd)("size %d", (size) => {
      expect(() => tree.root(size)).toThrow(RangeError);
      expect(() => tree.inclusionPath(0, size)).toThrow(RangeError);
      expect(() => tree.consistencyProof(1, size)).toThrow(RangeError);
      expect(() => tree.consistencyProof(size)).toThrow(RangeError);
      expect(() => tree.inclusionPath(size)).toThrow(RangeError);
      expect(() => tree.multiProof([size])).toThrow(RangeError);
    });
    test("leaves beyond a size, and proofs from size 0 or backwards", () => {
      expect(() => tree.inclusionPath(5, 5)).toThrow("index 5 is not in a tree of 5");
      expect(() => tree.consistencyProof(0)).toThrow(RangeError);
      expect(() => tree.consistencyProof(6, 5)).toThrow(RangeError);
      expect(() => core.inclusionPath([], 0)).toThrow(RangeError);
    });
    test("what is not hashes, and too many", () => {
      expect(() => core.merkleTree(new Uint8Array(33))).toThrow(RangeError);
      expect(() => core.merkleTree([new Uint8Array(31)])).toThrow(RangeError);
      const same = new Array<Uint8Array>(treeLeavesMax + 1).fill(new Uint8Array(32));
      expect(() => core.merkleTree(same)).toThrow("at most 2^24 leaves");
    });
  });
});
