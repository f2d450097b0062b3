// Blocks, light blocks and commits as raw bytes: damaged, lying and distorted. The tally is by the rule that was broken.

import { findingOf } from "../../../wasm-core/bindings/block-rules.ts";
import { extremeUint32Of } from "../extremes.ts";
import { blocks, lightBlocks, type Message, type Trusting, trustings } from "../models/blocks.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Subject } from "../subject.ts";
import type { Answer, Target } from "../target.ts";

/** numbers: bytes of the chain id, of the first and of the second message, the trust level, whether it was left sound. */
const [chainAt, firstAt, secondAt, numeratorAt, denominatorAt, soundAt] = [0, 1, 2, 3, 4, 5];
/** Bytes of the findings about a commit, of which four are a pointer; and of an entry of the list before its message. */
const [commitBytes, pointerAt, entryHeadBytes] = [36, 4, 104];
const rulesMax = 27;
const encoder = new TextEncoder();

function begin(name: string): Random {
  const random = new Random();
  random.reseed(4, saltOf(name), 0);
  return random;
}

/** Takes the findings and the list that they point to. */
function takeFindings(subject: Subject, answer: Answer, length: number, listed: boolean): void {
  const memory = subject.memory();
  const output = subject.exports.outputStart();
  answer.take(memory, output, length);
  if (!listed) return;
  const view = new DataView(memory.buffer, output, commitBytes);
  const [start, bytes, entries] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
  answer.bytes.fill(0, pointerAt, pointerAt + 4);
  if (start + bytes > memory.length) throw new RangeError(`the list ends at ${start + bytes}`);
  answer.add(memory.subarray(start, start + bytes));
  let at = start;
  const list = new DataView(memory.buffer);
  for (let i = 0; i < entries; i++) at += entryHeadBytes + list.getUint32(at + 4, true);
  if (at !== start + bytes) throw new RangeError(`${entries} entries end at ${at}, the list at ${start + bytes}`);
}

/** True when it is the right chain. */
function placeChain(random: Random, input: SoakInput, chain: string): boolean {
  const isRight = !random.oneIn(60);
  const bytes = encoder.encode(isRight ? chain : "x".repeat(random.below(60)));
  input.prepend(bytes);
  input.numbers[chainAt] = bytes.length;
  return isRight;
}

const label = (_: SoakInput, verdict: number): string => findingOf(verdict, 0).rule;

function messageTarget(call: "checkLightBlock" | "checkBlock", prepare: (random: Random) => Message[]): Target {
  let messages: readonly Message[] = [];
  let all: readonly Uint8Array[] = [];
  const name = `blocks/${call}`;
  return {
    name,
    cases: 10_000_000,
    casesQuick: 6_000,
    shrinks: false,

    prepare() {
      messages = prepare(begin(name));
      all = messages.map(({ bytes }) => bytes);
    },

    generate(random, input) {
      const message = random.pick(messages);
      const how = random.below(20);
      if (how === 0) input.appendNoise(random, random.below(400));
      else {
        input.append(message.bytes);
        if (how > 1) mutate(random, input, input.start, all);
      }
      input.numbers[firstAt] = input.length;
      const isRight = placeChain(random, input, message.chain);
      input.numbers[soundAt] = how === 1 && message.sound && isRight ? 1 : 0;
    },

    run(subject, input, answer) {
      subject.placeFirst(input);
      const rule = subject.exports[call](input.numbers[chainAt]!, input.numbers[firstAt]!);
      takeFindings(subject, answer, call === "checkBlock" ? 96 : 120, call === "checkLightBlock");
      return rule;
    },

    label,

    check(input, verdict) {
      if (verdict > rulesMax) return `rule ${verdict}`;
      return input.numbers[soundAt] === 1 && verdict !== 0 ? `a sound one breaks rule ${verdict}` : undefined;
    },
  };
}

let pairs: readonly Trusting[] = [];

const trustingTarget: Target = {
  name: "blocks/checkTrusting",
  cases: 10_000_000,
  casesQuick: 6_000,
  shrinks: false,

  prepare() {
    pairs = trustings(begin("blocks/checkTrusting"), 40);
  },

  generate(random, input) {
    const { chain, set, commit } = random.pick(pairs);
    const which = random.below(6);
    input.append(set);
    if (which === 0) input.append(random.pick(pairs).set.subarray(0, random.below(set.length)));
    if (which <= 2) mutate(random, input, input.start, []);
    input.numbers[firstAt] = input.length;
    const middle = input.end;
    input.append(commit);
    if (which >= 2 && which < 5) mutate(random, input, middle, []);
    input.numbers[secondAt] = input.end - middle;
    placeChain(random, input, chain);
    const odd = random.oneIn(8);
    input.numbers[numeratorAt] = odd ? extremeUint32Of(random) : 1;
    input.numbers[denominatorAt] = odd ? extremeUint32Of(random) : random.pick([1, 2, 3]);
  },

  run(subject, input, answer) {
    const { numbers } = input;
    subject.placeFirst(input);
    const [chain, set, commit] = [numbers[chainAt]!, numbers[firstAt]!, numbers[secondAt]!];
    const rule = subject.exports.checkTrusting(chain, set, commit, numbers[numeratorAt]!, numbers[denominatorAt]!);
    takeFindings(subject, answer, commitBytes, true);
    return rule;
  },

  label,
  check: (_, verdict) => (verdict > rulesMax ? `rule ${verdict}` : undefined),
};

export const blockTargets: readonly Target[] = [
  messageTarget("checkLightBlock", (random) => lightBlocks(random, 60)),
  messageTarget("checkBlock", (random) => blocks(random, 30)),
  trustingTarget,
];
