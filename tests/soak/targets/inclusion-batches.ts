// Packed batches of inclusion proofs, each with its own root or all under one: sound and damaged ones side by side, counts that lie,
// batches cut short, and more proofs than the core has under way at once.

import { extremeCountOf, extremeUint32Of } from "../extremes.ts";
import { inclusionBeyondBound, join, type Proof, soundInclusion, split } from "../models/proofs-without-trees.ts";
import { innerHash, rootByPath } from "../models/rfc6962.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Target } from "../target.ts";

const modelEvery = 64;
const prepared = 1_000;

/** numbers: the shared size, 0 when every proof has its own root and size. */
const sizeAt = 0;

/** Trees of which every leaf has its path. */
interface Tree {
  readonly root: Uint8Array;
  readonly proofs: readonly Proof[];
}

function treeOf(random: Random, size: number): Tree {
  const leaves = Array.from({ length: size }, () => random.bytes(32));
  const paths: Uint8Array[][] = leaves.map(() => []);
  const node = (from: number, to: number): Uint8Array => {
    if (to - from === 1) return leaves[from]!;
    let middle = 1;
    while (middle * 2 < to - from) middle *= 2;
    const [left, right] = [node(from, from + middle), node(from + middle, to)];
    for (let i = from; i < to; i++) paths[i]!.push(i < from + middle ? right : left);
    return innerHash(left, right);
  };
  const root = node(0, size);
  return {
    root,
    proofs: leaves.map((leaf, first) => ({ first, second: size, hashes: [root, leaf, ...paths[first]!] })),
  };
}

let single: readonly Proof[] = [];
let trees: readonly Tree[] = [];

function append64(input: SoakInput, value: number): void {
  input.appendUint32(value % 2 ** 32);
  input.appendUint32(Math.floor(value / 2 ** 32));
}

function appendProof(random: Random, input: SoakInput, proof: Proof, shared: boolean, lies: number): void {
  const damaged = random.oneIn(4);
  const [root, leaf, ...path] = proof.hashes as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const index = damaged && random.oneIn(3) ? extremeCountOf(random) : proof.first;
  const size = damaged && random.oneIn(3) ? extremeCountOf(random) : proof.second;
  if (damaged && random.oneIn(3)) path.pop();
  if (damaged && random.oneIn(5)) path.push(leaf);
  input.appendUint32(lies > 0 && random.oneIn(lies) ? extremeUint32Of(random) : path.length);
  append64(input, index);
  if (!shared) append64(input, size);
  const start = input.end;
  input.append(leaf);
  if (!shared) input.append(root);
  for (const hash of path) input.append(hash);
  if (damaged && random.oneIn(2)) input.buffer[start + random.below(input.end - start)]! ^= 1 << random.below(8);
}

/** The verdicts as the form of the batch defines them. */
function model(bytes: Uint8Array, size: number): number[] {
  const shared = size !== 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = shared ? 44 : 84;
  const verdicts: number[] = [];
  for (let at = shared ? 32 : 0; at < bytes.length; ) {
    if (at + header > bytes.length) return [...verdicts, 0];
    const end = at + header + 32 * view.getUint32(at, true);
    if (end > bytes.length) return [...verdicts, 0];
    const index = Number(view.getBigUint64(at + 4, true));
    const leaves = shared ? size : Number(view.getBigUint64(at + 12, true));
    const [leaf, own] = split(bytes.subarray(at + header - (shared ? 32 : 64), at + header));
    const root = shared ? bytes.subarray(0, 32) : own!;
    const path = split(bytes.subarray(at + header, end));
    const got = Number.isSafeInteger(leaves) && path.length <= 64 ? rootByPath(index, leaves, leaf!, path) : undefined;
    verdicts.push(got !== undefined && Buffer.compare(got, root) === 0 ? 1 : 0);
    at = end;
  }
  return verdicts;
}

export const inclusionBatchTarget: Target = {
  name: "merkle/inclusion-batch",
  cases: 10_000_000,
  casesQuick: 5_000,
  shrinks: false,

  prepare() {
    const random = new Random();
    random.reseed(1, saltOf("merkle/inclusion-batch"), 0);
    single = Array.from({ length: prepared }, () =>
      random.oneIn(20) ? inclusionBeyondBound(random) : soundInclusion(random),
    );
    trees = Array.from({ length: 40 }, () => treeOf(random, 1 + random.below(random.oneIn(4) ? 300 : 40)));
  },

  generate(random, input) {
    const shared = random.oneIn(2);
    const tree = random.pick(trees);
    const lies = random.oneIn(4) ? 6 : 0;
    // Deep batches take as long as dozens of other cases.
    const count = random.oneIn(200) ? 64 + random.below(80) : random.below(5);
    if (shared) input.append(tree.root);
    for (let i = 0; i < count; i++)
      appendProof(random, input, random.pick(shared ? tree.proofs : single), shared, lies);
    if (random.oneIn(12)) mutate(random, input, input.start + (shared ? 32 : 0), [join(random.pick(single).hashes)]);
    const size = tree.proofs.length;
    input.numbers[sizeAt] = shared ? (random.oneIn(30) ? Math.max(1, extremeCountOf(random)) : size) : 0;
  },

  run(subject, input, answer) {
    const from = subject.place(input);
    const size = input.numbers[sizeAt]!;
    const count = subject.exports.verifyInclusions(from, input.length - (size === 0 ? 0 : 32), size);
    answer.take(subject.memory(), subject.exports.outputStart(), count);
    return count;
  },

  label: (input) => input.note,

  check(input, verdict, answer) {
    if (verdict > 4_096) return `${verdict} verdicts`;
    let valid = 0;
    for (const one of answer.view()) {
      if (one > 1) return `a verdict is ${one}`;
      valid += one;
    }
    input.note = valid === 0 ? "none valid" : valid === verdict ? "all valid" : "some valid";
    if (input.index % modelEvery !== 0) return undefined;
    const want = model(input.bytes(), input.numbers[sizeAt]!);
    return want.join() === answer.view().join() ? undefined : `the model says ${want.join()}`;
  },
};
