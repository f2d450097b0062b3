// ICS-23 claims in batches against trees built here over @noble/hashes; the foreign proofs and verifier are in tests/conformance.

import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import type { MembershipClaim } from "./ics23.ts";
import { describeCores } from "./testing/cores.ts";
import { field, modelLeaf } from "./testing/ics23-model.ts";
import { modelInner } from "./testing/rfc6962-model.ts";

const seed = Date.now() & 0x7fff_ffff;
console.log(`ics23: seed ${seed}`);
const random = seededNumbers(seed);
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => random(256));

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly path: Uint8Array[];
}

/** A tree whose leaves are in key order and whose nodes are split at random: near the edge when `lopsided`, so paths are long. */
class SortedTree {
  readonly root: Uint8Array;
  readonly entries: readonly Entry[];

  constructor(keys: readonly Uint8Array[], lopsided: boolean) {
    this.entries = [...keys]
      .sort((a, b) => Buffer.compare(a, b))
      .map((key) => ({ key, value: noise(1 + random(random(9) === 0 ? 3_000 : 200)), path: [] }));
    const node = (from: number, to: number): Uint8Array => {
      if (to - from === 1) {
        const { key, value } = this.entries[from]!;
        return modelLeaf(key, value);
      }
      const middle = lopsided ? from + 1 : from + 1 + random(to - from - 1);
      const [left, right] = [node(from, middle), node(middle, to)];
      for (let i = from; i < to; i++)
        this.entries[i]!.path.push(
          i < middle
            ? field(0x22, [8, 1], field(0x12, [1]), field(0x1a, right))
            : field(0x22, [8, 1], field(0x12, [1], left)),
        );
      return modelInner(left, right);
    };
    this.root = node(0, this.entries.length);
  }

  #existence({ key, value, path }: Entry): Uint8Array[] {
    return [field(0x0a, key), field(0x12, value), field(0x1a, [8, 1, 24, 1, 32, 1, 42, 1, 0]), ...path];
  }

  present(at: number): MembershipClaim {
    const { key, value } = this.entries[at]!;
    return { key, value, proof: field(0x0a, ...this.#existence(this.entries[at]!)) };
  }

  /** A claim that holds if and only if the key is not in the tree. */
  absent(key: Uint8Array): MembershipClaim {
    const left = this.entries.findLast((entry) => Buffer.compare(entry.key, key) < 0);
    const right = this.entries.find((entry) => Buffer.compare(entry.key, key) > 0);
    const sides = [
      ...(left ? [field(0x12, ...this.#existence(left))] : []),
      ...(right ? [field(0x1a, ...this.#existence(right))] : []),
    ];
    return { key, value: null, proof: field(0x12, ...sides) };
  }
}

const keysOf = (count: number, bytesMax: number): Uint8Array[] =>
  [...new Set(Array.from({ length: count }, () => Buffer.from(noise(1 + random(bytesMax))).toString("hex")))].map(
    (text) => Uint8Array.from(Buffer.from(text, "hex")),
  );
const tree = new SortedTree(keysOf(300, 40), false);

describeCores((core, exports) => {
  const single = (root: Uint8Array, { key, value, proof }: MembershipClaim): boolean =>
    value === null ? core.verifyNonMembership(root, key, proof) : core.verifyMembership(root, key, value, proof);

  test("presence and absence, right and wrong, each gets its own verdict, the same one at a time", () => {
    const claims: MembershipClaim[] = [];
    const right: boolean[] = [];
    const add = (claim: MembershipClaim, holds: boolean): void => {
      claims.push(claim);
      right.push(holds);
    };
    for (let i = 0; i < 2_000; i++) {
      const at = random(tree.entries.length);
      const claim = tree.present(at);
      const kind = random(8);
      if (kind === 0) add({ ...claim, key: Uint8Array.of(...claim.key, 0) }, false);
      else if (kind === 1) add({ ...claim, value: Uint8Array.of(...claim.value!, 0) }, false);
      else if (kind === 2) add({ ...claim, proof: claim.proof.subarray(0, -1) }, false);
      else if (kind === 3) add({ ...claim, value: null }, false);
      else if (kind === 4) add(tree.absent(claim.key), false);
      else if (kind === 5) {
        const key = noise(1 + random(40));
        add(tree.absent(key), !tree.entries.some((entry) => Buffer.compare(entry.key, key) === 0));
      } else add(claim, true);
    }
    expect(claims.map((claim) => single(tree.root, claim))).toEqual(right);
    expect(core.verifyMemberships(tree.root, claims)).toEqual(right);
    expect(core.verifyMemberships(noise(32), claims)).toEqual(claims.map(() => false));
    expect(core.verifyMemberships(tree.root.subarray(1), claims)).toEqual(claims.map(() => false));
    expect(core.verifyMemberships(tree.root, [])).toEqual([]);
  });

  test("absence of the empty key, which no tree can hold, is refused though its neighbour is right", () => {
    const claim = tree.absent(new Uint8Array());
    // The least of all other keys lies on the same side.
    const isFree = tree.entries.every(({ key }) => key.length > 1 || key[0] !== 0);
    expect(single(tree.root, { ...claim, key: Uint8Array.of(0) })).toBe(isFree);
    expect(single(tree.root, claim)).toBe(false);
    expect(core.verifyMemberships(tree.root, [claim])).toEqual([false]);
  });

  test("long keys, and trees of one to eight leaves", () => {
    for (let count = 1; count <= 8; count++) {
      const small = new SortedTree(keysOf(count, 400), false);
      const claims = [...small.entries.map((_, at) => small.present(at)), small.absent(new Uint8Array(401))];
      expect(core.verifyMemberships(small.root, claims)).toEqual(claims.map(() => true));
      expect(claims.every((claim) => single(small.root, claim))).toBe(true);
    }
  });

  test("paths of 256 steps verify, longer ones do not; many of them take several rounds", () => {
    const deep = new SortedTree(
      Array.from({ length: 259 }, (_, i) => Uint8Array.of(i >> 8, i, 1)),
      true,
    );
    const claims = deep.entries.map((_, at) => deep.present(at));
    // Leaf i has i + 1 steps, but the last two have as many.
    const right = claims.map((_, at) => at < 256);
    expect(core.verifyMemberships(deep.root, claims)).toEqual(right);
    const gaps = deep.entries.map(({ key }) => deep.absent(Uint8Array.of(...key.subarray(0, 2), 0)));
    expect(core.verifyMemberships(deep.root, gaps)).toEqual(right);
    expect(gaps.map((claim) => single(deep.root, claim))).toEqual(right);
  });

  test("every single bit of a proof that changes is refused", () => {
    const small = new SortedTree(
      [5, 1, 9, 4, 7].map((byte) => Uint8Array.of(byte, byte)),
      false,
    );
    for (const claim of [small.present(2), small.absent(Uint8Array.of(6)), small.absent(new Uint8Array(401))]) {
      const wrong: MembershipClaim[] = [];
      for (let bit = 0; bit < claim.proof.length * 8; bit++) {
        const proof = Uint8Array.from(claim.proof);
        proof[bit >> 3]! ^= 1 << (bit & 7);
        wrong.push({ ...claim, proof });
      }
      expect(core.verifyMemberships(small.root, [claim])).toEqual([true]);
      expect(core.verifyMemberships(small.root, wrong).includes(true)).toBe(false);
      expect(wrong.some((one) => single(small.root, one))).toBe(false);
    }
  });

  test("neighbours that are not next to each other", () => {
    const [left, right] = [tree.present(3), tree.present(5)];
    const [low, high] = [left.proof, right.proof].map((proof) => proof.subarray(proof.length > 130 ? 3 : 2));
    const key = tree.entries[4]!.key;
    const proof = field(0x12, field(0x12, low!), field(0x1a, high!));
    expect(single(tree.root, { key, value: null, proof })).toBe(false);
    expect(core.verifyMemberships(tree.root, [{ key, value: null, proof }])).toEqual([false]);
  });

  test("claims beyond the bounds fail alone", () => {
    const claim = tree.present(0);
    const huge = new Uint8Array((1 << 20) + 1);
    const most = new Uint8Array(1 << 20);
    const wrong = [
      { ...claim, key: new Uint8Array(65_537) },
      { ...claim, value: huge },
      { ...claim, proof: huge },
      { key: new Uint8Array(65_536), value: most, proof: most },
      { ...claim, value: new Uint8Array(0) },
      { ...claim, key: new Uint8Array(0) },
      { key: new Uint8Array(0), value: null, proof: claim.proof },
    ];
    const mixed = wrong.flatMap((one) => [claim, one]);
    expect(core.verifyMemberships(tree.root, mixed)).toEqual(wrong.flatMap(() => [true, false]));
  });

  describe("the export", () => {
    const place = (bytes: Uint8Array): number => {
      const from = exports.reserveInput(bytes.length);
      new Uint8Array(exports.memory.buffer).set(bytes, from);
      return from;
    };
    test("reads what is whole, and judges nothing that is cut short or lies", () => {
      const { key, value, proof } = tree.present(0);
      const header = new Uint8Array(12);
      const view = new DataView(header.buffer);
      for (const [i, part] of [key, value!, proof].entries()) view.setUint32(i * 4, part.length, true);
      const whole = Buffer.concat([tree.root, header, key, value!, proof]);
      const verdictOf = (bytes: Uint8Array): number[] => {
        const read = exports.verifyMemberships(place(bytes), bytes.length - 32);
        const output = exports.outputStart();
        return [...new Uint8Array(exports.memory.buffer, output, read)];
      };
      expect(verdictOf(whole)).toEqual([1]);
      expect(verdictOf(tree.root)).toEqual([]);
      for (let cut = 33; cut < whole.length; cut++) expect(verdictOf(whole.subarray(0, cut))).toEqual([0]);
      for (const at of [32, 36, 40])
        for (const length of [0xffff_ffff, 0xffff_fffe, 0x8000_0000, whole.length]) {
          const lying = Uint8Array.from(whole);
          new DataView(lying.buffer).setUint32(at, length, true);
          expect(verdictOf(lying)[0]).toBe(0);
        }
      expect(verdictOf(Buffer.concat([whole, new Uint8Array(12 * 5_000)]))).toHaveLength(4_096);
    });
    test("more steps than there is room for at once, which no piece of the bindings holds", () => {
      const deep = new SortedTree(
        Array.from({ length: 257 }, (_, i) => Uint8Array.of(i >> 8, i, 1)),
        true,
      );
      const { key, value, proof } = deep.present(256);
      const header = new Uint8Array(12);
      const view = new DataView(header.buffer);
      for (const [i, part] of [key, value!, proof].entries()) view.setUint32(i * 4, part.length, true);
      const claims = Array.from({ length: 150 }, () => Buffer.concat([header, key, value!, proof]));
      const bytes = Buffer.concat([deep.root, ...claims]);
      expect(exports.verifyMemberships(place(bytes), bytes.length - 32)).toBe(150);
      const output = exports.outputStart();
      expect(new Uint8Array(exports.memory.buffer, output, 150)).toEqual(new Uint8Array(150).fill(1));
    });
    test("refuses what does not lie in the input region", () => {
      const end = exports.memory.buffer.byteLength;
      for (const from of [0, 64, end - 16, end, 0xffff_fff0])
        for (const length of [64, 0x7fff_ffff, 0xffff_ffff]) {
          expect(exports.verifyMemberships(from, length)).toBe(0);
          expect(exports.verifyMembership(from, length, length, length)).toBe(0);
          expect(exports.verifyNonMembership(from, length, length)).toBe(0);
        }
    });
  });
});
