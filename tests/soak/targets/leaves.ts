// Packed leaves: lengths and bytes in a row, of all sizes, with lengths that lie; and roots of what is packed well.

import { extremeUint32Of } from "../extremes.ts";
import { leafHash, rootOf } from "../models/rfc6962.ts";
import { mutate } from "../mutate.ts";
import type { Target } from "../target.ts";

const modelEvery = 64;

/** The leaves, or undefined when the packing is unsound. */
function unpack(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 4) return undefined;
    const length = view.getUint32(at, true);
    if (length > bytes.length - at - 4) return undefined;
    leaves.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return leaves;
}

export const leavesTarget: Target = {
  name: "merkle/leaves",
  cases: 10_000_000,
  casesQuick: 10_000,
  shrinks: true,

  generate(random, input) {
    const count = random.oneIn(20) ? random.below(70) : random.below(9);
    const lies = random.oneIn(3) ? 6 : 0;
    for (let i = 0; i < count; i++) {
      const length = random.oneIn(4) ? random.below(200) : random.pick([0, 32, 32, 33, 55, 56, 63, 64, 65]);
      input.appendUint32(lies > 0 && random.oneIn(lies) ? extremeUint32Of(random) : length);
      input.appendNoise(random, length);
    }
    if (random.oneIn(4)) mutate(random, input, input.start, []);
    if (random.oneIn(40)) input.appendNoise(random, random.below(300));
  },

  run(subject, input, answer) {
    const { exports } = subject;
    const from = subject.place(input);
    exports.treeBegin();
    const sound = exports.treeLeaves(from, input.length);
    exports.treeFinish();
    if (sound) answer.take(subject.memory(), exports.outputStart(), 32);
    return sound;
  },

  label: (_, verdict) => (verdict !== 0 ? "sound" : "unsound"),

  check(input, verdict, answer) {
    if (input.index % modelEvery !== 0) return undefined;
    const leaves = unpack(input.bytes());
    if ((leaves !== undefined) !== (verdict !== 0)) return `the model finds it ${leaves ? "sound" : "unsound"}`;
    if (leaves === undefined) return undefined;
    const want = rootOf(leaves.map(leafHash));
    return Buffer.compare(want, answer.view()) === 0 ? undefined : "the model has another root";
  },
};
