// Equality with noble's SHA-256: every length from 0 to 300 in turn and lengths around block edges, at every alignment, whole and in
// pieces; and roots of random counts of leaves, handed over in random chunks.

import { sha256 } from "@noble/hashes/sha2.js";
import { leafHash, rootOf } from "../models/rfc6962.ts";
import type { Target } from "../target.ts";

const lengthsInTurn = 301;
/** Bytes of the longest messages around block edges. */
const longMax = 6 * 1024;

/** Bytes of the longest messages of all, beyond the piece in which bindings hand bytes over. */
const longestMax = 120_000;

/** numbers: bytes before the message, whether it is a leaf, and how many pieces it comes in, 0 for one call; then their lengths. */
const [shiftAt, leafAt, piecesAt, firstPieceAt] = [0, 1, 2, 3];
const piecesMax = 8;

export const digestTarget: Target = {
  name: "equality/digest",
  cases: 1_000_000,
  casesQuick: 10_000,
  shrinks: false,

  generate(random, input) {
    const shift = input.index % 16;
    const long = random.oneIn(24);
    const edge = 64 * random.below(longMax / 64) + 55 + random.below(20);
    const longest = random.oneIn(2_000) ? random.below(longestMax) : 0;
    const length = longest || (long ? edge : input.index % lengthsInTurn);
    const pieces = random.oneIn(2) ? random.below(2) : 1 + random.below(piecesMax);
    for (let rest = shift + length; rest > 0; rest -= 60_000) input.appendNoise(random, Math.min(rest, 60_000));
    input.numbers[shiftAt] = shift;
    input.numbers[leafAt] = pieces === 0 ? 0 : random.below(2);
    input.numbers[piecesAt] = pieces;
    let rest = length;
    for (let i = 0; i < pieces; i++) {
      const piece = i === pieces - 1 ? rest : random.oneIn(3) ? Math.min(64, rest) : random.below(rest + 1);
      input.numbers[firstPieceAt + i] = piece;
      rest -= piece;
    }
  },

  run(subject, input, answer) {
    const { exports } = subject;
    const { numbers } = input;
    let from = subject.place(input) + numbers[shiftAt]!;
    if (numbers[piecesAt] === 0) exports.digestOf(from, input.length - numbers[shiftAt]!);
    else {
      exports.digestBegin(numbers[leafAt]!);
      for (let i = 0; i < numbers[piecesAt]!; i++) {
        const piece = numbers[firstPieceAt + i]!;
        exports.digestUpdate(from, piece);
        from += piece;
      }
      exports.digestFinish();
    }
    answer.take(subject.memory(), exports.outputStart(), 32);
    return 1;
  },

  label: (input) => (input.length > lengthsInTurn + 15 ? "long" : "0 to 300 bytes"),

  check(input, _, answer) {
    const message = input.bytes().subarray(input.numbers[shiftAt]);
    const want = input.numbers[leafAt] === 1 ? leafHash(message) : sha256(message);
    return Buffer.compare(want, answer.view()) === 0 ? undefined : "noble has another digest";
  },
};

/** numbers: bytes of a message, messages, and whether they are leaves. The digests' places lie before the messages. */
export const packedDigestTarget: Target = {
  name: "equality/packed-digest",
  cases: 200_000,
  casesQuick: 1_500,
  shrinks: false,

  generate(random, input) {
    const size = random.oneIn(3)
      ? random.pick([32, 33, 64, 65])
      : random.oneIn(40)
        ? random.below(3_000)
        : random.below(301);
    const count = random.below(size > 400 ? 7 : 30);
    input.appendNoise(random, count * 32);
    for (let i = 0; i < count; i++) input.appendNoise(random, size);
    input.numbers[0] = size;
    input.numbers[1] = count;
    input.numbers[2] = random.below(2);
  },

  run(subject, input, answer) {
    const [size, count, leaf] = [input.numbers[0]!, input.numbers[1]!, input.numbers[2]!];
    const to = subject.place(input);
    subject.exports.digestPacked(to + count * 32, count, size, to, leaf);
    answer.take(subject.memory(), to, count * 32);
    return count;
  },

  label: (_, count) => (count < 4 ? "fewer than four" : "four and more"),

  check(input, count, answer) {
    const size = input.numbers[0]!;
    const messages = input.bytes().subarray(count * 32);
    for (let i = 0; i < count; i++) {
      const message = messages.subarray(i * size, (i + 1) * size);
      const want = input.numbers[2] === 1 ? leafHash(message) : sha256(message);
      if (Buffer.compare(want, answer.view().subarray(i * 32, i * 32 + 32)) !== 0)
        return `noble has another digest of ${i}`;
    }
    return undefined;
  },
};

/** Leaves of one size, as rows of a table are, 32 bytes more often than others. */
export const packedRootTarget: Target = {
  name: "equality/packed-root",
  cases: 40_000,
  casesQuick: 300,
  shrinks: false,

  generate(random, input) {
    const size = random.oneIn(2) ? 32 : 1 + random.below(200);
    const near = 2 ** random.below(11);
    const wanted = random.oneIn(2) ? random.below(70) : Math.max(0, near + random.below(5) - 2);
    // Two calls, the first of some of the leaves.
    const count = Math.min(wanted, Math.floor(60_000 / size));
    input.appendNoise(random, count * size);
    input.numbers[0] = size;
    input.numbers[1] = random.oneIn(2) ? 0 : random.below(count + 1);
    input.numbers[2] = count - input.numbers[1]!;
  },

  run(subject, input, answer) {
    const [size, first, second] = [input.numbers[0]!, input.numbers[1]!, input.numbers[2]!];
    const from = subject.place(input);
    subject.exports.treeBegin();
    if (first > 0) subject.exports.treePacked(from, first, size);
    subject.exports.treePacked(from + first * size, second, size);
    subject.exports.treeFinish();
    answer.take(subject.memory(), subject.exports.outputStart(), 32);
    return 1;
  },

  label: (input) => (input.numbers[0] === 32 ? "32-byte leaves" : "leaves of other sizes"),

  check(input, _, answer) {
    const size = input.numbers[0]!;
    const bytes = input.bytes();
    const leaves = Array.from({ length: bytes.length / size }, (_unused, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const want = rootOf(leaves.map(leafHash));
    return Buffer.compare(want, answer.view()) === 0 ? undefined : "the model has another root";
  },
};

/** numbers: hashes in each of the chunks, 0 at the end. */
export const rootTarget: Target = {
  name: "equality/root",
  cases: 60_000,
  casesQuick: 600,
  shrinks: false,

  generate(random, input) {
    const how = random.below(8);
    const near = 2 ** random.below(10);
    const count =
      how === 0 ? random.below(1_500) : how < 4 ? Math.max(0, near + random.below(5) - 2) : random.below(70);
    input.appendNoise(random, count * 32);
    let rest = count;
    for (let i = 0; i < 15 && rest > 0; i++) {
      const chunk = i === 14 ? rest : 1 + random.below(rest);
      input.numbers[i] = chunk;
      rest -= chunk;
    }
  },

  run(subject, input, answer) {
    const { exports } = subject;
    let from = subject.place(input);
    exports.treeBegin();
    for (let i = 0; input.numbers[i]! > 0; i++) {
      exports.treeHashes(from, input.numbers[i]!);
      from += input.numbers[i]! * 32;
    }
    exports.treeFinish();
    answer.take(subject.memory(), exports.outputStart(), 32);
    return 1;
  },

  label: (input) => (input.length > 32 * 256 ? "more than 256 leaves" : "up to 256 leaves"),

  check(input, _, answer) {
    const bytes = input.bytes();
    const hashes = Array.from({ length: input.length / 32 }, (_unused, i) => bytes.subarray(i * 32, i * 32 + 32));
    return Buffer.compare(rootOf(hashes), answer.view()) === 0 ? undefined : "the model has another root";
  },
};
