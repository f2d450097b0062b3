// Rules of the history module (README.md), with RFC 6962 by its own words beside it.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { hex } from "../../protocol/bytes.ts";
import { eventsRoot } from "../../protocol/event-root.ts";
import { frontierOf, inclusionNodes, rootOfFrontier } from "../../protocol/growing-tree.ts";
import { type HistoryRecord, historyLeaf, historyState } from "../../protocol/history.ts";
import type { LedgerEvent } from "../../protocol/rest.ts";
import { enabledModules } from "../enabled.ts";
import { brokenByChanges } from "../invariant-check.ts";
import type { BlockEnd, Module } from "../module.ts";
import { chain, genesis, headerHashAt, newApplication, startMs, TestCity, testHasher } from "../test-city.ts";
import { rootOfEvents } from "./auditor.ts";
import { history } from "./module.ts";

const core = loadCore();
const sha256 = (...parts: readonly (Uint8Array | string)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(typeof part === "string" ? Buffer.from(part, "hex") : part);
  return hash.digest("hex");
};

/** MTH of RFC 6962, section 2.1. */
function treeOf(leaves: readonly Uint8Array[]): string {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256("00", leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256("01", treeOf(leaves.slice(0, split)), treeOf(leaves.slice(split)));
}

/** PATH of RFC 6962, section 2.1.1. */
function pathOf(index: number, leaves: readonly Uint8Array[]): string[] {
  if (leaves.length === 1) return [];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...pathOf(index, left), treeOf(right)] : [...pathOf(index - split, right), treeOf(left)];
}

/** A module that tells of what it is given, a block each. */
function teller(told: readonly LedgerEvent[][]): Module {
  const types = [...new Set(told.flat().map(({ type }) => type))];
  const attributes = { safeParse: () => ({ success: true }) } as never;
  return {
    name: "test",
    messages: [],
    events: types.map((type) => ({ type, attributes })),
    beginBlock: ({ height, emit }) => {
      for (const { type, attributes } of told[height - 1] ?? []) emit(type, attributes);
    },
    invariants: [],
    workload: [],
  };
}

const eventArbitrary = fc.record({
  type: fc.constantFrom("test/one", "test/two"),
  attributes: fc.dictionary(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    { maxKeys: 4 },
  ),
});

const read = (application: { query: TestCity["application"]["query"] }): HistoryRecord =>
  JSON.parse(Buffer.from(application.query(historyState.blocks, { prove: false }).value!).toString());

/** What a module gets at a block's end, over one record. */
function endOf(height: number, before: unknown, hashes = { count: 0 }): BlockEnd & { readonly written: unknown[] } {
  const written: unknown[] = [];
  const state = {
    get: <T>() => before as T | null,
    set: (_: string, record: unknown) => void written.push(record),
    list: () => [],
    remove: () => undefined,
  };
  const hasher = {
    ...testHasher,
    leafHash: (leaf: Uint8Array) => {
      hashes.count++;
      return testHasher.leafHash(leaf);
    },
    innerHash: (left: Uint8Array, right: Uint8Array) => {
      hashes.count++;
      return testHasher.innerHash(left, right);
    },
  };
  return { state, height, hash: headerHashAt(height), events: [], hasher, written };
}

describe("history", () => {
  it("HI-1, HI-2, HI-7: the tree is that of all headers and of what their blocks told of", () => {
    fc.assert(
      fc.property(fc.array(fc.array(eventArbitrary, { maxLength: 3 }), { maxLength: 40 }), (told) => {
        const application = newApplication({ modules: [...enabledModules, teller(told)] });
        application.initialise(chain, genesis);
        const leaves: Uint8Array[] = [];
        for (const [index, events] of told.entries()) {
          const height = index + 1;
          const hash = headerHashAt(height);
          const result = application.finalise({ height, hash, timeMs: startMs + height, transactions: [] });
          application.commit();
          expect(result.events).toEqual(events);
          leaves.push(Buffer.concat([hash, Buffer.from(rootOfEvents(events), "hex")]));
          const { frontier, root, size } = read(application);
          expect([size, root]).toEqual([height, treeOf(leaves)]);
          const perfect: string[] = [];
          for (let begin = 0; begin < height; ) {
            const width = 2 ** (31 - Math.clz32(height - begin));
            perfect.push(treeOf(leaves.slice(begin, begin + width)));
            begin += width;
          }
          expect(frontier).toEqual(perfect);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("HI-1: a leaf is of two hashes and of nothing else", () => {
    const hash = new Uint8Array(32);
    expect(historyLeaf(hash, hash)).toHaveLength(64);
    for (const wrong of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(33)]) {
      expect(() => historyLeaf(wrong, hash)).toThrow(RangeError);
      expect(() => historyLeaf(hash, wrong)).toThrow(RangeError);
    }
  });

  it("HI-2: the nodes of inclusion paths and of roots are those of RFC 6962, at every size", () => {
    const leaves = Array.from({ length: 70 }, (_, index) => historyLeaf(headerHashAt(index), headerHashAt(-index)));
    const hashOf = ({ level, index }: { level: number; index: number }): Uint8Array =>
      Buffer.from(treeOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)), "hex");
    const join = (nodes: ReturnType<typeof frontierOf>): string =>
      hex(rootOfFrontier(nodes.map(hashOf), testHasher.innerHash));
    for (let size = 1; size <= leaves.length; size++) {
      const held = leaves.slice(0, size);
      const root = treeOf(held);
      expect(join(frontierOf(size))).toBe(root);
      for (let index = 0; index < size; index++) {
        const path = inclusionNodes(index, size).map(join);
        expect(path).toEqual(pathOf(index, held));
        const hashes = path.map((each) => Buffer.from(each, "hex"));
        const leafHash = core.leafHash(leaves[index]!);
        expect(core.verifyInclusion(Buffer.from(root, "hex"), leafHash, index, size, hashes)).toBe(true);
      }
    }
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 4],
      [0.5, 4],
      [4, 3],
      [0, 2 ** 53],
    ] as const)
      expect(() => inclusionNodes(index, size)).toThrow(RangeError);
    expect(inclusionNodes(0, 2 ** 53 - 1)).toHaveLength(53);
  });

  it("HI-3: begins without leaves", () => {
    const application = newApplication();
    application.initialise(chain, genesis);
    expect(read(application)).toEqual({ frontier: [], root: treeOf([]), size: 0 });
  });

  it("HI-4: a block that does not follow, and one without its header's hash, stop", () => {
    for (const before of [null, { frontier: [], root: treeOf([]), size: 0 }, { frontier: [], root: "", size: 7 }])
      expect(() => history.endBlock!(endOf(3, before))).toThrow(/^the history holds (no|0|7) blocks before block 3$/);
    const { application } = new TestCity();
    for (const hash of [undefined, new Uint8Array(0), new Uint8Array(31), new Uint8Array(33)]) {
      const block = { height: 1, hash, timeMs: startMs, transactions: [] };
      expect(() => application.finalise(block as never)).toThrow("block 1 comes without its header's hash");
      expect(() => application.commit()).toThrow("no finalised block");
    }
  });

  it("HI-5: another entry, or a frontier that cannot be the size's, stops the block", () => {
    const hash = "ab".repeat(32);
    const verdict = (name: string, after: unknown): string | null =>
      brokenByChanges([history], [{ name, before: null, after }]);
    const good = { frontier: [hash, hash], root: "cd".repeat(32), size: 3 };
    expect(verdict(historyState.blocks, good)).toBeNull();
    expect(verdict("money/balance/x", {})).toBeNull();
    const table: readonly (readonly [string, unknown])[] = [
      ["history/tree/others", good],
      ["history/blocks", good],
      [historyState.blocks, { ...good, size: 4 }],
      [historyState.blocks, { ...good, size: -3 }],
      [historyState.blocks, { ...good, size: 2.5 }],
      [historyState.blocks, { ...good, root: "" }],
      [historyState.blocks, { ...good, root: hash.toUpperCase() }],
      [historyState.blocks, { ...good, frontier: [hash, hash.slice(2)] }],
      [historyState.blocks, { frontier: [hash], root: "cd".repeat(32), size: 4 }],
    ];
    for (const [name, after] of table) expect(verdict(name, after)).toContain("HI-5");
  });

  it("HI-6: a block costs hashes by the bits of the size", () => {
    const hash = "ab".repeat(32);
    for (const size of [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 52 - 1, 2 ** 53 - 3]) {
      const bits = size.toString(2);
      const frontier = [...bits.replaceAll("0", "")].map(() => hash);
      const hashes = { count: 0 };
      history.endBlock!(endOf(size + 1, { frontier, root: hash, size }, hashes));
      expect(hashes.count).toBeLessThanOrEqual(2 * bits.length);
    }
  });

  it("HI-7: the root over events does not depend on the order of attributes, but on everything else", () => {
    const root = (...events: LedgerEvent[]): string => hex(eventsRoot(core, events));
    const event = { type: "a/b", attributes: { x: "1", y: "é" } };
    expect(root(event)).toBe(sha256("00", Buffer.from('{"attributes":{"x":"1","y":"é"},"type":"a/b"}')));
    expect(root({ attributes: { y: "é", x: "1" }, type: "a/b" })).toBe(root(event));
    expect(root()).toBe(sha256());
    const others = [
      root({ ...event, type: "a/c" }),
      root({ ...event, attributes: { x: "1" } }),
      root({ ...event, attributes: { x: "1", y: "e\u0301" } }),
      root(event, event),
      root({ type: "a/b", attributes: { x: "1y", é: "" } }),
    ];
    expect(new Set([root(event), ...others]).size).toBe(6);
    fc.assert(
      fc.property(fc.array(eventArbitrary, { maxLength: 9 }), (events) => {
        expect(root(...events)).toBe(rootOfEvents(events));
        expect(hex(eventsRoot(testHasher, events))).toBe(root(...events));
      }),
    );
  });
});
