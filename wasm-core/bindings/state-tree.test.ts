// The state tree against an independent model with noble's SHA-256, and its proofs before a foreign verifier. Both variants of
// the module, and memory on either side of 2 GiB. Prints its seed.

import { readFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { foreignVerdict } from "../../tests/conformance/foreign-ics23.ts";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { coreVariants, fileOf } from "../modules.ts";
import { type EntryName, instantiateStateTree, type StateChange, StateTree, StateTreeFull } from "./state-tree.ts";
import { compareBytes, findLeaf, rootOf, type Tree, updateTree } from "./testing/state-model.ts";
import { proveKey } from "./testing/state-model-proof.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() & 0x7fff_ffff);
console.log(`state-tree.test seed ${seed}`);

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const keyOf = (name: EntryName): Uint8Array => (typeof name === "string" ? sha256(utf8(name)) : name);
const emptyRoot = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** As `expect(...).toEqual`, for bytes and fast. */
function same(actual: Uint8Array | null, expected: Uint8Array | null): void {
  if (actual === null || expected === null ? actual !== expected : Buffer.compare(actual, expected) !== 0)
    expect(actual).toEqual(expected);
}

const lowPages = { name: "in low memory", pages: 0 };
const highPages = { name: "above 2 GiB", pages: 32_768 };
const cases = coreVariants.flatMap((variant) => [lowPages, highPages].map((place) => ({ variant, place })));

describe.each(cases)("state tree, $variant, $place.name", ({ variant, place }) => {
  const file = new URL(`../../build/wasm/${fileOf({ name: "state-tree" }, variant)}`, import.meta.url);
  const module = new WebAssembly.Module(readFileSync(file));

  function newTree(): StateTree {
    const instance = new WebAssembly.Instance(module, {});
    // Pages that nobody touches cost nothing, and the tree takes what comes after them.
    if (place.pages > 0) (instance.exports["memory"] as WebAssembly.Memory).grow(place.pages);
    return new StateTree(instance);
  }

  test("the empty tree: root, size, values, no proofs, no entries", () => {
    const tree = newTree();
    expect(hex(tree.root())).toBe(emptyRoot);
    expect([tree.size(), tree.versions, tree.newest, tree.oldest]).toEqual([0, 0, null, null]);
    expect(tree.get("a")).toBeNull();
    expect(tree.prove("a")).toBeNull();
    expect([...tree.entries()]).toEqual([]);
    expect(hex(tree.prepare([]))).toBe(emptyRoot);
    tree.commit(7);
    expect([hex(tree.root(7)), tree.size(7), tree.prove("a", 7)]).toEqual([emptyRoot, 0, null]);
    expect(() => tree.commit(8)).toThrow("no version is prepared");
  });

  test.each(["scattered", "long common prefixes"])(
    "a random history of versions equals the model: roots, values, sizes, proofs, order; keys %s",
    (kind) => {
      const random = seededNumbers(seed);
      const pool: EntryName[] = [];
      for (let n = 0; n < 120; n++) {
        if (kind === "scattered") {
          pool.push(random(2) === 0 ? `test/é${n}/${"x".repeat(random(60))}` : sha256(Uint8Array.of(n)));
        } else {
          // Two keys of this kind agree in up to 255 bits.
          const key = new Uint8Array(32).fill(random(3) === 0 ? 0 : 255);
          const at = random(256);
          key[at >> 3] = key[at >> 3]! ^ (128 >> (at & 7));
          if (!pool.some((name) => typeof name !== "string" && compareBytes(name, key) === 0)) pool.push(key);
        }
      }
      const lengths = [1, 2, 55, 56, 57, 64, 147, 148, 149, 239, 240, 241, 1000];
      const tree = newTree();
      const versions = new Map<number, { tree: Tree; size: number }>();
      let current: Tree = null;
      let live = new Set<string>();
      let number = 0;
      for (let step = 0; step < 250; step++) {
        const changes: StateChange[] = [];
        const chosen = random(8) === 0 ? pool : pool.filter(() => random(12) === 0);
        for (const name of chosen) {
          const length = lengths[random(lengths.length)]!;
          const value = random(3) === 0 ? null : new Uint8Array(length).fill(random(3));
          changes.push({ name, value });
        }
        if (random(2) === 0) changes.reverse();
        const next = updateTree(
          current,
          changes.map(({ name, value }) => ({ key: keyOf(name), value })),
        );
        expect(hex(tree.prepare(changes))).toBe(hex(rootOf(next)));
        expect(hex(tree.root())).toBe(hex(rootOf(current)));
        if (random(4) === 0) {
          // Abandoned, at once or by the next.
          if (random(2) === 0) tree.abandon();
          continue;
        }
        number += 1 + random(3);
        tree.commit(number);
        current = next;
        live = new Set(live);
        for (const { name, value } of changes) {
          if (value === null) live.delete(hex(keyOf(name)));
          else live.add(hex(keyOf(name)));
        }
        versions.set(number, { tree: current, size: live.size });
        if (random(3) === 0) {
          const oldest = [...versions.keys()][random(Math.min(3, versions.size))]!;
          tree.dropBefore(oldest);
          for (const kept of versions.keys()) if (kept < oldest) versions.delete(kept);
        }
        expect([tree.versions, tree.oldest, tree.newest]).toEqual([
          versions.size,
          versions.keys().next().value,
          number,
        ]);
        // One kept version, any of them, in full.
        const asked = [...versions.keys()][random(versions.size)]!;
        const { tree: model, size } = versions.get(asked)!;
        expect(hex(tree.root(asked))).toBe(hex(rootOf(model)));
        expect(tree.size(asked)).toBe(size);
        const found: [Uint8Array, Uint8Array][] = [];
        for (const name of pool) {
          const key = keyOf(name);
          const value = findLeaf(model, key)?.value ?? null;
          if (value !== null) found.push([key, value]);
          same(tree.get(name, asked), value);
          const proof = tree.prove(name, asked);
          same(proof, proveKey(model, key));
          if (proof !== null && random(20) === 0) expect(foreignVerdict(rootOf(model), key, value, proof)).toBe(true);
        }
        found.sort(([a], [b]) => compareBytes(a, b));
        const listed = [...tree.entries(asked)];
        expect(listed).toHaveLength(found.length);
        for (const [at, [key, value]] of found.entries()) {
          same(listed[at]!.key, key);
          same(listed[at]!.value, value);
        }
        const after = keyOf(pool[random(pool.length)]!);
        expect([...tree.entries(asked, after)].map(({ key }) => hex(key))).toEqual(
          found.filter(([key]) => compareBytes(key, after) > 0).map(([key]) => hex(key)),
        );
      }
      // Everything that was taken comes back.
      tree.prepare([...live].map((key) => ({ name: new Uint8Array(Buffer.from(key, "hex")), value: null })));
      tree.commit(number + 1);
      tree.dropBefore(number + 1);
      expect(hex(tree.root())).toBe(emptyRoot);
      expect(tree.recordsLive).toBe(1);
    },
  );

  test("the root depends on the entries alone, not on their history", () => {
    const random = seededNumbers(seed + 1);
    const entries = Array.from({ length: 3000 }, (_, n) => ({ name: `n/${n}`, value: utf8(`${random(1e9)}`) }));
    const once = newTree();
    const root = hex(once.prepare(entries));
    const reversed = newTree();
    expect(hex(reversed.prepare(entries.toReversed()))).toBe(root);
    const bySome = newTree();
    let from = 0;
    let version = 0;
    while (from < entries.length) {
      const to = from + [0, 1, 2, 37, 1000][random(5)]!;
      const detour = { name: `detour/${random(50)}`, value: random(2) === 0 ? utf8("1") : null };
      bySome.prepare([...entries.slice(from, to), detour]);
      bySome.commit(++version);
      from = to;
    }
    bySome.prepare(Array.from({ length: 50 }, (_, n) => ({ name: `detour/${n}`, value: null })));
    bySome.commit(++version);
    expect(hex(bySome.root())).toBe(root);
    expect(bySome.size()).toBe(entries.length);
  });

  test("a batch of any size: more than one piece of input, values up to 64 KiB", () => {
    const random = seededNumbers(seed + 2);
    const value = (length: number): Uint8Array => new Uint8Array(length).map(() => random(256));
    const entries = Array.from({ length: 40 }, (_, n) => ({ name: `big/${n}`, value: value(65_536 - n * 1000) }));
    const tree = newTree();
    const model = updateTree(
      null,
      entries.map((entry) => ({ key: keyOf(entry.name), value: entry.value })),
    );
    expect(hex(tree.prepare(entries))).toBe(hex(rootOf(model)));
    tree.commit(1);
    for (const entry of entries) {
      same(tree.get(entry.name), entry.value);
      same(tree.prove(entry.name), proveKey(model, keyOf(entry.name)));
      const absent = `no ${entry.name}`;
      same(tree.prove(absent), proveKey(model, keyOf(absent)));
    }
    expect([...tree.entries()]).toHaveLength(40);
  });

  test("the longest proof: two values of 64 KiB at the ends of paths of 255 steps", () => {
    const tree = newTree();
    const base = new Uint8Array(32);
    const keys = Array.from({ length: 256 }, (_, bit) => {
      const key = base.slice();
      key[bit >> 3] = 128 >> (bit & 7);
      return key;
    });
    const long = new Uint8Array(65_536).fill(7);
    const changes = keys.map((key, bit) => ({ key, value: bit >= 253 ? long : Uint8Array.of(1) }));
    const model = updateTree(null, changes);
    tree.prepare(changes.map(({ key, value }) => ({ name: key, value })));
    tree.commit(1);
    for (const last of [0, 1, 2, 3, 4, 5]) {
      const key = base.slice();
      key[31] = last;
      const proof = tree.prove(key)!;
      expect(hex(proof)).toBe(hex(proveKey(model, key)!));
      if (last === 3) expect(proof.length).toBeGreaterThan(150_000);
    }
  });

  test("absence holds before the first key, after the last, and at a key's next bit", () => {
    const entries = Array.from({ length: 50 }, (_, n) => ({ name: `n/${n}`, value: utf8(`${n}`) }));
    const tree = newTree();
    tree.prepare(entries);
    tree.commit(1);
    const keys: Uint8Array[] = [new Uint8Array(32), new Uint8Array(32).fill(255)];
    for (const { name } of entries) {
      const close = keyOf(name);
      close[31] = close[31]! ^ 1;
      keys.push(close);
    }
    for (const key of keys) expect(foreignVerdict(tree.root(), key, null, tree.prove(key)!)).toBe(true);
  });

  test("what changes nothing makes no nodes and the same root", () => {
    const tree = newTree();
    const entries = Array.from({ length: 500 }, (_, n) => ({ name: `n/${n}`, value: utf8(`value ${n}`.repeat(20)) }));
    tree.prepare(entries);
    tree.commit(1);
    const before = tree.recordsLive;
    const root = hex(tree.root());
    expect(hex(tree.prepare(entries))).toBe(root);
    tree.commit(2);
    expect(hex(tree.prepare([{ name: "absent", value: null }, ...entries.slice(3, 9)]))).toBe(root);
    tree.commit(3);
    expect(tree.recordsLive).toBe(before + 2);
    expect(tree.size()).toBe(500);
  });

  test("abandoning gives back what the batch took and leaves the newest version whole", () => {
    const tree = newTree();
    tree.prepare(Array.from({ length: 300 }, (_, n) => ({ name: `n/${n}`, value: utf8(`${n}`) })));
    tree.commit(1);
    const before = tree.recordsLive;
    const root = hex(tree.root());
    tree.prepare(
      Array.from({ length: 400 }, (_, n) => ({ name: `n/${n}`, value: n % 3 === 0 ? null : new Uint8Array(200) })),
    );
    expect(tree.recordsLive).toBeGreaterThan(before);
    tree.abandon();
    expect(tree.recordsLive).toBe(before);
    expect(hex(tree.root())).toBe(root);
    expect(() => tree.commit(2)).toThrow("no version is prepared");
    tree.prepare(Array.from({ length: 300 }, (_, n) => ({ name: `n/${n}`, value: null })));
    tree.abandon();
    expect(tree.recordsLive).toBe(before);
    expect(tree.get("n/7")).toEqual(utf8("7"));
  });

  test("churn with old versions dropped keeps within the memory that it first took", () => {
    const random = seededNumbers(seed + 3);
    const tree = newTree();
    const names = Array.from({ length: 2000 }, (_, n) => `n/${n}`);
    const value = (): Uint8Array => new Uint8Array(1 + random(300)).fill(random(256));
    tree.prepare(names.map((name) => ({ name, value: value() })));
    tree.commit(0);
    let settled = 0;
    for (let version = 1; version <= 600; version++) {
      const first = random(names.length - 50);
      tree.prepare(names.slice(first, first + 50).map((name) => ({ name, value: random(5) === 0 ? null : value() })));
      if (random(10) === 0) tree.abandon();
      else tree.commit(version);
      tree.dropBefore(version - 20);
      if (version === 300) settled = tree.recordsLive;
    }
    expect(tree.recordsLive).toBeLessThan(settled * 1.3);
    expect(tree.memoryBytes - place.pages * 65_536).toBeLessThan(4_000_000);
    const number = tree.newest! + 1;
    tree.prepare(names.map((name) => ({ name, value: null })));
    tree.commit(number);
    tree.dropBefore(number);
    expect([tree.recordsLive, tree.size(), hex(tree.root())]).toEqual([1, 0, emptyRoot]);
  });

  test("refusals leave the tree as it was: names, values, keys twice, versions", () => {
    const tree = newTree();
    tree.prepare([{ name: "a", value: utf8("1") }]);
    tree.commit(5);
    const before = tree.recordsLive;
    const refused = (changes: Iterable<StateChange>, message: string | RegExp): void => {
      expect(() => tree.prepare(changes)).toThrow(message);
      expect(tree.recordsLive).toBe(before);
      expect(() => tree.commit(6)).toThrow("no version is prepared");
      expect(tree.get("a")).toEqual(utf8("1"));
    };
    const one = utf8("1");
    refused([{ name: "\ud800", value: one }], "no lone surrogates");
    expect(() => tree.prove("a\udfff")).toThrow(RangeError);
    expect(tree.get("\ud800")).toBeNull();
    const some = Array.from({ length: 2000 }, (_, n) => ({ name: `n/${n}`, value: new Uint8Array(200) }));
    refused([...some, { name: "", value: one }], "1 to 256 bytes, not 0");
    refused([...some, { name: "ü".repeat(129), value: one }], "1 to 256 bytes, not 258");
    refused([{ name: "x".repeat(257), value: null }], "1 to 256 bytes, not 257");
    refused([...some, { name: "v", value: new Uint8Array(0) }], "1 to 65536 bytes, not 0");
    refused([...some, { name: "v", value: new Uint8Array(65_537) }], "1 to 65536 bytes, not 65537");
    refused([{ name: new Uint8Array(31), value: one }], "32 bytes, not 31");
    refused([some[0]!, ...some], "twice");
    refused([...some, { name: "n/0", value: null }], "twice");
    refused([...some, { name: keyOf("n/1999"), value: one }], "twice");
    refused(
      [
        { name: "b", value: null },
        { name: "b", value: null },
      ],
      "twice",
    );
    refused(
      (function* () {
        yield* some;
        tree.get("a");
      })(),
      "while it reads changes",
    );
    expect(() => tree.prepare([{ name: "ü".repeat(128), value: new Uint8Array(65_536) }])).not.toThrow();
    expect(() => tree.commit(5)).toThrow("does not follow");
    expect(() => tree.commit(5.5)).toThrow(RangeError);
    tree.commit(6);
    expect(() => tree.get("a", 4)).toThrow("versions 5 to 6 are");
    expect([tree.has(4), tree.has(5)]).toEqual([false, true]);
    expect([tree.get(""), tree.get("x".repeat(257)), tree.get(new Uint8Array(33))]).toEqual([null, null, null]);
    expect(() => tree.prove("ü".repeat(129))).toThrow("not 258");
    tree.dropBefore(100);
    expect([tree.oldest, tree.newest]).toEqual([6, 6]);
    expect(() => tree.root(5)).toThrow(RangeError);
  });

  test("entries are of one version and the caller's own, also when versions come and go meanwhile", () => {
    const tree = newTree();
    const entries = (byte: number) =>
      Array.from({ length: 5000 }, (_, n) => ({ name: `n/${n}`, value: new Uint8Array(50).fill(byte) }));
    tree.prepare(entries(1));
    tree.commit(1);
    const keys: string[] = [];
    for (const { key, value } of tree.entries()) {
      if (keys.length === 0) {
        tree.prepare(entries(2));
        tree.commit(2);
      }
      keys.push(hex(key));
      if (value[0] !== 1) expect(value[0]).toBe(1);
      // What is done to them changes nothing about the next.
      structuredClone(value.buffer, { transfer: [value.buffer] });
      key.fill(0);
    }
    expect(keys).toHaveLength(5000);
    expect(keys).toEqual(keys.toSorted());
    const rest = tree.entries(1);
    rest.next();
    tree.dropBefore(2);
    expect(() => [...rest]).toThrow("version 1 is not kept");
  });

  test("nothing is dropped below what is no number", () => {
    const tree = newTree();
    for (const version of [-7, 0, 2 ** 32, 2 ** 53 - 1]) {
      tree.prepare([{ name: "a", value: utf8(`${version}`) }]);
      tree.commit(version);
    }
    expect(() => tree.commit(2 ** 53)).toThrow(RangeError);
    tree.dropBefore(Number.NaN);
    expect(tree.versions).toBe(4);
    tree.dropBefore(2 ** 32);
    expect([tree.oldest, tree.versions, tree.get("a", 2 ** 32)]).toEqual([2 ** 32, 2, utf8(`${2 ** 32}`)]);
  });

  test("out of memory: named, nothing lost, and over once versions are dropped", () => {
    const random = seededNumbers(seed + 4);
    const instance = new WebAssembly.Instance(module, {});
    const memory = instance.exports["memory"] as WebAssembly.Memory;
    if (place.pages > 0) memory.grow(place.pages);
    const tree = new StateTree(instance, { memoryBytesMax: memory.buffer.byteLength + 3_000_000 });
    const names = Array.from({ length: 3000 }, (_, n) => `n/${n}`);
    let model: Tree = null;
    let version = 0;
    let full = 0;
    for (let step = 0; step < 700 && full < 60; step++) {
      const changes = names
        .filter(() => random(4) === 0)
        .map((name) => ({ name, value: random(4) === 0 ? null : new Uint8Array(1 + random(150)).fill(random(256)) }));
      const before = tree.recordsLive;
      try {
        tree.prepare(changes);
      } catch (error) {
        expect(error).toBeInstanceOf(StateTreeFull);
        full++;
        expect(tree.recordsLive).toBe(before);
        expect(hex(tree.root())).toBe(hex(rootOf(model)));
        expect(tree.memoryBytes).toBeLessThanOrEqual(memory.buffer.byteLength);
        if (tree.versions === 1) throw new Error("one version fits", { cause: error });
        // A failure at every fill level, not only at the first.
        tree.dropBefore(tree.oldest! + 1);
        continue;
      }
      tree.commit(++version);
      model = updateTree(
        model,
        changes.map(({ name, value }) => ({ key: keyOf(name), value })),
      );
      expect(hex(tree.root())).toBe(hex(rootOf(model)));
    }
    expect(full).toBe(60);
    for (const name of names) same(tree.get(name), findLeaf(model, keyOf(name))?.value ?? null);
    tree.dropBefore(version);
    tree.prepare(names.map((name) => ({ name, value: null })));
    tree.commit(++version);
    tree.dropBefore(version);
    expect(tree.recordsLive).toBe(1);
  });

  test("too little memory for anything is named too", () => {
    const tree = instantiateStateTree(module, { memoryBytesMax: 0 });
    expect(() => tree.prepare([{ name: "a", value: utf8("1") }])).toThrow(StateTreeFull);
    expect(() => tree.prepare([])).toThrow(StateTreeFull);
    for (const memoryBytesMax of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 1])
      expect(() => instantiateStateTree(module, { memoryBytesMax })).toThrow(RangeError);
  });
});
