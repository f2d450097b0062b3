// The committed tree against an independent naive model, and its independence of history. fast-check prints the seed of a failure.

import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadStateTree } from "../../wasm-core/bindings/node.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { VersionedState } from "./versioned-state.ts";

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

type Model = Map<string, Uint8Array>;

function rootOf(model: Model): string {
  return hex(naiveRoot([...model].map(([name, value]) => [sha256(utf8(name)), value])));
}

const name = fc.integer({ min: 0, max: 60 }).map((n) => `test/é/${n}`);
const value = fc.uint8Array({ minLength: 1, maxLength: 4 });
const batch = fc.array(fc.tuple(name, fc.option(value)), { maxLength: 30 });

function applyAll(batches: readonly (readonly (readonly [string, Uint8Array | null])[])[]): {
  state: VersionedState;
  model: Model;
} {
  const state = new VersionedState(loadStateTree());
  const model: Model = new Map();
  for (const [height, changes] of batches.entries()) {
    const once = new Map(changes);
    state.advance(height, state.prepare([...once].map(([n, v]) => ({ name: n, value: v }))));
    for (const [n, v] of once) {
      if (v === null) model.delete(n);
      else model.set(n, v);
    }
  }
  return { state, model };
}

describe("state tree", () => {
  it("ST-1: the empty tree's root is the hash of nothing", () => {
    const { state } = applyAll([]);
    expect(hex(state.root)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    state.advance(0, state.prepare([]));
    expect(state.read("a", 0, true)).toEqual({ value: null, proof: null });
  });

  it("ST-2: equals a naive model after any batches, and finds every value", () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        const { state, model } = applyAll(batches);
        expect(hex(state.root)).toBe(rootOf(model));
        expect(state.size).toBe(model.size);
        for (const [n] of batches.flat()) expect(state.get(n)).toEqual(model.get(n) ?? null);
      }),
      { numRuns: 150 },
    );
  });

  it("ST-3: does not depend on the order of history: one batch, one by one, reversed, with detours", () => {
    fc.assert(
      fc.property(batch, batch, (first, second) => {
        const { state, model } = applyAll([first, second]);
        const entries = [...model];
        const extra = [...first, ...second].filter(([n]) => !model.has(n));
        const root = hex(state.root);
        for (const history of [
          entries.map((entry) => [entry]),
          entries.toReversed().map((entry) => [entry]),
          [entries],
          [entries, extra.map(([n]) => [n, Uint8Array.of(1)] as const), extra.map(([n]) => [n, null] as const)],
        ])
          expect(hex(applyAll(history).state.root)).toBe(root);
      }),
      { numRuns: 100 },
    );
  });

  it("ST-4: an update leaves every older version as it was", () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 8 }), (batches) => {
        const { state } = applyAll(batches);
        for (const height of batches.keys()) {
          const { model } = applyAll(batches.slice(0, height + 1));
          for (const [n] of batches.flat()) expect(state.read(n, height, false).value).toEqual(model.get(n) ?? null);
        }
      }),
      { numRuns: 50 },
    );
  });
});
