// ICS-23 of the WASM core: foreign proofs of the tendermint spec, and agreement with @confio/ics23 on damaged ones.
// The iavl and smt proofs upstream are of other specs; here they must be refused.

import { ics23 } from "@confio/ics23";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../ledger/protocol/bytes.ts";
import { foreignVerdict } from "./foreign-ics23.ts";
import { describeCores } from "./variants.ts";
import { describeVectors, readVector } from "./vectors.ts";

describeCores((core) => {
  interface ProofVector {
    readonly root: string;
    readonly proof: string;
    readonly key: string;
    readonly value: string;
  }
  const exist = ["exist_left", "exist_middle", "exist_right"];
  const nonexist = ["nonexist_left", "nonexist_middle", "nonexist_right"];
  const load = (spec: string, name: string) => {
    const v = readVector("ics23-testdata", "testdata", spec, `${name}.json`) as ProofVector;
    return { root: fromHex(v.root), proof: fromHex(v.proof), key: fromHex(v.key), value: fromHex(v.value) };
  };

  describeVectors("ics23-testdata", "cosmos/ics23 testdata", () => {
    test.each(exist)("tendermint/%s", (name) => {
      const { root, proof, key, value } = load("tendermint", name);
      expect(core.verifyMembership(root, key, value, proof)).toBe(true);
      expect(core.verifyMemberships(root, [{ key, value, proof }])).toEqual([true]);
      expect(core.verifyMembership(root, key, Uint8Array.of(...value, 0), proof)).toBe(false);
      expect(core.verifyMembership(root, Uint8Array.of(...key, 0), value, proof)).toBe(false);
      expect(core.verifyMembership(key.slice(0, 32), key, value, proof)).toBe(false);
      expect(core.verifyNonMembership(root, key, proof)).toBe(false);
    });

    test.each(nonexist)("tendermint/%s", (name) => {
      const { root, proof, key } = load("tendermint", name);
      expect(core.verifyNonMembership(root, key, proof)).toBe(true);
      expect(core.verifyMemberships(root, [{ key, value: null, proof }])).toEqual([true]);
      expect(core.verifyMembership(root, key, Uint8Array.of(1), proof)).toBe(false);
      expect(core.verifyNonMembership(root, Uint8Array.of(0xff, 0xff), proof)).toBe(name === "nonexist_right");
      expect(core.verifyNonMembership(root, Uint8Array.of(0), proof)).toBe(name === "nonexist_left");
    });

    test("a key that stands in the tree is not absent", () => {
      const left = ics23.CommitmentProof.decode(load("tendermint", "nonexist_middle").proof).nonexist!.left!;
      const { root, proof } = load("tendermint", "nonexist_middle");
      expect(core.verifyNonMembership(root, left.key!, proof)).toBe(false);
    });

    test("a proof whose two sides are not neighbours is refused", () => {
      const middle = load("tendermint", "nonexist_middle");
      const outer = ics23.CommitmentProof.decode(load("tendermint", "nonexist_left").proof).nonexist!;
      const proof = ics23.CommitmentProof.decode(middle.proof);
      expect(proof.nonexist?.left && proof.nonexist.right).toBeTruthy();
      for (const drop of ["left", "right"] as const) {
        const half = ics23.CommitmentProof.encode({ nonexist: { ...proof.nonexist, [drop]: null } }).finish();
        expect(core.verifyNonMembership(middle.root, middle.key, half)).toBe(false);
      }
      expect(outer.right).toBeTruthy();
    });

    test.each(["iavl", "smt"])("proofs of the %s spec are refused", (spec) => {
      for (const name of exist) {
        const { root, proof, key, value } = load(spec, name);
        expect(core.verifyMembership(root, key, value, proof)).toBe(false);
      }
      for (const name of nonexist) {
        const { root, proof, key } = load(spec, name);
        expect(core.verifyNonMembership(root, key, proof)).toBe(false);
      }
    });

    test("damaged proofs: never accepted when the foreign verifier refuses", () => {
      const originals = [...exist, ...nonexist].map((name) => ({ name, ...load("tendermint", name) }));
      let accepted = 0;
      const seed = Date.now() & 0x7fff_ffff;
      fc.assert(
        fc.property(
          fc.nat(originals.length - 1),
          fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(3)), { minLength: 1, maxLength: 3 }),
          (which, edits) => {
            const v = originals[which]!;
            const bytes = [...v.proof];
            for (const [at, byte, kind] of edits) {
              const place = at % bytes.length;
              if (kind === 0) bytes.splice(place, 1);
              else if (kind === 1) bytes.splice(place, 0, byte);
              else bytes[place] = kind === 2 ? byte : bytes[place]! ^ (1 << (byte & 7));
            }
            const proof = Uint8Array.from(bytes);
            const value = v.name.startsWith("non") ? null : v.value;
            const ours =
              value === null
                ? core.verifyNonMembership(v.root, v.key, proof)
                : core.verifyMembership(v.root, v.key, value, proof);
            expect(core.verifyMemberships(v.root, [{ key: v.key, value, proof }])).toEqual([ours]);
            if (ours) {
              accepted++;
              expect(foreignVerdict(v.root, v.key, value, proof)).toBe(true);
            }
          },
        ),
        { numRuns: 20_000, seed },
      );
      // Edits to the repeated key of a non-existence proof, and edits that change nothing, leave a valid proof.
      console.log(`ics23: seed ${seed}, ${accepted} of 20000 damaged proofs still valid`);
    });
  });

  describe("trees built here, judged by both", () => {
    /** A random crit-bit-like tree: any binary tree whose leaves are in key order. */
    function build(entries: readonly { key: Uint8Array; value: Uint8Array }[], random: () => number) {
      const leafOp = {
        hash: ics23.HashOp.SHA256,
        prehashKey: ics23.HashOp.NO_HASH,
        prehashValue: ics23.HashOp.SHA256,
        length: ics23.LengthOp.VAR_PROTO,
        prefix: Uint8Array.of(0),
      };
      const paths: ics23.IInnerOp[][] = entries.map(() => []);
      const node = (from: number, to: number): Uint8Array => {
        if (to - from === 1) {
          const { key, value } = entries[from]!;
          return core.sha256(Uint8Array.of(0, key.length, ...key, 32, ...core.sha256(value)));
        }
        const middle = from + 1 + Math.floor(random() * (to - from - 1));
        const left = node(from, middle);
        const right = node(middle, to);
        for (let i = from; i < to; i++) {
          paths[i]!.push(
            i < middle
              ? { hash: ics23.HashOp.SHA256, prefix: Uint8Array.of(1), suffix: right }
              : { hash: ics23.HashOp.SHA256, prefix: Uint8Array.of(1, ...left) },
          );
        }
        return core.innerHash(left, right);
      };
      const root = node(0, entries.length);
      const proofOf = (i: number): ics23.IExistenceProof => ({ ...entries[i]!, leaf: leafOp, path: paths[i]! });
      return { root, proofOf };
    }

    test("existence and absence in trees of 1 to 40 entries", () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 40 }), {
            minLength: 1,
            maxLength: 40,
            selector: (key) => key.join(),
          }),
          fc.uint8Array({ minLength: 1, maxLength: 40 }),
          fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
          (keys, absent, stream) => {
            const sorted = [...keys].sort((a, b) => Buffer.compare(a, b));
            const entries = sorted.map((key, i) => ({ key, value: Uint8Array.of(1, i) }));
            const { root, proofOf } = build(entries, () => stream.next().value as number);
            for (const [i, { key, value }] of entries.entries()) {
              const proof = ics23.CommitmentProof.encode({ exist: proofOf(i) }).finish();
              expect(core.verifyMembership(root, key, value, proof)).toBe(true);
              expect(foreignVerdict(root, key, value, proof)).toBe(true);
            }
            const next = sorted.findIndex((key) => Buffer.compare(key, absent) >= 0);
            const present = next >= 0 && Buffer.compare(sorted[next]!, absent) === 0;
            const right = next < 0 ? sorted.length : next;
            const nonexist: ics23.INonExistenceProof = { key: absent };
            if (right > 0) nonexist.left = proofOf(right - 1);
            if (right < sorted.length) nonexist.right = proofOf(right);
            const proof = ics23.CommitmentProof.encode({ nonexist }).finish();
            expect(core.verifyNonMembership(root, absent, proof)).toBe(!present);
            expect(foreignVerdict(root, absent, null, proof)).toBe(!present);
            // A neighbour left out is seen, unless the key lies outside all others.
            if (right > 0 && right < sorted.length && !present) {
              const gap = ics23.CommitmentProof.encode({
                nonexist: { ...nonexist, left: right > 1 ? proofOf(right - 2) : null },
              }).finish();
              expect(core.verifyNonMembership(root, absent, gap)).toBe(false);
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  });

  test("huge inputs are refused without a trap", () => {
    const huge = new Uint8Array(2 << 20);
    const root = new Uint8Array(32);
    expect(core.verifyMembership(root, huge, root, root)).toBe(false);
    expect(core.verifyMembership(root, root, huge, root)).toBe(false);
    expect(core.verifyMembership(root, root, root, huge)).toBe(false);
    expect(core.verifyNonMembership(root, root, huge)).toBe(false);
    expect(core.verifyMembership(root, root, new Uint8Array(1 << 20), new Uint8Array(1 << 20))).toBe(false);
    expect(core.verifyMembership(new Uint8Array(31), root, root, root)).toBe(false);
  });
});
