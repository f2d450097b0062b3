// The state tree at the bound of its memory: whatever does not fit leaves everything as it was, and room that is given back is used again.

import { sha256 } from "@noble/hashes/sha2.js";
import {
  instantiateStateTree,
  type StateChange,
  type StateTree,
  StateTreeFull,
} from "../../../wasm-core/bindings/state-tree.ts";
import { findLeaf, rootOf, type Tree, updateTree } from "../../../wasm-core/bindings/testing/state-model.ts";
import { Entropy } from "../entropy.ts";
import type { Answer, Target } from "../target.ts";

const pageBytes = 65_536;
/** The module's own pages, and those beyond them that a tree gets at most. */
const [pagesInitial, pagesMore] = [12, 6];
const stepsMax = 24;

function lengthOf(e: Entropy): number {
  const kind = e.below(5);
  if (kind < 2) return 1 + e.below(200);
  return kind < 4 ? 1 + e.below(9_000) : e.pick([65_536, 65_535, 40_000, 20_000]);
}

/** Random batches until the memory is out, and beyond. Returns how many did not fit. */
function fill(tree: StateTree, e: Entropy, answer: Answer): number {
  const pool = Array.from({ length: 2 + e.below(24) }, (_, i) => sha256(Uint8Array.of(i, e.byte())));
  let current: Tree = null;
  let refused = 0;
  let version = 0;
  for (let steps = e.below(stepsMax); steps > 0; steps--) {
    const changes = pool
      .filter(() => e.oneIn(3))
      .map((key) => ({ key, value: e.oneIn(4) ? null : new Uint8Array(lengthOf(e)).fill(e.byte()) }));
    const [live, before] = [tree.recordsLive, tree.root()];
    try {
      const root = tree.prepare(changes.map(({ key, value }): StateChange => ({ name: key, value })));
      const next = updateTree(current, changes);
      if (Buffer.compare(root, rootOf(next)) !== 0) throw new Error("the model has another root");
      if (e.oneIn(5)) {
        tree.abandon();
        if (tree.recordsLive !== live)
          throw new Error(`${tree.recordsLive} records in use after abandoning, not ${live}`);
      } else {
        tree.commit(++version);
        current = next;
      }
    } catch (error) {
      if (!(error instanceof StateTreeFull)) throw error;
      refused++;
      if (tree.recordsLive !== live) throw new Error(`${tree.recordsLive} records in use after a refusal, not ${live}`);
      if (Buffer.compare(tree.root(), before) !== 0) throw new Error("a refusal changed the root");
    }
    if (version > 0 && e.oneIn(2)) tree.dropBefore(version - e.below(2));
    const key = e.pick(pool);
    const [value, want] = [tree.get(key), findLeaf(current, key)?.value];
    if (value === null ? want !== undefined : want === undefined || Buffer.compare(value, want) !== 0)
      throw new Error("the model has another value");
    answer.add(tree.root());
  }
  return refused;
}

export const stateLimitTarget: Target = {
  name: "state/limits",
  cases: 10_000,
  casesQuick: 15,
  shrinks: true,

  generate(random, input) {
    input.appendNoise(random, 200 + random.below(3_000));
  },

  run(subject, input, answer) {
    const e = new Entropy(input.bytes());
    const memoryBytesMax = (pagesInitial + e.below(pagesMore + 1)) * pageBytes;
    const tree = instantiateStateTree(subject.module("state-tree"), { memoryBytesMax });
    const refused = fill(tree, e, answer);
    if (tree.memoryBytes > memoryBytesMax)
      throw new Error(`${tree.memoryBytes} bytes of memory, at most ${memoryBytesMax}`);
    return refused;
  },

  label: (_, refused) => (refused > 0 ? "memory ran out" : "all fitted"),
};
