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
