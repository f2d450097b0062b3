// RFC 6962 proofs of inclusion and consistency at every size up to 2^53: sound ones, and ones damaged in hashes, sizes or length.

import { extremeCountOf } from "../extremes.ts";
import { consistencyLength, pathLength, rootByPath, rootsByConsistency } from "../models/rfc6962.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { Target } from "../target.ts";

const modelEvery = 32;
const casesPrepared = 2_000;
/** Hashes that a path holds at most in noise; the core refuses more than 64. */
const pathLengthMax = 80;

/** numbers: index and size, or both sizes; hashes in the path; whether the proof was left sound. */
const [firstAt, secondAt, countAt, soundAt] = [0, 1, 2, 3];

interface Proof {
  readonly first: number;
  readonly second: number;
  /** Two hashes that the call needs, then the path. */
  readonly bytes: Uint8Array;
}

function sizeOf(random: Random): number {
  const kind = random.below(4);
  if (kind === 0) return 1 + random.below(9);
  if (kind === 1) return 1 + random.below(600);
  if (kind === 2) return Math.max(1, extremeCountOf(random) - random.below(3));
  return 1 + Math.floor(random.uint32() * 2 ** random.below(22));
}

function join(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * 32);
  return bytes;
}

/** A sound proof needs no tree: its path is random, and the roots are what it leads to. */
function soundInclusion(random: Random): Proof {
  const second = sizeOf(random);
  const first = random.oneIn(4) ? second - 1 : Math.min(Math.floor((random.uint32() / 2 ** 32) * second), second - 1);
  const leaf = random.bytes(32);
  const path = Array.from({ length: pathLength(first, second) }, () => random.bytes(32));
  return { first, second, bytes: join([rootByPath(first, second, leaf, path)!, leaf, ...path]) };
}

function soundConsistency(random: Random): Proof {
  const second = sizeOf(random);
  const whole = Math.max(1, Math.floor((random.uint32() / 2 ** 32) * second));
  const power = 2 ** random.below(54);
  const first = random.oneIn(3) && power <= second ? power : whole;
  const path = Array.from({ length: consistencyLength(first, second) }, () => random.bytes(32));
  // The first root stands for a node only when the first size is a whole subtree; otherwise it follows from the path.
  const start = random.bytes(32);
  const [root1, root2] = rootsByConsistency(first, second, start, path)!;
  return { first, second, bytes: join([root1, root2, ...path]) };
}

function proofTarget(kind: "inclusion" | "consistency"): Target {
  const name = `merkle/${kind}`;
  let proofs: readonly Proof[] = [];
  let all: readonly Uint8Array[] = [];

  const model = (first: number, second: number, hashes: readonly Uint8Array[]): boolean => {
    const [a, b, ...path] = hashes as [Uint8Array, Uint8Array, ...Uint8Array[]];
    if (path.length > 64) return false;
    if (kind === "inclusion") {
      const root = rootByPath(first, second, b, path);
      return root !== undefined && Buffer.compare(root, a) === 0;
    }
    const roots = rootsByConsistency(first, second, a, path);
    return roots !== undefined && Buffer.compare(roots[0], a) === 0 && Buffer.compare(roots[1], b) === 0;
  };

  return {
    name,
    cases: 10_000_000,
    casesQuick: 20_000,
    shrinks: false,

    prepare() {
      const random = new Random();
      random.reseed(1, saltOf(name), 0);
      proofs = Array.from({ length: casesPrepared }, () =>
        kind === "inclusion" ? soundInclusion(random) : soundConsistency(random),
      );
      all = proofs.map(({ bytes }) => bytes);
    },

    generate(random, input) {
      const proof = random.pick(proofs);
      const how = random.below(8);
      let { first, second } = proof;
      if (how === 0) input.appendNoise(random, 64 + 32 * random.below(random.oneIn(8) ? pathLengthMax : 12));
      else input.append(proof.bytes);
      if (how === 1) mutate(random, input, input.start, all);
      if (how === 2) input.buffer[input.start + random.below(input.length)]! ^= 1 << random.below(8);
      if (how === 3) input.end = Math.max(input.start + 64, input.end - 32 * (1 + random.below(2)));
      if (how === 4) input.appendNoise(random, 32 * (1 + random.below(3)));
      if (how === 5 || (how === 0 && random.oneIn(2))) {
        const other = random.oneIn(2) ? extremeCountOf(random) : Math.max(0, second + random.below(5) - 2);
        if (random.oneIn(2)) first = other;
        else second = other;
      }
      if (how === 6) first = Math.max(0, first + random.below(3) - 1);
      // Whole hashes only, two of them at least: the bindings hand in no others.
      if (input.length < 64) input.appendNoise(random, 64 - input.length);
      input.end -= input.length % 32;
      input.numbers[firstAt] = Math.min(first, Number.MAX_SAFE_INTEGER);
      input.numbers[secondAt] = Math.min(second, Number.MAX_SAFE_INTEGER);
      input.numbers[countAt] = input.length / 32 - 2;
      const untouched = how === 3 || how >= 5;
      const same = first === proof.first && second === proof.second && input.length === proof.bytes.length;
      input.numbers[soundAt] = untouched && same ? 1 : 0;
    },

    run(subject, input) {
      const [first, second, count] = [input.numbers[firstAt]!, input.numbers[secondAt]!, input.numbers[countAt]!];
      const from = subject.place(input);
      return kind === "inclusion"
        ? subject.exports.verifyInclusion(from, first, second, count)
        : subject.exports.verifyConsistency(from, first, second, count);
    },

    label: (_, verdict) => (verdict === 1 ? "accepted" : "refused"),

    check(input, verdict) {
      const sound = input.numbers[soundAt] === 1;
      if (verdict !== 0 && verdict !== 1) return `the verdict is ${verdict}`;
      if (sound && verdict === 0) return "a sound proof is refused";
      if (sound || (verdict === 0 && input.index % modelEvery !== 0)) return undefined;
      const hashes = Array.from({ length: input.length / 32 }, (_, i) => input.bytes().subarray(i * 32, i * 32 + 32));
      const want = model(input.numbers[firstAt]!, input.numbers[secondAt]!, hashes);
      return want === (verdict === 1) ? undefined : `the model says ${want}`;
    },
  };
}

export const merkleProofTargets: readonly Target[] = [proofTarget("inclusion"), proofTarget("consistency")];
