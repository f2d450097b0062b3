// Proofs of the state tree before a foreign verifier: @confio/ics23 with the tendermint spec. Prints its seed.

import { ics23 } from "@confio/ics23";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { foreignVerdict } from "../../tests/conformance/foreign-ics23.ts";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { VersionedState } from "./versioned-state.ts";

const seed = Number(process.env["TEST_SEED"] ?? 20_260_101);
console.log(`proof.test seed ${seed}`);

function treeOf(count: number, random: (below: number) => number) {
  const values = new Map<string, Uint8Array>();
  for (let n = 0; n < count; n++)
    values.set(`test/entry/${random(1e9)}-${n}`, utf8(`{"n":${"9".repeat(random(300))}}`));
  const state = new VersionedState(loadStateTree());
  state.advance(1, state.prepare(Array.from(values, ([name, value]) => ({ name, value }))));
  const prove = (name: string): Uint8Array => state.read(name, 1, true).proof!;
  return { prove, values, root: state.root };
}

const mutationKinds = [
  "a step less at the leaf",
  "a step less at the root",
  "a step twice",
  "two steps exchanged",
  "a step on the other side",
  "a sibling's bit",
  "a sibling cut short",
  "a prefix of another byte",
  "the leaf's value",
  "the leaf's key",
  "the leaf's prefix",
  "the leaf's value not hashed",
  "another hash",
  "the proof cut short",
  "the left neighbour left out",
  "the right neighbour left out",
  "neighbours exchanged",
  "one neighbour twice",
] as const;

/** A proof changed in the ways that it has room for, one at a time; each still decodes but the one that is cut short. */
function* mutationsOf(
  proof: Uint8Array,
  random: (below: number) => number,
): Generator<readonly [kind: (typeof mutationKinds)[number], bytes: Uint8Array]> {
  const decode = (): ics23.CommitmentProof => ics23.CommitmentProof.decode(proof);
  const encode = (message: ics23.CommitmentProof): Uint8Array =>
    new Uint8Array(ics23.CommitmentProof.encode(message).finish());
  const { exist, nonexist } = decode();
  const sides: readonly ("exist" | "left" | "right")[] =
    exist != null
      ? ["exist"]
      : ([nonexist!.left, nonexist!.right] as const).flatMap((one, at) =>
          one == null ? [] : [at === 0 ? ("left" as const) : ("right" as const)],
        );
  const side = sides[random(sides.length)]!;
  const changed = (change: (one: ics23.IExistenceProof) => void): Uint8Array => {
    const message = decode();
    change(side === "exist" ? message.exist! : message.nonexist![side]!);
    return encode(message);
  };
  const flipped = (bytes: Uint8Array): Uint8Array => {
    const copy = new Uint8Array(bytes);
    const at = random(copy.length);
    copy[at] = copy[at]! ^ (1 << random(8));
    return copy;
  };
  const { path } = (side === "exist" ? exist : nonexist![side])!;
  const steps = path!.length;
  if (steps > 0) {
    const at = random(steps);
    const step = path![at]!;
    const isLeft = step.suffix!.length > 0;
    const sibling = isLeft ? step.suffix! : step.prefix!.slice(1);
    const withStep = (prefix: Uint8Array, suffix: Uint8Array): Uint8Array =>
      changed((one) => {
        one.path![at] = { ...step, prefix, suffix };
      });
    const placed = (bytes: Uint8Array, left: boolean): Uint8Array =>
      left ? withStep(Uint8Array.of(1), bytes) : withStep(Uint8Array.of(1, ...bytes), new Uint8Array());
    yield ["a step less at the leaf", changed((one) => one.path!.shift())];
    yield ["a step less at the root", changed((one) => one.path!.pop())];
    yield ["a step twice", changed((one) => one.path!.splice(at, 0, one.path![at]!))];
    yield ["a step on the other side", placed(sibling, !isLeft)];
    yield ["a sibling's bit", placed(flipped(sibling), isLeft)];
    yield ["a sibling cut short", placed(sibling.slice(1), isLeft)];
    yield ["a prefix of another byte", withStep(Uint8Array.of(random(2) * 2, ...step.prefix!.slice(1)), step.suffix!)];
    if (steps > 1) {
      const exchanged = changed((one) => {
        const [a, b] = [one.path![0]!, one.path![steps - 1]!];
        one.path![0] = b;
        one.path![steps - 1] = a;
      });
      yield ["two steps exchanged", exchanged];
    }
  }
  yield ["the leaf's value", changed((one) => (one.value = flipped(one.value!)))];
  yield ["the leaf's key", changed((one) => (one.key = flipped(one.key!)))];
  yield ["the leaf's prefix", changed((one) => (one.leaf = { ...one.leaf!, prefix: Uint8Array.of(1) }))];
  yield ["the leaf's value not hashed", changed((one) => (one.leaf = { ...one.leaf!, prehashValue: 0 }))];
  yield ["another hash", changed((one) => (one.leaf = { ...one.leaf!, hash: 2 }))];
  yield ["the proof cut short", proof.slice(0, 1 + random(proof.length - 1))];
  if (nonexist?.left == null || nonexist.right == null) return;
  const { left, right } = nonexist;
  const withSides = (one: ics23.IExistenceProof | null, two: ics23.IExistenceProof | null): Uint8Array =>
    encode(ics23.CommitmentProof.create({ nonexist: { key: nonexist.key!, left: one, right: two } }));
  yield ["the left neighbour left out", withSides(null, right)];
  yield ["the right neighbour left out", withSides(left, null)];
  yield ["neighbours exchanged", withSides(right, left)];
  yield ["one neighbour twice", random(2) === 0 ? withSides(left, left) : withSides(right, right)];
}

describe("ICS-23 proofs", () => {
  const random = seededNumbers(seed);

  it("ST-5: a foreign verifier accepts existence and absence in trees of many sizes", () => {
    let proofs = 0;
    for (const count of [1, 2, 3, 5, 8, 17, 64, 150, 400, 600]) {
      const { prove, values, root } = treeOf(count, random);
      for (const [name, value] of values) {
        if (!foreignVerdict(root, sha256(utf8(name)), value, prove(name)))
          throw new Error(`existence of ${name} of ${count}`);
        const absent = `absent ${name}`;
        if (!foreignVerdict(root, sha256(utf8(absent)), null, prove(absent))) throw new Error(`absence beside ${name}`);
        proofs += 2;
      }
    }
    expect(proofs).toBeGreaterThanOrEqual(2_000);
  });

  it("ST-6: one changed byte in value, key, root or proof is refused", () => {
    const { prove, values, root } = treeOf(40, random);
    const names = [...values.keys()];
    const flip = (bytes: Uint8Array): Uint8Array => {
      const changed = bytes.slice();
      const at = random(changed.length);
      changed[at] = changed[at]! ^ (1 << random(8));
      return changed;
    };
    for (let n = 0; n < 300; n++) {
      const name = names[random(names.length)]!;
      const key = sha256(utf8(name));
      const value = values.get(name)!;
      const proof = prove(name);
      expect(foreignVerdict(root, key, flip(value), proof)).toBe(false);
      expect(foreignVerdict(root, flip(key), value, proof)).toBe(false);
      expect(foreignVerdict(flip(root), key, value, proof)).toBe(false);
      expect(foreignVerdict(root, key, null, proof)).toBe(false);
      const changed = flip(proof);
      // A flipped tag may be an unknown field that decoders skip; what remains must then still say the same.
      if (foreignVerdict(root, key, value, changed))
        expect(hex(ics23.CommitmentProof.encode(ics23.CommitmentProof.decode(changed)).finish())).toBe(hex(proof));
      const absentName = `absent ${name}`;
      const absent = sha256(utf8(absentName));
      const absence = prove(absentName);
      expect(foreignVerdict(flip(root), absent, null, absence)).toBe(false);
      expect(foreignVerdict(root, key, null, absence)).toBe(false);
      expect(foreignVerdict(root, absent, value, absence)).toBe(false);
    }
  });

  it("ST-6: 2,100 random proofs, each mutated in every way that its form has: the foreign verifier refuses them", () => {
    const kinds = new Map<string, number>();
    let proofs = 0;
    for (const count of [2, 3, 30, 500]) {
      const { prove, values, root } = treeOf(count, random);
      const other = treeOf(count, random);
      const names = [...values.keys()];
      for (let n = 0; n < (count < 30 ? 50 : 500); n++) {
        const name = names[random(names.length)]!;
        const absentName = `absent ${random(1e9)}`;
        for (const asked of [name, absentName]) {
          const key = sha256(utf8(asked));
          const value = values.get(asked) ?? null;
          const proof = prove(asked);
          proofs++;
          expect(foreignVerdict(root, key, value, proof)).toBe(true);
          expect(foreignVerdict(other.root, key, value, proof)).toBe(false);
          // A proof of absence holds for every key between its neighbours.
          if (value !== null) expect(foreignVerdict(root, sha256(key), value, proof)).toBe(false);
          expect(foreignVerdict(root, key, value === null ? utf8("1") : null, proof)).toBe(false);
          for (const [kind, mutation] of mutationsOf(proof, random)) {
            kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
            if (foreignVerdict(root, key, value, mutation))
              throw new Error(`${kind} of the proof of ${asked} is accepted`);
          }
        }
      }
    }
    expect(proofs).toBeGreaterThanOrEqual(2_100);
    expect([...kinds.keys()].sort()).toEqual([...mutationKinds].sort());
    for (const [kind, times] of kinds) if (times < 100) expect([kind, times]).toEqual([kind, 100]);
  });

  it("encodes exactly as the foreign encoder does", () => {
    const { prove, values } = treeOf(20, random);
    for (const name of [...values.keys(), "absent a", "absent b"]) {
      const proof = prove(name);
      expect(hex(ics23.CommitmentProof.encode(ics23.CommitmentProof.decode(proof)).finish())).toBe(hex(proof));
    }
  });

  it("ST-5, ST-6: the WASM core's verifier, which citizens' browsers run, gives the same verdicts", () => {
    const core = loadCore();
    const { prove, values, root } = treeOf(60, random);
    for (const [name, value] of values) {
      const key = core.sha256(utf8(name));
      const absentName = `absent ${name}`;
      const absent = core.sha256(utf8(absentName));
      expect(core.verifyMembership(root, key, value, prove(name))).toBe(true);
      expect(core.verifyNonMembership(root, absent, prove(absentName))).toBe(true);
      expect(core.verifyMembership(root, absent, value, prove(name))).toBe(false);
      expect(core.verifyNonMembership(root, key, prove(absentName))).toBe(false);
    }
  });
});
