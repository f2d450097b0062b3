// Multi-proofs made and verified, against a model that finds them from the root down.

import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { packHashes } from "./hashes.ts";
import { describeCores } from "./testing/cores.ts";
import { ModelTree, someHashes } from "./testing/rfc6962-model.ts";

const model = new ModelTree(someHashes(2_000));
const seed = Date.now() & 0x7fff_ffff;
console.log(`multi-proof: seed ${seed}`);
const hashesOf = (indices: readonly number[]): Uint8Array[] => indices.map((index) => model.hashes[index]!);

describeCores((core) => {
  const tree = core.merkleTree(model.hashes);
  const headOf = (size: number) => ({ root: model.root(size), size });

  test("every subset of every tree of 1 to 9 leaves", () => {
    for (let size = 1; size <= 9; size++)
      for (let subset = 1; subset < 2 ** size; subset++) {
        const indices = Array.from({ length: size }, (_, i) => i).filter((i) => (subset >> i) & 1);
        const proof = tree.multiProof(indices, size);
        expect(proof).toEqual(model.multiProof(new Set(indices), size));
        expect(core.verifyMultiProof(headOf(size), indices, hashesOf(indices), proof)).toBe(true);
      }
  });

  test("random subsets of larger trees, packed and not; one leaf's is its inclusion path", () => {
    const random = seededNumbers(seed);
    for (let i = 0; i < 150; i++) {
      const size = 1 + random(2_000);
      const chosen = new Set(Array.from({ length: 1 + random(i % 10 === 0 ? 600 : 20) }, () => random(size)));
      const indices = [...chosen].sort((a, b) => a - b);
      const proof = tree.multiProof(indices, size);
      expect(proof).toEqual(model.multiProof(chosen, size));
      expect(core.verifyMultiProof(headOf(size), indices, hashesOf(indices), proof)).toBe(true);
      expect(core.verifyMultiProof(headOf(size), indices, packHashes(hashesOf(indices)), packHashes(proof))).toBe(true);
      expect(tree.multiProof([indices[0]!], size)).toEqual(model.path(indices[0]!, size));
    }
  });

  test("all leaves of a tree need no proof", () => {
    const all = Array.from({ length: 2_000 }, (_, i) => i);
    expect(tree.multiProof(all)).toEqual([]);
    expect(core.verifyMultiProof(headOf(2_000), all, hashesOf(all), [])).toBe(true);
  });

  describe("refuses", () => {
    const size = 11;
    const indices = [1, 4, 5, 10];
    const hashes = hashesOf(indices);
    const proof = tree.multiProof(indices, size);
    const head = headOf(size);

    test("every single bit that changes", () => {
      const bits = (list: readonly Uint8Array[], verdict: (changed: Uint8Array) => boolean): void => {
        const packed = packHashes(list);
        for (let bit = 0; bit < packed.length * 8; bit++) {
          packed[bit >> 3]! ^= 1 << (bit & 7);
          expect(verdict(packed)).toBe(false);
          packed[bit >> 3]! ^= 1 << (bit & 7);
        }
      };
      bits(proof, (changed) => core.verifyMultiProof(head, indices, hashes, changed));
      bits(hashes, (changed) => core.verifyMultiProof(head, indices, changed, proof));
      bits([head.root], (root) => core.verifyMultiProof({ root, size }, indices, hashes, proof));
      expect(core.verifyMultiProof(head, indices, hashes, proof)).toBe(true);
    });

    test.each([
      ["no leaves", [], [], proof],
      ["no leaves, the root as proof", [], [], [head.root]],
      ["a leaf twice", [1, 4, 4, 5, 10], [hashes[0]!, hashes[1]!, hashes[1]!, hashes[2]!, hashes[3]!], proof],
      ["leaves out of order", [4, 1, 5, 10], [hashes[1]!, hashes[0]!, hashes[2]!, hashes[3]!], proof],
      ["another leaf's index", [1, 4, 5, 9], hashes, proof],
      ["a leaf beyond the tree", [1, 4, 5, 11], hashes, proof],
      ["a leaf far beyond the tree", [1, 4, 5, 2 ** 53 - 1], hashes, proof],
      ["an index that is not whole", [1, 4, 5, 9.5], hashes, proof],
      ["a negative index", [-1, 4, 5, 10], hashes, proof],
      ["a hash too few of the proof", indices, hashes, proof.slice(1)],
      ["the last hash missing", indices, hashes, proof.slice(0, -1)],
      ["a hash too many", indices, hashes, [...proof, head.root]],
      ["no proof", indices, hashes, []],
      ["the proof in another order", indices, hashes, [...proof].reverse()],
      ["fewer leaf hashes than indices", indices, hashes.slice(1), proof],
      ["more leaf hashes than indices", indices, [...hashes, head.root], proof],
      ["a short leaf hash", indices, [...hashes.slice(1), new Uint8Array(31)], proof],
      ["a packed proof cut short", indices, hashes, packHashes(proof).subarray(1)],
    ])("%s", (_, some, leafHashes, hashesOfProof) => {
      expect(core.verifyMultiProof(head, some, leafHashes, hashesOfProof)).toBe(false);
    });

    test("a leaf twice, each with its own copy of the rest of the proof: the hashes would fit", () => {
      const [left, right] = [model.hashes[0]!, model.hashes[1]!];
      expect(core.verifyMultiProof(headOf(2), [0], [left], [right])).toBe(true);
      expect(core.verifyMultiProof(headOf(2), [0, 0], [left, left], [right, right])).toBe(false);
      expect(core.verifyMultiProof(headOf(2), [1, 1], [right, right], [left, left])).toBe(false);
    });

    test("other sizes, a short root, and more input than the bound", () => {
      for (const other of [0, 4, 5, 10, 16, 22, 2 ** 53 - 1, 2 ** 53, -1, Number.NaN])
        expect(core.verifyMultiProof({ root: head.root, size: other }, indices, hashes, proof)).toBe(false);
      expect(core.verifyMultiProof({ root: head.root.subarray(1), size }, indices, hashes, proof)).toBe(false);
      expect(core.verifyMultiProof(head, indices, hashes, new Uint8Array(4 << 20))).toBe(false);
      const most = Math.floor((2 << 20) / 32) - 10;
      expect(core.verifyMultiProof(head, indices, hashes, new Uint8Array(most * 32))).toBe(false);
    });
  });
});
