// Proofs of the state tree before a foreign verifier: @confio/ics23 with the tendermint spec. Prints its seed.

import { existsSync } from "node:fs";
import { ics23, tendermintSpec, verifyMembership, verifyNonMembership } from "@confio/ics23";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../protocol/bytes.ts";
import { proveKey } from "./proof.ts";
import { rootOf, type TreeChange, TreeWriter } from "./tree.ts";

const seed = Number(process.env["TEST_SEED"] ?? 20_260_101);
console.log(`proof.test seed ${seed}`);

const hasher = { sha256 };
const writer = new TreeWriter(hasher);

/** mulberry32 */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) * below) / 2 ** 32) | 0;
  };
}

/** A verdict of the foreign verifier; it throws on some malformed proofs. */
function accepted(root: Uint8Array, key: Uint8Array, value: Uint8Array | null, proof: Uint8Array): boolean {
  try {
    const decoded = ics23.CommitmentProof.decode(proof);
    return value === null
      ? verifyNonMembership(decoded, tendermintSpec, root, key)
      : verifyMembership(decoded, tendermintSpec, root, key, value);
  } catch {
    return false;
  }
}

function leavesOf(values: ReadonlyMap<string, Uint8Array>): TreeChange[] {
  return [...values].map(([name, value]) => ({ key: sha256(utf8(name)), value }));
}

function treeOf(count: number, random: (below: number) => number) {
  const values = new Map<string, Uint8Array>();
  for (let n = 0; n < count; n++)
    values.set(`test/entry/${random(1e9)}-${n}`, utf8(`{"n":${"9".repeat(random(300))}}`));
  const tree = writer.update(null, leavesOf(values));
  return { tree, values, root: rootOf(tree, hasher) };
}

describe("ICS-23 proofs", () => {
  const random = randomFrom(seed);

  it("ST-5: a foreign verifier accepts existence and absence in trees of many sizes", () => {
    let proofs = 0;
    for (const count of [1, 2, 3, 5, 8, 17, 64, 150, 400, 600]) {
      const { tree, values, root } = treeOf(count, random);
      for (const [name, value] of values) {
        const key = sha256(utf8(name));
        if (!accepted(root, key, value, proveKey(tree, key)!)) throw new Error(`existence of ${name} among ${count}`);
        proofs++;
        const absent = sha256(utf8(`absent ${name}`));
        if (!accepted(root, absent, null, proveKey(tree, absent)!)) throw new Error(`absence beside ${name}`);
        proofs++;
      }
    }
    expect(proofs).toBeGreaterThanOrEqual(2_000);
  });

  it("ST-5: absence holds before the first and after the last key, and at a neighbour's next bit", () => {
    const { tree, values, root } = treeOf(50, random);
    const keys = [new Uint8Array(32), new Uint8Array(32).fill(255)];
    for (const name of values.keys()) {
      const close = sha256(utf8(name));
      close[31] = close[31]! ^ 1;
      keys.push(close);
    }
    for (const key of keys) expect(accepted(root, key, null, proveKey(tree, key)!)).toBe(true);
  });

  it("ST-6: one changed byte in value, key, root or proof is refused", () => {
    const { tree, values, root } = treeOf(40, random);
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
      const proof = proveKey(tree, key)!;
      expect(accepted(root, key, flip(value), proof)).toBe(false);
      expect(accepted(root, flip(key), value, proof)).toBe(false);
      expect(accepted(flip(root), key, value, proof)).toBe(false);
      expect(accepted(root, key, null, proof)).toBe(false);
      const changed = flip(proof);
      // A flipped tag may be an unknown field that decoders skip; what remains must then still say the same.
      if (accepted(root, key, value, changed))
        expect(hex(ics23.CommitmentProof.encode(ics23.CommitmentProof.decode(changed)).finish())).toBe(hex(proof));
      const absent = sha256(utf8(`absent ${name}`));
      const absence = proveKey(tree, absent)!;
      expect(accepted(flip(root), absent, null, absence)).toBe(false);
      expect(accepted(root, key, null, absence)).toBe(false);
      expect(accepted(root, absent, value, absence)).toBe(false);
    }
  });

  it("has nothing to prove about an empty tree", () => {
    expect(proveKey(null, sha256(utf8("x")))).toBeNull();
  });

  it("encodes exactly as the foreign encoder does", () => {
    const { tree, values } = treeOf(20, random);
    for (const name of [...values.keys(), "absent a", "absent b"]) {
      const proof = proveKey(tree, sha256(utf8(name)))!;
      expect(hex(ics23.CommitmentProof.encode(ics23.CommitmentProof.decode(proof)).finish())).toBe(hex(proof));
    }
  });

  it.skipIf(!existsSync(new URL("../../build/wasm/core.wasm", import.meta.url)))(
    "ST-5, ST-6: the WASM core, which citizens' browsers run, gives the same verdicts (skipped until it is built)",
    async () => {
      const { loadCore } = await import("../../wasm-core/bindings/node.ts");
      const core = loadCore();
      const { tree, values } = treeOf(60, random);
      const root = rootOf(new TreeWriter(core).update(null, leavesOf(values)), core);
      expect(hex(root)).toBe(hex(rootOf(tree, hasher)));
      for (const [name, value] of values) {
        const key = core.sha256(utf8(name));
        const absent = core.sha256(utf8(`absent ${name}`));
        expect(core.verifyMembership(root, key, value, proveKey(tree, key)!)).toBe(true);
        expect(core.verifyNonMembership(root, absent, proveKey(tree, absent)!)).toBe(true);
        expect(core.verifyMembership(root, absent, value, proveKey(tree, key)!)).toBe(false);
        expect(core.verifyNonMembership(root, key, proveKey(tree, absent)!)).toBe(false);
      }
    },
  );
});
