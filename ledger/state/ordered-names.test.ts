// The ordered index against a plain sorted array, whose order is that of code points, worked out on its own.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundOf, compareBytes, compareNames } from "./name-order.ts";
import { OrderedNames } from "./ordered-names.ts";

/** Texts of a few units, among them those around which UTF-16 and UTF-8 differ. */
const unit = fc.constantFrom("a", "b", "/", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}", "가");
const odd = fc.array(unit, { minLength: 1, maxLength: 5 }).map((units) => units.join(""));
const numbered = fc
  .tuple(fc.constantFrom("a/", "a/b/", "b/", "c", "", `${"long/".repeat(40)}`), fc.integer({ min: 0, max: 400 }))
  .map(([p, n]) => `${p}${n}`);
const name = fc.oneof(numbered, odd);
const anyText = fc.oneof(name, fc.string({ maxLength: 3, unit: "binary" }), fc.constantFrom("\ud800", "a\udfffb", ""));

/** The order of code points; those of lone surrogates too, which bounds may have. */
function byCodePoints(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => [...text].map((point) => point.codePointAt(0)!));
  for (let i = 0; i < Math.min(x!.length, y!.length); i++) if (x![i] !== y![i]) return x![i]! - y![i]!;
  return x!.length - y!.length;
}

describe("ordered names", () => {
  it("ST-7: names are in the order of their bytes, which is that of their code points", () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(Math.sign(byCodePoints(a, b)));
        expect(Math.sign(compareBytes(boundOf(a), boundOf(b)))).toBe(Math.sign(byCodePoints(a, b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("ST-7: iterates by prefix in both directions, from anywhere, as a sorted array does", () => {
    const batch = fc.array(fc.tuple(name, fc.boolean()), { maxLength: 120 });
    fc.assert(
      fc.property(
        fc.array(batch, { maxLength: 6 }),
        fc.oneof(anyText, fc.constant("")),
        anyText,
        (batches, prefix, from) => {
          const index = new OrderedNames();
          const model = new Set<string>();
          for (const changes of batches) {
            const once = new Map(changes);
            index.change([...once].map(([n, kept]) => ({ name: n, kept })));
            for (const [n, kept] of once) kept ? model.add(n) : model.delete(n);
          }
          const sorted = [...model].sort(byCodePoints);
          const inPrefix = sorted.filter((n) => n.startsWith(prefix) && prefix.isWellFormed());
          expect(index.size).toBe(sorted.length);
          expect([...index.ascending(prefix)]).toEqual(inPrefix);
          expect([...index.descending(prefix)]).toEqual(inPrefix.toReversed());
          // Names that are there are edges too.
          const there = [inPrefix[0], inPrefix.at(-1), ...sorted.slice(sorted.length >> 1).slice(0, 2)];
          for (const edge of [from, `${prefix}${from}`, ...there.filter((n) => n !== undefined)]) {
            const after = inPrefix.filter((n) => edge === "" || byCodePoints(n, edge) > 0);
            expect([...index.ascending(prefix, edge)]).toEqual(after);
            const before = inPrefix.filter((n) => byCodePoints(n, edge) < 0);
            expect([...index.descending(prefix, edge)]).toEqual(before.toReversed());
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("grows to several levels, shrinks to nothing, and gives back what it took", () => {
    const index = new OrderedNames();
    const count = 60_000;
    const names = Array.from(
      { length: count },
      (_, n) => `n/${String((n * 7919) % count).padStart(5, "0")}/${"x".repeat(n % 90)}`,
    );
    const change = (some: readonly string[], kept: boolean): void => index.change(some.map((n) => ({ name: n, kept })));
    for (let at = 0; at < count; at += 777) change(names.slice(at, at + 777), true);
    expect(index.size).toBe(count);
    const full = index.bytes;
    expect([...index.ascending("n/")]).toEqual([...names].sort());
    expect([...index.descending("n/0", "n/00003")]).toEqual([...names].sort().slice(0, 3).toReversed());
    // One of fifty stays: leaves that became small were joined.
    for (let at = 0; at < count; at += 997)
      change(
        names.slice(at, at + 997).filter((n) => !n.startsWith("0", 6) || n.charCodeAt(5) % 5),
        false,
      );
    const left = names.filter((n) => n.startsWith("0", 6) && n.charCodeAt(5) % 5 === 0).sort();
    expect([...index.ascending("")]).toEqual(left);
    expect([...index.leaves()].length).toBeLessThan(left.length / 2);
    expect(index.bytes).toBeLessThan(full / 10);
    change(left, false);
    expect([index.size, index.bytes, [...index.descending("")]]).toEqual([0, 0, []]);
  });

  it("one by one in any order it is the same as all at once", () => {
    const names = Array.from({ length: 3_000 }, (_, n) => `n/${(n * 7919) % 3_000}`);
    const index = new OrderedNames();
    for (const n of names) index.change([{ name: n, kept: true }]);
    expect([...index.ascending("")]).toEqual([...names].sort());
    expect(Math.max(...Array.from(index.leaves(), (leaf) => leaf.length))).toBeLessThan(1_400);
    for (const n of names.slice(1)) index.change([{ name: n, kept: false }]);
    expect([...index.ascending("")]).toEqual(["n/0"]);
  });

  it("a walk goes on over the names that were there when it began, and so does what was frozen", () => {
    const index = new OrderedNames();
    const names = Array.from({ length: 2_000 }, (_, n) => `n/${String(n).padStart(4, "0")}`);
    index.change(names.map((n) => ({ name: n, kept: true })));
    const frozen = index.freeze();
    const walk = index.ascending("n/");
    const down = index.descending("n/");
    expect([walk.next().value, down.next().value]).toEqual(["n/0000", "n/1999"]);
    index.change(names.map((n, i) => (i % 2 === 0 ? { name: n, kept: false } : { name: `${n}/new`, kept: true })));
    expect([...walk]).toEqual(names.slice(1));
    expect([...down]).toEqual(names.slice(0, -1).toReversed());
    expect([frozen.size, [...frozen.ascending("")]]).toEqual([2_000, names]);
    expect(index.size).toBe(2_000);
  });

  it("names of 256 bytes, and those that share 255", () => {
    const index = new OrderedNames();
    const names = Array.from({ length: 100 }, (_, n) => "x".repeat(255) + String.fromCharCode(33 + n)).slice(0, 90);
    const short = names.map((n) => n.slice(0, 255 - (n.charCodeAt(255) % 7))).slice(0, 7);
    index.change([...names, ...new Set(short)].map((n) => ({ name: n, kept: true })));
    expect([...index.ascending("")]).toEqual([...new Set([...names, ...short])].sort());
  });
});
