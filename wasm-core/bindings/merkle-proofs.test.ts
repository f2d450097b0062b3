// Proofs verified, one at a time and in batches: both ways agree, on right proofs and on all kinds of wrong ones.
// Right ones are RFC 6962's definitions over @noble/hashes; the foreign vectors are in tests/conformance.

import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { packHashes } from "./hashes.ts";
import { packInclusions, packInclusionsIn, type RootedInclusionProof } from "./merkle-proofs.ts";
import { describeCores } from "./testing/cores.ts";
import { ModelTree, modelInner, someHashes } from "./testing/rfc6962-model.ts";

const model = new ModelTree(someHashes(3_000));
const seed = Date.now() & 0x7fff_ffff;
console.log(`merkle-proofs: seed ${seed}`);

function proofOf(index: number, size: number): RootedInclusionProof {
  return { root: model.root(size), size, leafHash: model.hashes[index]!, index, path: model.path(index, size) };
}
const headOf = (size: number) => ({ root: model.root(size), size });
const trues = (count: number) => new Array<boolean>(count).fill(true);

describeCores((core, exports) => {
  const single = ({ root, leafHash, index, size, path }: RootedInclusionProof): boolean =>
    core.verifyInclusion(root, leafHash, index, size, path);

  test("every leaf of every size to 130, by its own root and by the shared one", () => {
    const all: RootedInclusionProof[] = [];
    for (let size = 1; size <= 130; size++) {
      const proofs = Array.from({ length: size }, (_, index) => proofOf(index, size));
      all.push(...proofs);
      expect(core.verifyInclusionsIn(headOf(size), proofs)).toEqual(trues(size));
    }
    // 8,515 proofs of 1 to 9 hashes: more than a call and more than a piece.
    expect(core.verifyInclusions(all)).toEqual(trues(all.length));
    expect(core.verifyPackedInclusions(packInclusions(all))).toEqual(new Uint8Array(all.length).fill(1));
    expect(core.verifyInclusions([])).toEqual([]);
    expect(core.verifyPackedInclusions(new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  test("a packed path says what a list says", () => {
    const proof = proofOf(1_234, 3_000);
    const packed = { ...proof, path: packHashes(proof.path) };
    expect([single(proof), single(packed)]).toEqual([true, true]);
    expect(core.verifyInclusions([proof, packed])).toEqual([true, true]);
    const unaligned = new Uint8Array(1 + packed.path.length);
    unaligned.set(packed.path, 1);
    expect(single({ ...proof, path: unaligned.subarray(1) })).toBe(true);
    const consistency = model.consistency(1_000, 3_000);
    const [old, now] = [model.root(1_000), model.root(3_000)];
    expect(core.verifyConsistency(1_000, 3_000, old, now, packHashes(consistency))).toBe(true);
  });

  test("right and wrong ones mixed: each gets its own verdict, the same one at a time", () => {
    const random = seededNumbers(seed);
    const proofs: RootedInclusionProof[] = [];
    const right: boolean[] = [];
    for (let i = 0; i < 2_000; i++) {
      const size = 1 + random(3_000);
      const proof = proofOf(random(size), size);
      const wrong = random(8);
      const path = proof.path as Uint8Array[];
      if (wrong === 0) proofs.push({ ...proof, leafHash: model.hashes[(proof.index + 1) % 3_000]! });
      else if (wrong === 1) proofs.push({ ...proof, root: model.hashes[0]!, leafHash: model.hashes[1]! });
      else if (wrong === 2) proofs.push({ ...proof, path: [...path, proof.root] });
      else if (wrong === 3 && path.length > 0) proofs.push({ ...proof, path: path.slice(1) });
      else if (wrong === 4) proofs.push({ ...proof, index: proof.size });
      else proofs.push(proof);
      right.push(proofs.at(-1) === proof);
    }
    expect(proofs.map(single)).toEqual(right);
    expect(core.verifyInclusions(proofs)).toEqual(right);
    expect([...core.verifyPackedInclusions(packInclusions(proofs))]).toEqual(right.map(Number));
  });

  test("every single bit of inclusion proofs that changes is refused", () => {
    for (let size = 1; size <= 12; size++) {
      for (let index = 0; index < size; index++) {
        const packed = packInclusions([proofOf(index, size)]);
        const wrong: Uint8Array[] = [];
        let accepted = 0;
        for (let bit = 20 * 8; bit < packed.length * 8; bit++) {
          const changed = packed.slice();
          changed[bit >> 3]! ^= 1 << (bit & 7);
          wrong.push(changed);
          const [leafHash, root, path] = [changed.subarray(20, 52), changed.subarray(52, 84), changed.subarray(84)];
          if (core.verifyInclusion(root, leafHash, index, size, path)) accepted++;
        }
        expect(accepted).toBe(0);
        const whole = new Uint8Array(wrong.length * packed.length);
        for (const [i, one] of wrong.entries()) whole.set(one, i * packed.length);
        const verdicts = core.verifyPackedInclusions(whole);
        expect(verdicts.length).toBe(wrong.length);
        expect(verdicts.includes(1)).toBe(false);
      }
    }
  });

  test("a path as that of another leaf or size that takes more or fewer hashes", () => {
    for (let size = 1; size <= 17; size++)
      for (let index = 0; index < size; index++) {
        const proof = proofOf(index, size);
        const others: RootedInclusionProof[] = [];
        for (let other = 1; other <= 17; other++)
          for (let at = 0; at < other; at++)
            if (model.path(at, other).length !== proof.path.length) others.push({ ...proof, index: at, size: other });
        expect(core.verifyInclusions(others).includes(true)).toBe(false);
        expect(others.some(single)).toBe(false);
      }
  });

  test("a consistency proof as that of other sizes that takes more or fewer hashes", () => {
    const pairs = Array.from({ length: 12 }, (_, i) => i + 1).flatMap((to) =>
      Array.from({ length: to }, (_, i) => ({ from: i + 1, to, proof: model.consistency(i + 1, to) })),
    );
    let accepted = 0;
    for (const { from, to, proof } of pairs)
      for (const other of pairs)
        if (other.proof.length !== proof.length)
          if (core.verifyConsistency(other.from, other.to, model.root(from), model.root(to), proof)) accepted++;
    expect(accepted).toBe(0);
  });

  test("every single bit of consistency proofs that changes is refused", () => {
    for (let size2 = 2; size2 <= 12; size2++) {
      for (let size1 = 1; size1 < size2; size1++) {
        const roots = packHashes([model.root(size1), model.root(size2)]);
        const proof = packHashes(model.consistency(size1, size2));
        let accepted = 0;
        for (const part of [roots, proof])
          for (let bit = 0; bit < part.length * 8; bit++) {
            part[bit >> 3]! ^= 1 << (bit & 7);
            if (core.verifyConsistency(size1, size2, roots.subarray(0, 32), roots.subarray(32), proof)) accepted++;
            part[bit >> 3]! ^= 1 << (bit & 7);
          }
        expect(accepted).toBe(0);
        expect(core.verifyConsistency(size1, size2, roots.subarray(0, 32), roots.subarray(32), proof)).toBe(true);
      }
    }
  });

  test("consistency proofs of the wrong length, and from size 0", () => {
    const [old, now] = [model.root(6), model.root(11)];
    const proof = model.consistency(6, 11);
    expect(core.verifyConsistency(6, 11, old, now, proof)).toBe(true);
    for (const wrong of [[], proof.slice(1), proof.slice(0, -1), [...proof, now], [...proof].reverse()])
      expect(core.verifyConsistency(6, 11, old, now, wrong)).toBe(false);
    expect(core.verifyConsistency(0, 11, model.root(0), now, [])).toBe(false);
    expect(core.verifyConsistency(0, 0, model.root(0), model.root(0), [])).toBe(false);
    expect(core.verifyConsistency(11, 6, now, old, proof)).toBe(false);
    expect(core.verifyConsistency(11, 11, now, now, [])).toBe(true);
    expect(core.verifyConsistency(11, 11, now, now, [now])).toBe(false);
    expect(core.verifyConsistency(11, 11, now, old, [])).toBe(false);
  });

  describe("what is no proof at all does not verify:", () => {
    const proof = proofOf(5, 11);
    const path = proof.path as Uint8Array[];
    const wrong: readonly (readonly [string, RootedInclusionProof])[] = [
      ["size 0", { ...proof, index: 0, size: 0, path: [] }],
      ["an index that is not whole", { ...proof, index: 5.5 }],
      ["a negative index", { ...proof, index: -1 }],
      ["an index that is no number", { ...proof, index: Number.NaN }],
      ["a size beyond 2^53 - 1", { ...proof, size: 2 ** 53 }],
      ["an endless size", { ...proof, size: Number.POSITIVE_INFINITY }],
      ["a short root", { ...proof, root: proof.root.subarray(1) }],
      ["a long leaf hash", { ...proof, leafHash: new Uint8Array(33) }],
      ["a short hash in the path", { ...proof, path: [...path.slice(1), new Uint8Array(31)] }],
      ["a packed path that is cut short", { ...proof, path: packHashes(path).subarray(1) }],
      ["a path of 64 hashes", { ...proof, path: new Uint8Array(2_048) }],
      ["a path of 65 hashes", { ...proof, path: new Uint8Array(2_080) }],
      ["a path of a million hashes", { ...proof, path: new Uint8Array(32_000_000) }],
    ];
    test.each(wrong)("%s", (_, one) => {
      expect(single(one)).toBe(false);
      expect(core.verifyInclusions([proof, one, proof])).toEqual([true, false, true]);
      const { root, size } = one;
      expect(core.verifyInclusionsIn({ root, size }, [one])).toEqual([false]);
    });
    test("nor has it a packed form, when its parts do not fit", () => {
      for (const [name, one] of wrong.slice(1))
        if (!name.includes("64")) expect(() => packInclusions([one])).toThrow(RangeError);
    });
  });

  describe("packed", () => {
    const proofs = [0, 7, 10, 3].map((index) => proofOf(index, 11));
    const head = headOf(11);

    test("with a shared head, at every cut: what is whole is judged, what is cut short is not", () => {
      for (const shared of [undefined, head]) {
        const pack = shared === undefined ? packInclusions : packInclusionsIn;
        const packed = pack(proofs);
        const ends = proofs.map((_, i) => pack(proofs.slice(0, i + 1)).length);
        for (let cut = 0; cut <= packed.length; cut++) {
          const whole = ends.filter((end) => end <= cut).length;
          const partial = cut > (ends[whole - 1] ?? 0) ? [0] : [];
          const verdicts = core.verifyPackedInclusions(packed.subarray(0, cut), shared);
          expect([...verdicts]).toEqual([...new Array(whole).fill(1), ...partial]);
        }
      }
    });

    test("counts that lie", () => {
      const packed = packInclusionsIn(proofs);
      for (const count of [0, 1, 5, 64, 65, 4_096, 0x7fff_ffff, 0xffff_ffff]) {
        const lying = packed.slice();
        new DataView(lying.buffer).setUint32(0, count, true);
        expect(core.verifyPackedInclusions(lying, head)[0]).toBe(0);
      }
      // A path of 2 MiB is stepped over; the proofs around it are judged.
      const long = new Uint8Array(packed.length * 2 + 44 + 32 * 65_536);
      long.set(packed);
      new DataView(long.buffer).setUint32(packed.length, 65_536, true);
      long.set(packed, long.length - packed.length);
      expect([...core.verifyPackedInclusions(long, head)]).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1]);
    });

    test("indices and sizes beyond 2^53", () => {
      for (const at of [4, 12])
        for (const high of [0x20_0000, 0x8000_0000, 0xffff_ffff]) {
          const packed = packInclusions(proofs);
          new DataView(packed.buffer).setUint32(at + 4, high, true);
          expect([...core.verifyPackedInclusions(packed)]).toEqual([0, 1, 1, 1]);
        }
    });

    test("more proofs than one call takes, and than one piece holds", () => {
      const one = packInclusionsIn([{ leafHash: model.hashes[0]!, index: 0, path: [] }]);
      const many = new Uint8Array(one.length * 10_000);
      for (let i = 0; i < 10_000; i++) many.set(one, i * one.length);
      expect(core.verifyPackedInclusions(many, headOf(1))).toEqual(new Uint8Array(10_000).fill(1));
      many[9_999 * one.length + 20]! ^= 1;
      expect(core.verifyPackedInclusions(many, headOf(1)).indexOf(0)).toBe(9_999);
    });

    test("heads that are none", () => {
      const packed = packInclusionsIn(proofs);
      for (const wrong of [headOf(0), { ...head, size: 2 ** 53 }, { ...head, root: new Uint8Array(31) }])
        expect([...core.verifyPackedInclusions(packed, wrong)]).toEqual([0, 0, 0, 0]);
    });
  });

  test("2^53 - 1 leaves are the most: the same hashes prove nothing of one leaf more", () => {
    const path = someHashes(53);
    const leafHash = model.hashes[0]!;
    const root = path.reduce((node, sibling) => modelInner(node, sibling), leafHash);
    const most = 2 ** 53 - 1;
    const place = (...hashes: readonly Uint8Array[]): number => {
      const packed = packHashes(hashes);
      const from = exports.reserveInput(packed.length);
      new Uint8Array(exports.memory.buffer).set(packed, from);
      return from;
    };
    const index = new Uint8Array(16);
    const verdicts = (size: number): number[] => {
      const inclusion = exports.verifyInclusion(place(root, leafHash, ...path), 0, size, path.length);
      const consistency = exports.verifyConsistency(place(leafHash, root, ...path), 1, size, path.length);
      const multiProof = packHashes([root, leafHash, ...path]);
      const from = exports.reserveInput(multiProof.length + index.length);
      const input = new Uint8Array(exports.memory.buffer, from);
      input.set(root, 0);
      input.set(index, 32);
      input.set(multiProof.subarray(32), 48);
      const multi = exports.verifyMultiProof(from, size, 1, path.length);
      const packed = packInclusions([{ root, size: most, leafHash, index: 0, path }]);
      new DataView(packed.buffer).setBigUint64(12, BigInt(size), true);
      return [inclusion, consistency, multi, ...core.verifyPackedInclusions(packed)];
    };
    expect(verdicts(most)).toEqual([1, 1, 1, 1]);
    expect(verdicts(most + 1)).toEqual([0, 0, 0, 0]);
  });

  test("the exports refuse what does not lie in the input region", () => {
    const start = exports.reserveInput(1024);
    const end = exports.memory.buffer.byteLength;
    for (const from of [0, 16, start - 32, end - 32, end, 0xffff_fff0])
      for (const count of [64, 0x0800_0000, 0xffff_ffff]) {
        expect(exports.verifyInclusion(from, 0, 1, count)).toBe(0);
        expect(exports.verifyConsistency(from, 1, 2, count)).toBe(0);
        expect(exports.verifyInclusions(from, count * 32, 0)).toBe(0);
        expect(exports.verifyMultiProof(from, 1, count, 1)).toBe(0);
        expect(exports.verifyMultiProof(from, 1, 1, count)).toBe(0);
        expect(exports.frontierAppend(from, 3, 0, count)).toBe(0);
        exports.treeLevel(from, count);
        exports.treeJoin(from, count);
      }
    expect(exports.frontierAppend(start, 65, 0, 1)).toBe(0);
    expect(exports.frontierAppend(start, 1, 1, 1)).toBe(0);
    expect(exports.verifyInclusion(start, Number.NaN, Number.POSITIVE_INFINITY, 0)).toBe(0);
    expect(exports.verifyMultiProof(start, Number.NaN, 1, 1)).toBe(0);
  });
});
