// Multi-proofs of RFC 6962 trees of any size: sound ones, and ones with other indices, sizes, counts and hashes.

import { extremeCountOf, extremeUint32Of } from "../extremes.ts";
import { rootByMultiProof } from "../models/multi-proof.ts";
import { join, sizeOf, split } from "../models/proofs-without-trees.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { Target } from "../target.ts";

const modelEvery = 32;
const prepared = 800;
const entryBytes = 16;

/** numbers: size, leaves, hashes of the proof, whether it was left sound. */
const [sizeAt, countAt, hashesAt, soundAt] = [0, 1, 2, 3];

interface MultiProof {
  readonly size: number;
  readonly count: number;
  readonly hashes: number;
  /** Root, entries, leaf hashes, proof. */
  readonly bytes: Uint8Array;
}

function sound(random: Random): MultiProof {
  // Deep trees take as long as dozens of others.
  const size = random.oneIn(8) ? sizeOf(random) : 1 + random.below(300);
  const near = Math.floor((random.uint32() / 2 ** 32) * size);
  // Far apart, or close together so that neighbours meet.
  const indices = Array.from({ length: 1 + random.below(size > 1_000 ? 3 : random.oneIn(40) ? 60 : 6) }, () =>
    random.oneIn(3) ? Math.floor((random.uint32() / 2 ** 32) * size) : Math.min(size - 1, near + random.below(16)),
  );
  const ascending = [...new Set(indices)].sort((a, b) => a - b);
  const leaves = ascending.map(() => random.bytes(32));
  const proof: Uint8Array[] = [];
  const root = rootByMultiProof(size, ascending, leaves, () => {
    const hash = random.bytes(32);
    proof.push(hash);
    return hash;
  })!;
  const entries = new Uint8Array(ascending.length * entryBytes);
  const view = new DataView(entries.buffer);
  for (const [i, index] of ascending.entries()) view.setBigUint64(i * entryBytes, BigInt(index), true);
  const bytes = Uint8Array.from([...root, ...entries, ...join(leaves), ...join(proof)]);
  return { size, count: ascending.length, hashes: proof.length, bytes };
}

/** The same leaf twice, the second time with any hash: every sibling is given twice. Must be refused for its indices. */
function forged(random: Random): MultiProof {
  const size = 2 + random.below(300);
  const index = random.below(size);
  const [leaf, other] = [random.bytes(32), random.bytes(32)];
  const proof: Uint8Array[] = [];
  const root = rootByMultiProof(size, [index], [leaf], () => {
    const hash = random.bytes(32);
    proof.push(hash, hash);
    return hash;
  })!;
  const entries = new Uint8Array(2 * entryBytes);
  for (const at of [0, entryBytes]) new DataView(entries.buffer).setBigUint64(at, BigInt(index), true);
  const bytes = Uint8Array.from([...root, ...entries, ...leaf, ...other, ...join(proof)]);
  return { size, count: 2, hashes: proof.length, bytes };
}

function modelVerdict(bytes: Uint8Array, size: number, count: number, hashes: number): boolean {
  if (!Number.isSafeInteger(size) || 32 + 48 * count + 32 * hashes !== bytes.length) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const indices = Array.from({ length: count }, (_, i) => Number(view.getBigUint64(32 + i * entryBytes, true)));
  const rest = split(bytes.subarray(32 + count * entryBytes));
  let used = count;
  const root = rootByMultiProof(size, indices, rest.slice(0, count), () => rest[used++]);
  return root !== undefined && used === rest.length && Buffer.compare(root, bytes.subarray(0, 32)) === 0;
}

let proofs: readonly MultiProof[] = [];
let forgeries: readonly MultiProof[] = [];
let all: readonly Uint8Array[] = [];

export const multiProofTarget: Target = {
  name: "merkle/multi-proof",
  cases: 10_000_000,
  casesQuick: 10_000,
  shrinks: false,

  prepare() {
    const random = new Random();
    random.reseed(1, saltOf("merkle/multi-proof"), 0);
    proofs = Array.from({ length: prepared }, () => sound(random));
    forgeries = Array.from({ length: 100 }, () => forged(random));
    all = proofs.map(({ bytes }) => bytes);
  },

  generate(random, input) {
    const how = random.below(10);
    const proof = random.pick(how === 9 ? forgeries : proofs);
    let { size, count, hashes } = proof;
    input.append(proof.bytes);
    if (how === 0) mutate(random, input, input.start, all);
    if (how === 1) input.buffer[input.start + random.below(input.length)]! ^= 1 << random.below(8);
    if (how === 2) size = random.oneIn(2) ? extremeCountOf(random) : Math.max(0, size + random.below(5) - 2);
    if (how === 3) size = random.pick([Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 64]);
    if (how === 4) {
      // An index of its own: one that repeats, descends, or lies beyond.
      const at = input.start + 32 + entryBytes * random.below(count);
      input.buffer.copyWithin(at, input.start + 32 + entryBytes * random.below(count), at + 8);
      if (random.oneIn(2)) input.buffer[at + random.below(8)] = random.below(256);
    }
    if (how === 5) {
      // Counts that lie: the core must see that they reach beyond its memory.
      if (random.oneIn(2)) count = extremeUint32Of(random);
      else hashes = extremeUint32Of(random);
      if (32 + 48 * count + 32 * hashes <= 1 << 24) [count, hashes] = [proof.count, proof.hashes];
    }
    if (how === 6 && hashes > 0) {
      hashes--;
      input.end -= 32;
    }
    if (how === 7) {
      hashes++;
      input.appendNoise(random, 32);
    }
    if (how === 0) {
      // As many hashes as there is room for, after as many leaves as there were.
      hashes = Math.max(0, Math.floor((input.length - 32 - 48 * count) / 32));
      input.end = input.start + Math.min(input.length, 32 + 48 * count + 32 * hashes);
      if (input.length < 32 + 48 * count) input.appendNoise(random, 32 + 48 * count - input.length);
    }
    input.numbers[sizeAt] = size;
    input.numbers[countAt] = count;
    input.numbers[hashesAt] = hashes;
    const same = size === proof.size && count === proof.count && hashes === proof.hashes;
    input.numbers[soundAt] = same && (how === 2 || how === 5 || how === 8) ? 1 : 0;
  },

  run(subject, input) {
    const from = subject.place(input);
    return subject.exports.verifyMultiProof(
      from,
      input.numbers[sizeAt]!,
      input.numbers[countAt]!,
      input.numbers[hashesAt]!,
    );
  },

  label: (_, verdict) => (verdict === 1 ? "accepted" : "refused"),

  check(input, verdict) {
    const { numbers } = input;
    if (verdict !== 0 && verdict !== 1) return `the verdict is ${verdict}`;
    if (numbers[soundAt] === 1) return verdict === 1 ? undefined : "a sound proof is refused";
    if (verdict === 0 && input.index % modelEvery !== 0) return undefined;
    const want = modelVerdict(input.bytes(), numbers[sizeAt]!, numbers[countAt]!, numbers[hashesAt]!);
    return want === (verdict === 1) ? undefined : `the model says ${want}`;
  },
};
