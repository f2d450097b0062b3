// ICS-23 proofs in which every hash is right: what the specification, and the core's stricter reading of it, ask of their form.

import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import type { MembershipClaim } from "./ics23.ts";
import { describeCores } from "./testing/cores.ts";
import { field, modelLeaf } from "./testing/ics23-model.ts";
import { modelInner } from "./testing/rfc6962-model.ts";

function rootOver(key: Uint8Array, value: Uint8Array, right: Uint8Array): Uint8Array {
  return modelInner(modelLeaf(key, value), right);
}

describeCores((core) => {
  const single = (root: Uint8Array, { key, value, proof }: MembershipClaim): boolean =>
    value === null ? core.verifyNonMembership(root, key, proof) : core.verifyMembership(root, key, value, proof);

  describe("refuses", () => {
    const [key, value, sibling] = [Uint8Array.of(5), Uint8Array.of(7), sha256(Uint8Array.of(1))];
    const root = rootOver(key, value, sibling);
    const leafFields = [8, 1, 24, 1, 32, 1, 42, 1, 0];
    const leaf = field(0x1a, leafFields);
    const step = field(0x22, [8, 1], field(0x12, [1]), field(0x1a, sibling));
    const [keyField, valueField] = [field(0x0a, key), field(0x12, value)];
    const head = [keyField, valueField, leaf];
    /** Verdicts on the existence as the proof of a key, and as that of the neighbour of an absent one; alone and in a batch. */
    const verdicts = (under: Uint8Array, claim: MembershipClaim, ...parts: readonly Uint8Array[]): boolean[] => {
      const claims = [
        { ...claim, proof: field(0x0a, ...parts) },
        { key: Uint8Array.of(4), value: null, proof: field(0x12, field(0x1a, ...parts)) },
      ];
      return [...claims.map((one) => single(under, one)), ...core.verifyMemberships(under, claims)];
    };
    const claim = { key, value, proof: new Uint8Array() };

    test("nothing but what follows is wrong with it", () => {
      expect(verdicts(root, claim, ...head, step)).toEqual([true, true, true, true]);
    });

    test.each([
      ["a leaf without its hash", [keyField, valueField, field(0x1a, [24, 1, 32, 1, 42, 1, 0]), step]],
      ["a leaf that hashes no value", [keyField, valueField, field(0x1a, [8, 1, 32, 1, 42, 1, 0]), step]],
      ["a leaf without lengths", [keyField, valueField, field(0x1a, [8, 1, 24, 1, 42, 1, 0]), step]],
      ["a leaf without a prefix", [keyField, valueField, field(0x1a, [8, 1, 24, 1, 32, 1]), step]],
      ["a leaf with an empty prefix", [keyField, valueField, field(0x1a, [8, 1, 24, 1, 32, 1, 42, 0]), step]],
      ["a leaf with a longer prefix", [keyField, valueField, field(0x1a, [8, 1, 24, 1, 32, 1, 42, 2, 0, 0]), step]],
      ["a leaf that hashes its key", [keyField, valueField, field(0x1a, [16, 1], leafFields), step]],
      ["a leaf's field twice", [keyField, valueField, field(0x1a, leafFields, [8, 1]), step]],
      ["a leaf's field that there is not", [keyField, valueField, field(0x1a, leafFields, [48, 1]), step]],
      ["no leaf", [keyField, valueField, step]],
      ["two leaves", [...head, leaf, step]],
      ["two keys", [keyField, ...head, step]],
      ["two values", [valueField, ...head, step]],
      ["a field that there is not", [...head, step, field(0x2a, [])]],
      ["a step without its hash", [...head, field(0x22, field(0x12, [1]), field(0x1a, sibling))]],
      ["a step of another hash", [...head, field(0x22, [8, 2], field(0x12, [1]), field(0x1a, sibling))]],
      ["a step's field twice", [...head, field(0x22, [8, 1, 8, 1], field(0x12, [1]), field(0x1a, sibling))]],
      ["two prefixes", [...head, field(0x22, [8, 1], field(0x12, [1]), field(0x12, [1]), field(0x1a, sibling))]],
      [
        "a step's field that there is not",
        [...head, field(0x22, [8, 1], field(0x12, [1]), field(0x1a, sibling), [32, 1])],
      ],
      ["a step without a prefix", [...head, field(0x22, [8, 1], field(0x1a, sibling))]],
      ["siblings on both sides", [...head, field(0x22, [8, 1], field(0x12, [1], sibling), field(0x1a, sibling))]],
    ] as const)("%s", (_, parts) => {
      expect(verdicts(root, claim, ...parts)).toEqual([false, false, false, false]);
    });

    test("a prefix of another byte, with the root that it gives", () => {
      const other = sha256(Uint8Array.of(2, ...modelLeaf(key, value), ...sibling));
      const odd = field(0x22, [8, 1], field(0x12, [2]), field(0x1a, sibling));
      expect(verdicts(other, claim, ...head, odd)).toEqual([false, false, false, false]);
      const both = sha256(Uint8Array.of(1, ...sibling, ...modelLeaf(key, value), ...sibling));
      const wide = field(0x22, [8, 1], field(0x12, [1], sibling), field(0x1a, sibling));
      expect(verdicts(both, claim, ...head, wide)).toEqual([false, false, false, false]);
    });

    test("a suffix beside a prefix of 33 bytes, with the root that the prefix alone gives", () => {
      const onRight = modelInner(sibling, modelLeaf(key, value));
      const absence = { key: Uint8Array.of(6), value: null };
      const existence = (...suffix: readonly Uint8Array[]): Uint8Array[] => [
        ...head,
        field(0x22, [8, 1], field(0x12, [1], sibling), ...suffix),
      ];
      const both = (parts: readonly Uint8Array[]): boolean[] => [
        single(onRight, { ...claim, proof: field(0x0a, ...parts) }),
        single(onRight, { ...absence, proof: field(0x12, field(0x12, ...parts)) }),
      ];
      expect(both(existence())).toEqual([true, true]);
      for (const suffix of [[0], [...sibling], new Array<number>(31).fill(1), new Array<number>(33).fill(1)])
        expect(both(existence(field(0x1a, suffix)))).toEqual([false, false]);
    });

    test("an empty value or key that stands in the tree", () => {
      const none = new Uint8Array();
      const valueless = rootOver(key, none, sibling);
      for (const parts of [
        [keyField, leaf, step],
        [keyField, field(0x12), leaf, step],
      ])
        expect(verdicts(valueless, { ...claim, value: none }, ...parts)).toEqual([false, false, false, false]);
      const keyless = rootOver(none, value, sibling);
      const left = field(0x22, [8, 1], field(0x12, [1], sibling));
      const onRight = modelInner(sibling, modelLeaf(none, value));
      for (const parts of [[], [field(0x0a)]]) {
        const proof = field(0x0a, ...parts, valueField, leaf, step);
        const absence = field(0x12, field(0x12, ...parts, valueField, leaf, left));
        expect(single(keyless, { key: none, value, proof })).toBe(false);
        expect(single(onRight, { key, value: null, proof: absence })).toBe(false);
      }
    });

    test("neighbours that stand in the wrong order", () => {
      const [low, high] = [Uint8Array.of(3), Uint8Array.of(5)];
      const [lowLeaf, highLeaf] = [modelLeaf(low, value), modelLeaf(high, value)];
      const onLeft = (hash: Uint8Array) => field(0x22, [8, 1], field(0x12, [1]), field(0x1a, hash));
      const onRight = (hash: Uint8Array) => field(0x22, [8, 1], field(0x12, [1], hash));
      const absence = (lowStep: Uint8Array, highStep: Uint8Array): Uint8Array =>
        field(
          0x12,
          field(0x12, field(0x0a, low), valueField, leaf, lowStep),
          field(0x1a, field(0x0a, high), valueField, leaf, highStep),
        );
      const absent = { key: Uint8Array.of(4), value: null };
      const sorted = absence(onLeft(highLeaf), onRight(lowLeaf));
      expect(single(modelInner(lowLeaf, highLeaf), { ...absent, proof: sorted })).toBe(true);
      const reversed = absence(onRight(highLeaf), onLeft(lowLeaf));
      expect(single(modelInner(highLeaf, lowLeaf), { ...absent, proof: reversed })).toBe(false);
    });

    test("bytes after the proof, two proofs, and sides of an absence that repeat", () => {
      const existence = [...head, step];
      const proof = field(0x0a, ...existence);
      for (const more of [Uint8Array.of(0), Uint8Array.of(0x22, 0), proof, field(0x12)])
        expect(single(root, { ...claim, proof: Buffer.concat([proof, more]) })).toBe(false);
      const [side, absentKey] = [field(0x1a, ...existence), field(0x0a, [4])];
      const absence = (...parts: readonly Uint8Array[]): boolean =>
        single(root, { key: Uint8Array.of(4), value: null, proof: field(0x12, ...parts) });
      expect(absence(absentKey, side)).toBe(true);
      for (const parts of [[], [absentKey], [side, side], [absentKey, absentKey, side], [side, field(0x22)]])
        expect(absence(...parts)).toBe(false);
      expect(single(root, { key: new Uint8Array(), value: null, proof: field(0x12, side) })).toBe(false);
    });
  });
});
