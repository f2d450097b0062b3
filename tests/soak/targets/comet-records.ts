// The flat records of headers, votes, commits, validators and parameters: sound ones, lengths that lie, missing and spare bytes.

import { extremeUint32Of } from "../extremes.ts";
import { answerTo, type RecordCall } from "../models/comet-records.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Target } from "../target.ts";

const modelEvery = 64;
/** How the records are laid out: n a number of 64 bits, u one of 32, s a string. */
const layouts: Record<RecordCall, string> = {
  headerHash: "nnsnnusussssssssss",
  consensusHash: "nn",
  voteSignBytes: "snnnuusus",
  treeCommitSignatures: "usnus",
  treeValidators: "ns",
  treeResults: "unns",
};

/** numbers: records in the input. */
const countAt = 0;

function appendField(random: Random, input: SoakInput, kind: string, lies: number): void {
  if (kind === "n") {
    const how = random.below(4);
    if (how === 0) input.append(zeros);
    else if (how === 1) input.appendNoise(random, 8);
    else {
      // Small numbers, positive and negative, and powers of two.
      const value = how === 2 ? random.below(70_000) : 2 ** random.below(32);
      const negative = random.oneIn(4);
      input.appendUint32(negative ? -value : value);
      input.appendUint32(negative && value !== 0 ? -1 : 0);
    }
    return;
  }
  if (kind === "u") {
    input.appendUint32(random.oneIn(3) ? extremeUint32Of(random) : random.below(4));
    return;
  }
  const length = random.oneIn(6) ? random.pick([0, 1, 127, 128, 255, 256, 257]) : random.pick([0, 20, 32, 32, 64]);
  input.appendUint32(lies > 0 && random.oneIn(lies) ? extremeUint32Of(random) : length);
  input.appendNoise(random, length);
}

const zeros = new Uint8Array(8);

function recordTarget(call: RecordCall): Target {
  const isTree = call === "treeCommitSignatures" || call === "treeValidators" || call === "treeResults";
  return {
    name: `comet/${call}`,
    cases: 10_000_000,
    casesQuick: 10_000,
    shrinks: true,

    generate(random, input) {
      const records = isTree ? random.below(6) : 1;
      const lies = random.oneIn(4) ? 8 : 0;
      for (let i = 0; i < records; i++) for (const kind of layouts[call]) appendField(random, input, kind, lies);
      if (random.oneIn(5)) mutate(random, input, input.start, []);
      if (random.oneIn(40)) {
        input.end = input.start;
        input.appendNoise(random, random.below(600));
      }
      input.numbers[countAt] = isTree && random.oneIn(12) ? extremeUint32Of(random) : records;
    },

    run(subject, input, answer) {
      const { exports } = subject;
      const from = subject.place(input);
      if (isTree) {
        exports.treeBegin();
        const sound = exports[call](from, input.length, input.numbers[countAt]!);
        exports.treeFinish();
        if (sound) answer.take(subject.memory(), exports.outputStart(), 32);
        return sound;
      }
      const sound = exports[call](from, input.length);
      const length = call === "voteSignBytes" ? sound : 32;
      if (sound) answer.take(subject.memory(), exports.outputStart(), length);
      return sound;
    },

    label: (_, verdict) => (verdict !== 0 ? "sound" : "unsound"),

    check(input, verdict, answer) {
      // Sign bytes have five numbers of at most ten bytes, three strings and their tags.
      if (answer.length > 8192) return `an answer of ${answer.length} bytes`;
      if (input.index % modelEvery !== 0) return undefined;
      const want = answerTo(call, input.bytes(), input.numbers[countAt]!);
      if ((want !== undefined) !== (verdict !== 0)) return `the model finds it ${want ? "sound" : "unsound"}`;
      if (want !== undefined && Buffer.compare(want, answer.view()) !== 0) return "the model answers otherwise";
      return undefined;
    },
  };
}

export const cometRecordTargets: readonly Target[] = (Object.keys(layouts) as RecordCall[]).map(recordTarget);
