// Trees that grow by their frontier, against RFC 6962's definition at every size to 600.

import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { packHashes } from "./hashes.ts";
import { describeCores } from "./testing/cores.ts";
import { ModelTree, someHashes } from "./testing/rfc6962-model.ts";

const model = new ModelTree(someHashes(9_000));
const seed = Date.now() & 0x7fff_ffff;
console.log(`incremental-tree: seed ${seed}`);

/** Sizes that the frontier of `size` leaves still tells: its set bits from the highest down. */
function toldSizes(size: number): number[] {
  const told = [0];
  for (let bit = 2 ** 20; bit >= 1; bit /= 2) if (Math.floor(size / bit) % 2 === 1) told.push(told.at(-1)! + bit);
  return told;
}

/** A saved frontier by the form that is documented. */
function sealed(size: bigint, subtrees: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(12);
  header.set(new TextEncoder().encode("RFT1"));
  new DataView(header.buffer).setBigUint64(4, size);
  const body = Uint8Array.of(...header, ...packHashes(subtrees));
  return Uint8Array.of(...body, ...sha256(body));
}

describeCores((core) => {
  test("one leaf at a time: roots, earlier roots, and the frontier saved and restored at every size to 600", () => {
    const tree = core.incrementalTree();
    for (let size = 0; size <= 600; size++) {
      expect([tree.size, tree.root()]).toEqual([size, model.root(size)]);
      const told = toldSizes(size);
      for (const earlier of told) expect(tree.root(earlier)).toEqual(model.root(earlier));
      const sizes = Array.from({ length: size + 2 }, (_, i) => i);
      expect(sizes.filter((earlier) => tree.root(earlier) !== undefined)).toEqual(told);
      expect(tree.frontier()).toHaveLength(told.length - 1);
      const saved = tree.save();
      expect(saved).toHaveLength(44 + 32 * (told.length - 1));
      const again = core.incrementalTree(saved);
      expect([again.size, again.root(), again.save()]).toEqual([size, tree.root(), saved]);
      again.append(model.hashes[size]!);
      expect(again.root()).toEqual(model.root(size + 1));
      tree.append(model.hashes[size]!);
    }
  });

  test("many at a time, over pieces, packed and not, trees beside each other", () => {
    const random = seededNumbers(seed);
    for (let i = 0; i < 20; i++) {
      const [a, b] = [core.incrementalTree(), core.incrementalTree()];
      while (a.size < 8_000) {
        const count = [0, 1, 2, random(70), random(5_000)][random(5)]!;
        const hashes = model.hashes.slice(a.size, a.size + count);
        a.appendAll(hashes);
        b.appendAll(packHashes(hashes));
        expect(b.root()).toEqual(a.root());
      }
      expect(a.root()).toEqual(model.root(a.size));
      expect(b.save()).toEqual(a.save());
    }
  });

  test("leaves of all lengths, hashed on the way in", () => {
    const leaves = Array.from({ length: 400 }, (_, i) => new Uint8Array(i === 7 ? 70_000 : (i * 37) % 300).fill(i));
    const tree = core.incrementalTree();
    for (let from = 0, count = 0; from < leaves.length; from += count++)
      tree.appendLeaves(leaves.slice(from, from + count));
    const hashes = leaves.map((leaf) => sha256(Uint8Array.of(0, ...leaf)));
    expect(tree.size).toBe(400);
    expect(tree.root()).toEqual(new ModelTree(hashes).root(400));
    expect(core.leafHashes(leaves)).toEqual(packHashes(hashes));
    expect(core.leafHashes([])).toEqual(new Uint8Array(0));
  });

  test("a size near 2^53", () => {
    const subtrees = model.hashes.slice(0, 53);
    const all = sealed(0x1f_ffff_ffff_ffffn, subtrees);
    const tree = core.incrementalTree(all);
    expect(tree.size).toBe(2 ** 53 - 1);
    expect(tree.frontier()).toEqual(subtrees);
    expect(() => tree.append(subtrees[0]!)).toThrow("a tree has at most 2^53 - 1 leaves");
    expect(() => tree.appendAll(subtrees)).toThrow(RangeError);
    expect(tree.save()).toEqual(all);
    expect(tree.root()).toEqual(subtrees.reduceRight((right, left) => core.innerHash(left, right)));
    // From one leaf fewer the append changes the lowest level alone.
    const before = core.incrementalTree(sealed(0x1f_ffff_ffff_fffen, subtrees.slice(0, 52)));
    before.append(subtrees[52]!);
    expect(before.save()).toEqual(all);
  });

  describe("a hostile frontier is refused:", () => {
    const tree = core.incrementalTree();
    tree.appendAll(model.hashes.slice(0, 11));
    const saved = tree.save();
    const changed = (at: number, byte: number): Uint8Array => {
      const copy = saved.slice();
      copy[at] = byte;
      return copy;
    };
    test.each([
      ["nothing", new Uint8Array(), "begins with RFT1"],
      ["another beginning", changed(0, 0x53), "begins with RFT1"],
      ["a size beyond 2^53 - 1", changed(4, 1), "at most 2^53 - 1"],
      ["the size 2^53", changed(5, 0x20), "at most 2^53 - 1"],
      ["a size of another frontier", changed(11, 15), "of 15 leaves has 172 bytes, not 140"],
      ["too short", saved.slice(0, -1), "has 140 bytes, not 139"],
      ["too long", Uint8Array.of(...saved, 0), "has 140 bytes, not 141"],
      ["a size of as many subtrees", changed(11, 13), "ends with its own digest"],
      ["a size without subtrees", saved.slice(0, 44), "has 140 bytes, not 44"],
    ])("%s", (_, bytes, message) => {
      expect(() => core.incrementalTree(bytes)).toThrow(message);
    });
    test("every single bit of the hashes", () => {
      for (let bit = 12 * 8; bit < saved.length * 8; bit++)
        expect(() => core.incrementalTree(changed(bit >> 3, saved[bit >> 3]! ^ (1 << (bit & 7))))).toThrow(
          "ends with its own digest",
        );
    });
    test("a made up one, by the tree's head", () => {
      const head = { root: model.root(11), size: 11 };
      expect(core.incrementalTree(saved, head).save()).toEqual(saved);
      const madeUp = sealed(11n, model.hashes.slice(0, 3));
      expect(core.incrementalTree(madeUp).size).toBe(11);
      expect(() => core.incrementalTree(madeUp, head)).toThrow("of another tree than the head");
      expect(() => core.incrementalTree(sealed(13n, tree.frontier()), head)).toThrow("of another tree");
      expect(() => core.incrementalTree(undefined, head)).toThrow("of another tree");
    });
    test("hashes of other lengths, and nothing is appended", () => {
      const before = tree.save();
      expect(() => tree.append(new Uint8Array(31))).toThrow("a hash has 32 bytes, not 31");
      expect(() => tree.appendAll(new Uint8Array(33))).toThrow(RangeError);
      expect(() => tree.appendAll([model.hashes[0]!, new Uint8Array(0)])).toThrow(RangeError);
      expect(tree.save()).toEqual(before);
    });
  });
});
