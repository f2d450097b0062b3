// Trees that grow, are saved, damaged and restored, and trees that are kept: random steps through the typed bindings. Roots are those
// of the model, and every path and proof that a tree gives verifies.

import { Entropy } from "../entropy.ts";
import { split } from "../models/proofs-without-trees.ts";
import { rootOf } from "../models/rfc6962.ts";
import type { Subject } from "../subject.ts";
import type { Answer, Target } from "../target.ts";

const stepsMax = 12;
const leavesMax = 200;

function leavesOf(e: Entropy): Uint8Array {
  return e.bytes(32 * e.below(e.oneIn(5) ? leavesMax : 9));
}

/** Throws what is wrong, as a bug does. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function growing({ core }: Subject, e: Entropy, answer: Answer): void {
  let tree = core.incrementalTree();
  const leaves: Uint8Array[] = [];
  for (let steps = e.below(stepsMax); steps > 0; steps--) {
    const step = e.below(4);
    if (step === 0) {
      const leaf = e.bytes(32);
      tree.append(leaf);
      leaves.push(leaf);
    } else if (step === 1) {
      const packed = leavesOf(e);
      tree.appendAll(e.oneIn(2) ? packed : split(packed));
      leaves.push(...split(packed));
    } else {
      const saved = tree.save();
      const damaged = step === 3 && e.oneIn(2);
      if (damaged) {
        const at = e.below(saved.length);
        saved[at] = saved[at]! ^ (1 << e.below(8));
      }
      const head = e.oneIn(2) ? { root: tree.root(), size: tree.size } : undefined;
      try {
        tree = core.incrementalTree(damaged && e.oneIn(3) ? saved.subarray(0, e.below(saved.length)) : saved, head);
        must(!damaged, "a damaged frontier is taken");
      } catch (error) {
        if (!damaged || !(error instanceof RangeError)) throw error;
      }
    }
    must(tree.size === leaves.length, `the tree has ${tree.size} leaves`);
  }
  must(Buffer.compare(tree.root(), rootOf(leaves)) === 0, "the model has another root");
  answer.add(tree.save());
}

function kept({ core }: Subject, e: Entropy, answer: Answer): void {
  const leaves = split(leavesOf(e));
  const tree = core.merkleTree(leaves);
  const root = tree.root();
  answer.add(root);
  must(Buffer.compare(root, rootOf(leaves)) === 0, "the model has another root");
  if (leaves.length === 0) return;
  const size = 1 + e.below(leaves.length);
  const earlier = tree.root(size);
  const index = e.below(size);
  const path = tree.inclusionPath(index, size);
  must(core.verifyInclusion(earlier, leaves[index]!, index, size, path), "a path does not verify");
  const proof = tree.consistencyProof(size);
  must(core.verifyConsistency(size, leaves.length, earlier, root, proof), "a consistency proof does not verify");
  const indices = [...new Set([index, ...e.list(6, () => e.below(size))])].sort((a, b) => a - b);
  const hashes = indices.map((at) => leaves[at]!);
  const multi = tree.multiProof(indices, size);
  must(core.verifyMultiProof({ root: earlier, size }, indices, hashes, multi), "a multi-proof does not verify");
  for (const hash of [...path, ...proof, ...multi]) answer.add(hash);
}

export const growingTreeTarget: Target = {
  name: "bindings/trees",
  cases: 200_000,
  casesQuick: 1_000,
  shrinks: true,

  generate(random, input) {
    input.appendByte(random.below(2));
    input.appendNoise(random, random.below(random.oneIn(6) ? 8_000 : 900));
  },

  run(subject, input, answer) {
    const e = new Entropy(input.bytes());
    if (e.byte() % 2 === 0) growing(subject, e, answer);
    else kept(subject, e, answer);
    return 1;
  },

  label: (input) => (input.buffer[input.start]! % 2 === 0 ? "growing" : "kept"),
};
