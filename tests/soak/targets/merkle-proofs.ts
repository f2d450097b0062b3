// RFC 6962 proofs of inclusion and consistency at every size up to 2^53: sound ones, and ones damaged in hashes, sizes or length.

import { extremeCountOf } from "../extremes.ts";
import { join, type Proof, soundConsistency, soundInclusion, split } from "../models/proofs-without-trees.ts";
import { rootByPath, rootsByConsistency } from "../models/rfc6962.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { Target } from "../target.ts";

const modelEvery = 32;
const casesPrepared = 2_000;
/** Hashes that a path holds at most in noise; the core refuses more than 64. */
const pathLengthMax = 80;

/** numbers: index and size, or both sizes; hashes in the path; whether the proof was left sound. */
const [firstAt, secondAt, countAt, soundAt] = [0, 1, 2, 3];

function proofTarget(kind: "inclusion" | "consistency"): Target {
  const name = `merkle/${kind}`;
  let proofs: readonly Proof[] = [];
  let all: readonly Uint8Array[] = [];

  const model = (first: number, second: number, hashes: readonly Uint8Array[]): boolean => {
    const [a, b, ...path] = hashes as [Uint8Array, Uint8Array, ...Uint8Array[]];
    if (path.length > 64 || !Number.isSafeInteger(second)) return false;
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
      all = proofs.map(({ hashes }) => join(hashes));
    },

    generate(random, input) {
      const which = random.below(proofs.length);
      const proof = proofs[which]!;
      const bytes = all[which]!;
      const how = random.below(8);
      let { first, second } = proof;
      if (how === 0) input.appendNoise(random, 64 + 32 * random.below(random.oneIn(8) ? pathLengthMax : 12));
      else input.append(bytes);
      if (how === 1) mutate(random, input, input.start, all);
      if (how === 2) input.buffer[input.start + random.below(input.length)]! ^= 1 << random.below(8);
      if (how === 3) input.end = Math.max(input.start + 64, input.end - 32 * (1 + random.below(2)));
      if (how === 4) input.appendNoise(random, 32 * (1 + random.below(3)));
      if (how === 5 || (how === 0 && random.oneIn(2))) {
        const other = random.oneIn(2) ? extremeCountOf(random) : Math.max(0, second + random.below(5) - 2);
        if (random.oneIn(3)) first = other;
        // No binding hands these over; as sizes they are those of no tree.
        else if (random.oneIn(8)) second = random.pick([Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 64]);
        else second = other;
      }
      if (how === 6) first = Math.max(0, first + random.below(3) - 1);
      // Whole hashes only, two of them at least: the bindings hand in no others.
      if (input.length < 64) input.appendNoise(random, 64 - input.length);
      input.end -= input.length % 32;
      input.numbers[firstAt] = Math.min(first, Number.MAX_SAFE_INTEGER);
      input.numbers[secondAt] = second;
      input.numbers[countAt] = input.length / 32 - 2;
      const untouched = how === 3 || how >= 5;
      const same = first === proof.first && second === proof.second && input.length === bytes.length;
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
      const want = model(input.numbers[firstAt]!, input.numbers[secondAt]!, split(input.bytes()));
      return want === (verdict === 1) ? undefined : `the model says ${want}`;
    },
  };
}

export const merkleProofTargets: readonly Target[] = [proofTarget("inclusion"), proofTarget("consistency")];
