// The committed tree against an independent naive model, and its independence of history. fast-check prints the seed of a failure.

import { randomInt } from "node:crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { VersionedState } from "./versioned-state.ts";

const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31));
console.log(`tree.test seed ${seed}`);

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

  it("ST-3: random entries with removals and re-insertions in between give the root of a fresh build and of a model", () => {
    const random = seededNumbers(seed);
    for (let run = 0; run < 20; run++) {
      const final = new Map<string, Uint8Array>();
      for (let n = random(2_000); n > 0; n--)
        final.set(`e/${random(5_000)}`, new Uint8Array(1 + random(200)).fill(random(256)));
      const strangers = Array.from({ length: 300 }, (_, n) => `stranger/${n}`);
      const state = new VersionedState(loadStateTree(), 1 + random(5));
      const present = new Set<string>();
      let height = 0;
      for (let step = 0; step < 25; step++) {
        const changes = new Map<string, Uint8Array | null>();
        for (const name of [...final.keys(), ...strangers]) {
          if (random(6) > 0) continue;
          const goes = present.has(name) && random(3) === 0;
          changes.set(name, goes ? null : new Uint8Array(1 + random(90)).fill(random(256)));
          if (goes) present.delete(name);
          else present.add(name);
        }
        state.advance(height++, state.prepare(Array.from(changes, ([name, value]) => ({ name, value }))));
      }
      const end = [...final, ...[...present].filter((name) => !final.has(name)).map((name) => [name, null] as const)];
      const shuffled = end.map((entry) => ({ entry, at: random(1e9) })).sort((a, b) => a.at - b.at);
      for (let at = 0; at < shuffled.length; at += 500) {
        const part = shuffled.slice(at, at + 500).map(({ entry: [name, value] }) => ({ name, value }));
        state.advance(height++, state.prepare(part));
      }
      const fresh = new VersionedState(loadStateTree());
      fresh.load([...final]);
      expect(hex(fresh.endLoad(1))).toBe(hex(state.root));
      expect(hex(state.root)).toBe(rootOf(final));
      expect([state.size, [...state.names("")]]).toEqual([final.size, [...fresh.names("")]]);
    }
  });

  it("ST-8: 5,000 blocks of churn: the last 1,000 stay provable, and memory does not grow once there are 1,000", () => {
    const random = seededNumbers(seed + 1);
    const core = loadCore();
    const state = new VersionedState(loadStateTree());
    const roots: Uint8Array[] = [];
    const watched: (Uint8Array | null)[] = [];
    const value = (): Uint8Array => new Uint8Array(1 + random(200)).fill(random(256));
    let settled = 0;
    let settledNames = 0;
    let most = 0;
    let mostNames = 0;
    for (let height = 0; height < 5_000; height++) {
      const changes = new Map<string, Uint8Array | null>();
      for (let n = 0; n < 20; n++) changes.set(`n/${random(1_000)}`, random(3) === 0 ? null : value());
      if (height % 3 === 0) changes.set("watched", random(4) === 0 ? null : value());
      state.advance(height, state.prepare(Array.from(changes, ([name, changed]) => ({ name, value: changed }))));
      roots.push(state.root);
      watched.push(changes.has("watched") ? changes.get("watched")! : (watched.at(-1) ?? null));
      const { versions, treeBytesInUse, nameBytes } = state.usage();
      expect(versions).toBe(Math.min(height + 1, 1_000));
      if (height === 2_500) [settled, settledNames] = [treeBytesInUse, nameBytes];
      if (height > 2_500) [most, mostNames] = [Math.max(most, treeBytesInUse), Math.max(mostNames, nameBytes)];
    }
    expect(most).toBeLessThan(settled * 1.1);
    expect(mostNames).toBeLessThan(settledNames * 1.3);
    expect(state.usage().treeBytes).toBeLessThan(most * 1.5);
    expect(() => state.read("watched", 3_999, true)).toThrow("heights 4000 to 4999 are");
    const key = core.sha256(utf8("watched"));
    for (let height = 4_000; height < 5_000; height++) {
      const { value: at, proof } = state.read("watched", height, true);
      expect(at).toEqual(watched[height]);
      const holds =
        at === null
          ? core.verifyNonMembership(roots[height]!, key, proof!)
          : core.verifyMembership(roots[height]!, key, at, proof!);
      expect([height, holds]).toEqual([height, true]);
    }
  });
});
