// Versions, limits and overlays.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadStateTree } from "../../wasm-core/bindings/node.ts";
import { StateTreeFull } from "../../wasm-core/bindings/state-tree.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import { CommittedReader, Overlay } from "./overlay.ts";
import { VersionedState } from "./versioned-state.ts";

const set = (state: VersionedState, height: number, name: string, value: string | null): void =>
  state.advance(height, state.prepare([{ name, value: value === null ? null : utf8(value) }]));

describe("versioned state", () => {
  it("ST-8: answers and proves each kept version, and names the kept heights for any other", () => {
    const state = new VersionedState(loadStateTree(), 3);
    for (let height = 0; height < 6; height++) set(state, height, "test/a", `${height}`);
    for (const height of [3, 4, 5]) {
      const { value, proof } = state.read("test/a", height, true);
      expect(fromUtf8(value!)).toBe(`${height}`);
      expect(proof).not.toBeNull();
    }
    expect(() => state.read("test/a", 2, false)).toThrow("heights 3 to 5 are");
    expect(() => state.read("test/a", 6, false)).toThrow(RangeError);
    expect(state.read("test/b", 5, false)).toEqual({ value: null, proof: null });
  });

  it("ST-9: refuses names and values outside the limits", () => {
    const state = new VersionedState(loadStateTree());
    const prepare = (name: string, value: Uint8Array) => () => state.prepare([{ name, value }]);
    expect(prepare("", utf8("1"))).toThrow(RangeError);
    expect(prepare("ü".repeat(129), utf8("1"))).toThrow(RangeError);
    expect(prepare("ü".repeat(128), utf8("1"))).not.toThrow();
    expect(prepare("a", new Uint8Array(0))).toThrow(RangeError);
    expect(prepare("a", new Uint8Array(65_537))).toThrow(RangeError);
    expect(prepare("a", new Uint8Array(65_536))).not.toThrow();
  });

  it("refuses a version prepared on another one and heights that do not grow", () => {
    const state = new VersionedState(loadStateTree());
    const stale = state.prepare([{ name: "a", value: utf8("1") }]);
    set(state, 0, "b", "2");
    expect(() => state.advance(1, stale)).toThrow("prepared on the current one");
    expect(() => state.advance(0, state.prepare([]))).toThrow("does not follow");
  });

  it("answers no value for a name outside the limits, whoever asks", () => {
    const state = new VersionedState(loadStateTree());
    set(state, 0, "a", "1");
    for (const name of ["", "ü".repeat(129)]) {
      expect(state.get(name)).toBeNull();
      expect(state.read(name, 0, false).value).toBeNull();
    }
  });

  it("ST-10: gives up old versions before it runs out of memory, and never the current one", () => {
    const tree = loadStateTree({ memoryBytesMax: 2_500_000 });
    const state = new VersionedState(tree);
    const entries = (text: string) => Array.from({ length: 1000 }, (_, n) => ({ name: `n/${n}`, value: utf8(text) }));
    for (let height = 0; height < 40; height++) state.advance(height, state.prepare(entries(`${height}`)));
    expect(tree.versions).toBeLessThan(20);
    const root = hex(state.root);
    expect(() => state.prepare(entries("x".repeat(5000)))).toThrow(StateTreeFull);
    expect([tree.versions, state.height, hex(state.root)]).toEqual([1, 39, root]);
    expect(state.get("n/7")).toEqual(utf8("39"));
  });

  it("answers every value, at hand or not", () => {
    const state = new VersionedState(loadStateTree());
    const entries = Array.from({ length: 20_000 }, (_, n) => ({ name: `n/${n}`, value: utf8(`${n}`) }));
    state.advance(0, state.prepare(entries));
    state.advance(
      1,
      state.prepare([
        { name: "n/1", value: utf8("new") },
        { name: "n/2", value: null },
      ]),
    );
    const values = entries.map(({ name }) => state.get(name));
    expect(values.slice(0, 4)).toEqual([utf8("0"), utf8("new"), null, utf8("3")]);
    expect(values.every((value, n) => n < 4 || Number(fromUtf8(value!)) === n)).toBe(true);
    state.advance(
      2,
      state.prepare([
        { name: "n/19999", value: null },
        { name: "n/1", value: utf8("newer") },
      ]),
    );
    expect([state.get("n/19999"), fromUtf8(state.get("n/1")!), state.size]).toEqual([null, "newer", 19_998]);
  });

  it("answers what the root commits, whatever becomes of the arrays it was given", () => {
    const state = new VersionedState(loadStateTree());
    const value = utf8("1");
    const changes = [{ name: "a", value }];
    const version = state.prepare(changes);
    value.fill(0x39);
    changes.push({ name: "b", value });
    state.advance(0, version);
    expect(fromUtf8(state.get("a")!)).toBe("1");
    expect(state.read("a", 0, false).value).toEqual(state.get("a"));
    expect([...state.names("")]).toEqual(["a"]);
  });

  it("is loaded in parts of any order, each name once, before it has versions", () => {
    const entries = Array.from({ length: 3_000 }, (_, n) => [`n/${(n * 7919) % 3_000}`, utf8(`${n}`)] as const);
    const whole = new VersionedState(loadStateTree());
    whole.advance(4, whole.prepare(entries.map(([name, value]) => ({ name, value }))));
    const state = new VersionedState(loadStateTree());
    for (let at = 0; at < entries.length; at += 700) state.load(entries.slice(at, at + 700));
    expect(hex(state.endLoad(4))).toBe(hex(whole.root));
    expect([state.height, state.size, state.usage().versions]).toEqual([4, 3_000, 1]);
    expect([...state.names("n/1")]).toEqual([...whole.names("n/1")]);
    expect(() => state.load([])).toThrow("before it has versions");
    expect(() => state.endLoad(5)).toThrow("before it has versions");
    set(state, 5, "n/7", null);
    expect([...state.names("n/")]).toHaveLength(2_999);
    const twice = new VersionedState(loadStateTree());
    twice.load(entries.slice(0, 9));
    expect(() => twice.load(entries.slice(8, 9))).toThrow("twice");
    const wrong = new VersionedState(loadStateTree());
    expect(() => wrong.load([["a", new Uint8Array(0)]])).toThrow(RangeError);
    const small = new VersionedState(loadStateTree({ memoryBytesMax: 2_000_000 }));
    expect(() => small.load(entries.map(([name]) => [name, new Uint8Array(2_000)]))).toThrow(StateTreeFull);
    const empty = new VersionedState(loadStateTree());
    expect(hex(empty.endLoad(9))).toMatch(/^e3b0c442/);
    expect([empty.height, [...empty.names("")]]).toEqual([9, []]);
  });

  it("says what it takes of memory", () => {
    const state = new VersionedState(loadStateTree(), 10);
    const before = state.usage();
    expect([before.entries, before.versions, before.nameBytes]).toEqual([0, 0, 0]);
    for (let height = 0; height < 30; height++)
      state.advance(
        height,
        state.prepare(Array.from({ length: 500 }, (_, n) => ({ name: `n/${n}`, value: utf8(`${height}`) }))),
      );
    const { entries, versions, treeBytes, treeBytesInUse, nameBytes } = state.usage();
    expect([entries, versions]).toEqual([500, 10]);
    expect(treeBytesInUse).toBeGreaterThan(10 * 500 * 96);
    expect(treeBytes).toBeGreaterThan(treeBytesInUse);
    expect(nameBytes).toBeGreaterThan(500 * 2);
    expect(nameBytes).toBeLessThan(500 * 8);
  });

  it("preparing changes nothing that is seen", () => {
    const state = new VersionedState(loadStateTree());
    set(state, 0, "a", "1");
    const root = hex(state.root);
    const next = state.prepare([{ name: "a", value: utf8("2") }]);
    expect(hex(state.root)).toBe(root);
    expect(hex(next.root)).not.toBe(root);
    expect(state.get("a")).toEqual(utf8("1"));
  });
});

describe("overlay", () => {
  it("nests, lists across layers, and hands out only real changes in order", () => {
    const state = new VersionedState(loadStateTree());
    state.advance(
      0,
      state.prepare(["p/1", "p/2", "p/4", "q/1"].map((name) => ({ name, value: utf8(`{"n":"${name}"}`) }))),
    );
    const block = new Overlay(new CommittedReader(state));
    const transaction = new Overlay(block);
    transaction.set("p/3", { n: "new" });
    transaction.remove("p/1");
    block.set("p/0", { n: "zero" });
    block.set("p/2", { n: "p/2" });
    expect(transaction.list("p/", 10)).toEqual(["p/0", "p/2", "p/3", "p/4"]);
    expect(transaction.list("p/", 2)).toEqual(["p/0", "p/2"]);
    expect(block.list("p/", 10)).toEqual(["p/0", "p/1", "p/2", "p/4"]);
    expect(transaction.get("p/1")).toBeNull();
    expect(block.get("p/1")).toEqual({ n: "p/1" });
    transaction.mergeInto(block);
    block.set("gone", { n: 1 });
    block.remove("gone");
    expect(block.changes().entries.map(({ name, value }) => [name, value && fromUtf8(value)])).toEqual([
      ["p/0", '{"n":"zero"}'],
      ["p/1", null],
      ["p/3", '{"n":"new"}'],
    ]);
    expect(() => block.set("p/9", null)).toThrow(TypeError);
  });

  it("ST-7: layers of overlays are what a map is that each is merged into, in the order of bytes", () => {
    const unit = fc.constantFrom("a", "b", "/", "é", "\ue000", "\uffff", "\u{10000}");
    const name = fc.array(unit, { minLength: 1, maxLength: 3 }).map((units) => units.join(""));
    const step = fc.tuple(fc.nat(2), name, fc.option(fc.nat(3)));
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.oneof(name, fc.constant("")),
        fc.nat(8),
        (steps, prefix, limit) => {
          const state = new VersionedState(loadStateTree());
          const committed = new Map<string, number>();
          for (const [layer, n, value] of steps) if (layer === 0 && value !== null) committed.set(n, value);
          state.advance(
            0,
            state.prepare(Array.from(committed, ([n, value]) => ({ name: n, value: utf8(`${value}`) }))),
          );
          const block = new Overlay(new CommittedReader(state));
          const transaction = new Overlay(block);
          const model = new Map(committed);
          const inBlock = new Map(committed);
          for (const [layer, n, value] of steps) {
            if (layer === 0) continue;
            // What the block writes later is hidden where the transaction has written.
            const overlay = layer === 1 ? block : transaction;
            if (value === null) overlay.remove(n);
            else overlay.set(n, value);
          }
          for (const [layer, n, value] of steps)
            if (layer === 1) value === null ? inBlock.delete(n) : inBlock.set(n, value);
          for (const [n, value] of inBlock) model.set(n, value);
          for (const n of model.keys()) if (!inBlock.has(n)) model.delete(n);
          for (const [layer, n, value] of steps)
            if (layer === 2) value === null ? model.delete(n) : model.set(n, value);
          const ordered = [...model.keys()].sort((a, b) => Buffer.compare(utf8(a), utf8(b)));
          expect(transaction.list("", 1_000)).toEqual(ordered);
          expect(transaction.list(prefix, limit)).toEqual(ordered.filter((n) => n.startsWith(prefix)).slice(0, limit));
          for (const [, n] of steps) expect(transaction.get(n)).toBe(model.get(n) ?? null);
          transaction.mergeInto(block);
          const { entries, records } = block.changes();
          const expected = [...new Set([...committed.keys(), ...ordered])].filter(
            (n) => committed.get(n) !== model.get(n),
          );
          expected.sort((a, b) => Buffer.compare(utf8(a), utf8(b)));
          expect(entries.map((entry) => entry.name)).toEqual(expected);
          expect(records.map(({ before, after }) => [before, after])).toEqual(
            expected.map((n) => [committed.get(n) ?? null, model.get(n) ?? null]),
          );
          state.advance(1, state.prepare(entries));
          expect([...state.names("")]).toEqual(ordered);
        },
      ),
      { numRuns: 200 },
    );
  });
});
