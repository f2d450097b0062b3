// The ordered index against a sorted array.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedNames } from "./ordered-names.ts";

const name = fc.oneof(
  fc.tuple(fc.constantFrom("a/", "a/b/", "b/", "c", ""), fc.integer({ min: 0, max: 400 })).map(([p, n]) => `${p}${n}`),
  fc.string({ minLength: 1, maxLength: 3, unit: "binary" }),
);

function descendingModel(names: readonly string[], prefix: string, before?: string): string[] {
  return names.filter((n) => n.startsWith(prefix) && (before === undefined || n < before)).toReversed();
}

describe("ordered names", () => {
  it("ST-7: iterates by prefix in both directions, from anywhere, as a sorted array does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.boolean()), { maxLength: 300 }),
        fc.constantFrom("", "a/", "a/b/", "a/b/1", "c", "zz"),
        name,
        (steps, prefix, from) => {
          const index = new OrderedNames();
          const model = new Set<string>();
          for (const [n, add] of steps) {
            if (add) {
              index.add(n);
              model.add(n);
            } else {
              index.remove(n);
              model.delete(n);
            }
          }
          const sorted = [...model].sort((a, b) => (a < b ? -1 : 1));
          expect(index.size).toBe(sorted.length);
          expect([...index.ascending(prefix)]).toEqual(sorted.filter((n) => n.startsWith(prefix)));
          expect([...index.ascending("", from)]).toEqual(sorted.filter((n) => n > from));
          const inside = `${prefix}${from}`;
          expect([...index.ascending(prefix, inside)]).toEqual(
            sorted.filter((n) => n.startsWith(prefix) && n > inside),
          );
          expect([...index.descending(prefix)]).toEqual(descendingModel(sorted, prefix));
          expect([...index.descending(prefix, inside)]).toEqual(descendingModel(sorted, prefix, inside));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("splits and empties its chunks", () => {
    const index = new OrderedNames();
    const names = Array.from({ length: 5_000 }, (_, n) => `n/${String((n * 7919) % 5_000).padStart(5, "0")}`);
    for (const n of names) index.add(n);
    expect([...index.ascending("n/")]).toEqual([...names].sort());
    expect([...index.descending("n/0", "n/00003")]).toEqual(["n/00002", "n/00001", "n/00000"]);
    for (const n of names.slice(0, 4_999)) index.remove(n);
    expect([...index.ascending("")]).toEqual([names[4_999]]);
    index.remove(names[4_999]!);
    expect(index.size).toBe(0);
    expect([...index.descending("")]).toEqual([]);
  });
});
