// Blocks, light blocks and commits as raw bytes: damaged, lying and distorted. The tally is by the rule that was broken.

import { findingOf } from "../../../wasm-core/bindings/block-rules.ts";
import { extremeUint32Of } from "../extremes.ts";
import { soundBlock, votesOfSound, votesOfTrusted } from "../models/block-verdicts.ts";
import { blocks, lightBlocks, type Message, type Trusting, trustings } from "../models/blocks.ts";
import { blockSchema, isCanonical, lightBlockSchema } from "../models/canonical-form.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Subject } from "../subject.ts";
import type { Answer, Target } from "../target.ts";

/** numbers: bytes of the chain id, of the first and of the second message, the trust level, whether it was left sound. */
const [chainAt, firstAt, secondAt, numeratorAt, denominatorAt, soundAt] = [0, 1, 2, 3, 4, 5];
/** Bytes of the findings about a commit, of which four are a pointer; and of an entry of the list before its message. */
const [commitBytes, pointerAt, entryHeadBytes] = [36, 4, 104];
const lightBlockBytes = 120;
/** Numbers of the rules that bytes are in CometBFT's form, and of the last one, that inputs fit. */
const [formSound, rulesMax] = [1, 27];
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

function votesDiffer(votes: Uint8Array | undefined, verdict: number, list: Uint8Array): string | undefined {
  if ((votes !== undefined) !== (verdict === 0)) return `the model finds it ${votes ? "sound" : "unsound"}`;
  if (votes === undefined || Buffer.compare(votes, list) === 0) return undefined;
  return "the model lists other votes";
}

function blockDiffers(message: Uint8Array, chain: Uint8Array, verdict: number, answer: Answer): string | undefined {
  const block = soundBlock(message, chain);
  if ((block !== undefined) !== (verdict === 0)) return `the model finds it ${block ? "sound" : "unsound"}`;
  if (block === undefined) return undefined;
  const found = answer.view();
  const view = new DataView(found.buffer, found.byteOffset, found.length);
  const isSame =
    view.getUint32(4, true) === block.parts &&
    view.getUint32(8, true) === block.transactions &&
    Buffer.compare(found.subarray(32, 64), block.hash) === 0 &&
    Buffer.compare(found.subarray(64, 96), block.partsHash) === 0;
  return isSame ? undefined : "the model finds another block";
}

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
      takeFindings(subject, answer, call === "checkBlock" ? 96 : lightBlockBytes, call === "checkLightBlock");
      return rule;
    },

    label,

    check(input, verdict, answer) {
      if (verdict > rulesMax) return `rule ${verdict}`;
      if (input.numbers[soundAt] === 1 && verdict !== 0) return `a sound one breaks rule ${verdict}`;
      // The model reads any form, and the core one alone: of what it finds ill-formed the model says nothing.
      if (verdict === formSound || verdict === rulesMax || input.index % (verdict === 0 ? 4 : 16) !== 0)
        return undefined;
      const bytes = input.bytes();
      const [chain, message] = [bytes.subarray(0, input.numbers[chainAt]), bytes.subarray(input.numbers[chainAt])];
      const schema = call === "checkBlock" ? blockSchema : lightBlockSchema;
      if (verdict === 0 && !isCanonical(message, schema)) return "what is found sound is not in CometBFT's form";
      return call === "checkBlock"
        ? blockDiffers(message, chain, verdict, answer)
        : votesDiffer(votesOfSound(message, chain), verdict, answer.view().subarray(lightBlockBytes));
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

  check(input, verdict, answer) {
    if (verdict > rulesMax) return `rule ${verdict}`;
    if (verdict === formSound || verdict === rulesMax || input.index % (verdict === 0 ? 4 : 16) !== 0) return undefined;
    const { numbers } = input;
    const bytes = input.bytes();
    const setStart = numbers[chainAt]!;
    const commitStart = setStart + numbers[firstAt]!;
    const [set, commit] = [bytes.subarray(setStart, commitStart), bytes.subarray(commitStart)];
    const chain = bytes.subarray(0, setStart);
    const votes = votesOfTrusted(set, commit, chain, numbers[numeratorAt]!, numbers[denominatorAt]!);
    return votesDiffer(votes, verdict, answer.view().subarray(commitBytes));
  },
};

export const blockTargets: readonly Target[] = [
  messageTarget("checkLightBlock", (random) => lightBlocks(random, 60)),
  messageTarget("checkBlock", (random) => blocks(random, 30)),
  trustingTarget,
];
