// Many digests by one list, of mixed lengths and alignments: each must be noble's.

import { sha256 } from "@noble/hashes/sha2.js";
import { leafHash } from "../models/rfc6962.ts";
import type { Target } from "../target.ts";

const messagesMax = 40;
/** A list's entry {start, length, target}, each u32; the digests follow the list, then the messages. */
const entryBytes = 12;

/** numbers: messages, and whether they are leaves. */
const [countAt, leafAt] = [0, 1];

export const digestListTarget: Target = {
  name: "equality/digest-list",
  cases: 200_000,
  casesQuick: 2_000,
  shrinks: false,

  generate(random, input) {
    const count = random.oneIn(3) ? random.below(9) : random.below(messagesMax);
    // Neighbours of equal lengths share lanes, and of lengths that need equally many blocks; most lists have both.
    const spread = random.pick([0, 1, 8, 64, 300]);
    const base = count < 12 && random.oneIn(8) ? random.below(4_096) : random.below(301);
    const lengths = Array.from({ length: count }, () => base + random.below(spread + 1));
    const bytesBefore = count * (entryBytes + 32);
    let at = bytesBefore;
    for (const [i, length] of lengths.entries()) {
      // Gaps change the alignment from message to message.
      at += random.below(4);
      input.appendUint32(at);
      input.appendUint32(length);
      input.appendUint32(count * entryBytes + 32 * i);
      at += length;
    }
    input.end = input.start + bytesBefore;
    input.appendNoise(random, at - bytesBefore);
    input.numbers[countAt] = count;
    input.numbers[leafAt] = random.below(2);
  },

  run(subject, input, answer) {
    const count = input.numbers[countAt]!;
    const from = subject.place(input);
    const memory = subject.memory();
    const view = new DataView(memory.buffer, from);
    // The input holds positions in itself; the core takes pointers.
    for (let i = 0; i < count; i++)
      for (const field of [0, 8]) {
        const at = i * entryBytes + field;
        view.setUint32(at, view.getUint32(at, true) + from, true);
      }
    subject.exports.digestList(from, count, input.numbers[leafAt]!);
    answer.take(subject.memory(), from + count * entryBytes, count * 32);
    return count;
  },

  label: (_, verdict) => (verdict < 4 ? "fewer than four" : "four and more"),

  check(input, verdict, answer) {
    const bytes = input.bytes();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < verdict; i++) {
      const from = view.getUint32(i * entryBytes, true);
      const message = bytes.subarray(from, from + view.getUint32(i * entryBytes + 4, true));
      const want = input.numbers[leafAt] === 1 ? leafHash(message) : sha256(message);
      if (Buffer.compare(want, answer.view().subarray(32 * i, 32 * i + 32)) !== 0)
        return `noble has another digest of ${i}`;
    }
    return undefined;
  },
};
