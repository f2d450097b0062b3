// The tree against an independent naive model, and its independence of history. Seeded; fast-check prints the seed of a failure.

import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../protocol/bytes.ts";
import { compareKeys, findLeaf, rootOf, type Tree, TreeWriter } from "./tree.ts";

const hasher = { sha256 };

/** The design's definition read word for word: split sorted keys at the first bit that tells them apart. */
function naiveRoot(entries: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array {
  if (entries.length === 0) return sha256(utf8(""));
  const bits = (key: Uint8Array): string => [...key].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const build = (leaves: { bits: string; hash: Uint8Array }[], depth: number): Uint8Array => {
    if (leaves.length === 1) return leaves[0]!.hash;
    const left = leaves.filter((leaf) => leaf.bits[depth] === "0");
    const right = leaves.filter((leaf) => leaf.bits[depth] === "1");
    if (left.length === 0 || right.length === 0) return build(leaves, depth + 1);
    return sha256(Uint8Array.from([1, ...build(left, depth + 1), ...build(right, depth + 1)]));
  };
  return build(
    entries.map(([key, value]) => ({
      bits: bits(key),
      hash: sha256(Uint8Array.from([0, 0x20, ...key, 0x20, ...sha256(value)])),
    })),
    0,
  );
}

// Keys that share long prefixes as well as scattered ones.
const key = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => sha256(Uint8Array.of(n))),
  fc.tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
    const bytes = new Uint8Array(32);
    bytes[at] = byte;
    return bytes;
  }),
);
const value = fc.uint8Array({ minLength: 1, maxLength: 4 });
const batch = fc.array(fc.tuple(key, fc.option(value)), { maxLength: 30 });

function applyAll(batches: readonly (readonly (readonly [Uint8Array, Uint8Array | null])[])[]): {
  tree: Tree;
  model: Map<string, readonly [Uint8Array, Uint8Array]>;
} {
  const writer = new TreeWriter(hasher);
  const model = new Map<string, readonly [Uint8Array, Uint8Array]>();
  let tree: Tree = null;
  for (const changes of batches) {
    const once = new Map(changes.map(([k, v]) => [hex(k), { key: k, value: v }]));
    tree = writer.update(tree, [...once.values()]);
    for (const [name, change] of once) {
      if (change.value === null) model.delete(name);
      else model.set(name, [change.key, change.value]);
    }
  }
  return { tree, model };
}

describe("state tree", () => {
  it("ST-1: the empty tree's root is the hash of nothing", () => {
    expect(hex(rootOf(null, hasher))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("ST-2: equals a naive model after any batches, and finds every value", () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        const { tree, model } = applyAll(batches);
        expect(hex(rootOf(tree, hasher))).toBe(hex(naiveRoot([...model.values()])));
        for (const [k, v] of model.values()) expect(findLeaf(tree, k)?.value).toEqual(v);
        for (const [k] of batches.flat()) if (!model.has(hex(k))) expect(findLeaf(tree, k)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it("ST-3: does not depend on the order of history: one batch, one by one, reversed, with detours", () => {
    fc.assert(
      fc.property(batch, batch, (first, second) => {
        const { tree, model } = applyAll([first, second]);
        const entries = [...model.values()];
        const single = applyAll(entries.map((entry) => [entry]));
        const reversed = applyAll(entries.toReversed().map((entry) => [entry]));
        const once = applyAll([entries]);
        const extra = [...first, ...second].filter(([k]) => !model.has(hex(k)));
        const detour = applyAll([entries, extra.map(([k]) => [k, Uint8Array.of(1)]), extra.map(([k]) => [k, null])]);
        const root = hex(rootOf(tree, hasher));
        for (const other of [single, reversed, once, detour]) expect(hex(rootOf(other.tree, hasher))).toBe(root);
      }),
      { numRuns: 150 },
    );
  });

  it("ST-4: an update leaves the old version as it was and shares what did not change", () => {
    const writer = new TreeWriter(hasher);
    const entries = Array.from({ length: 1000 }, (_, n) => ({ key: sha256(utf8(`k${n}`)), value: utf8(`v${n}`) }));
    const before = writer.update(null, entries);
    const root = hex(rootOf(before, hasher));
    let hashes = 0;
    const counting = new TreeWriter({
      sha256: (data) => {
        hashes++;
        return sha256(data);
      },
    });
    const after = counting.update(before, [{ key: entries[500]!.key, value: utf8("changed") }]);
    expect(hashes).toBeLessThan(40);
    expect(hex(rootOf(before, hasher))).toBe(root);
    expect(findLeaf(before, entries[500]!.key)?.value).toEqual(utf8("v500"));
    expect(findLeaf(after, entries[500]!.key)?.value).toEqual(utf8("changed"));
    expect(counting.update(after, [{ key: entries[1]!.key, value: utf8("v1") }])).toBe(after);
    expect(counting.update(after, [{ key: sha256(utf8("absent")), value: null }])).toBe(after);
  });

  it("refuses keys of another length and a key twice in a batch", () => {
    const writer = new TreeWriter(hasher);
    const k = sha256(utf8("k"));
    expect(() => writer.update(null, [{ key: k.subarray(1), value: k }])).toThrow(RangeError);
    expect(() =>
      writer.update(null, [
        { key: k, value: k },
        { key: k.slice(), value: null },
      ]),
    ).toThrow(/twice/);
  });

  it("orders keys bytewise", () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.compare(a, b)));
      }),
    );
  });
});
