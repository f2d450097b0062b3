// ICS-23 proofs: noise, messages that lie, damaged and distorted proofs. What the core accepts, @confio/ics23 must accept.

import { foreignVerdict } from "../../conformance/foreign-ics23.ts";
import { extremeVarintOf } from "../extremes.ts";
import { depthOf, type ProofCase, proofCases, strictnessOf } from "../models/ics23.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Target } from "../target.ts";

/** The foreign verifier takes as long as a hundred cases, so it judges what we accept and one in so many of the others. */
const foreignEvery = 64;
const treesQuickly = 40;

/** numbers: key bytes, value bytes, proof bytes, and whether the proof was left as it was made to hold. */
const [keyAt, valueAt, proofAt, soundAt] = [0, 1, 2, 3];

/** Writes a field before what stands, around the bytes since `end`; its length may lie. */
function wrap(random: Random, input: SoakInput, tag: number, end: number, lies: number): void {
  if (lies > 0 && random.oneIn(lies)) input.prepend(extremeVarintOf(random));
  else input.prependVarint(end - input.start);
  input.prependByte(tag);
}

function field(random: Random, input: SoakInput, tag: number, length: number, lies: number): void {
  const end = input.start;
  input.prependNoise(random, length);
  wrap(random, input, tag, end, lies);
}

const leafFields = Uint8Array.of(8, 1, 24, 1, 32, 1, 42, 1, 0);

function inner(random: Random, input: SoakInput, lies: number): void {
  const end = input.start;
  const odd = random.oneIn(12);
  if (random.oneIn(2)) {
    field(random, input, 0x1a, odd ? random.below(70) : 32, lies);
    input.prependByte(odd && random.oneIn(2) ? random.below(4) : 1);
    input.prepend(Uint8Array.of(0x12, 1));
  } else {
    const start = input.start;
    input.prependNoise(random, odd ? random.below(70) : 32);
    input.prependByte(odd && random.oneIn(2) ? random.below(4) : 1);
    wrap(random, input, 0x12, start, lies);
  }
  input.prepend(Uint8Array.of(8, odd && random.oneIn(2) ? random.below(3) : 1));
  wrap(random, input, 0x22, end, lies);
}

function existence(random: Random, input: SoakInput, lies: number): void {
  const steps = random.oneIn(60) ? 250 + random.below(12) : random.below(6);
  for (let i = 0; i < steps; i++) inner(random, input, steps > 200 ? 0 : lies);
  const end = input.start;
  if (random.oneIn(8)) input.prependNoise(random, random.below(12));
  else input.prepend(leafFields);
  wrap(random, input, 0x1a, end, lies);
  field(random, input, 0x12, 1 + random.below(40), lies);
  field(random, input, 0x0a, 1 + random.below(40), lies);
}

/** Nested messages with the right tags; most lengths true, so that some of them are read to their end. */
function structuredNoise(random: Random, input: SoakInput, absent: boolean): void {
  const lies = random.oneIn(2) ? 0 : 20;
  const end = input.start;
  if (absent) {
    const sides = 1 + random.below(3);
    for (const [side, tag] of [
      [1, 0x1a],
      [2, 0x12],
    ] as const) {
      if (!(sides & side)) continue;
      const before = input.start;
      existence(random, input, lies);
      wrap(random, input, tag, before, lies);
    }
    field(random, input, 0x0a, random.below(40), lies);
  } else {
    existence(random, input, lies);
  }
  wrap(random, input, absent ? 0x12 : 0x0a, end, lies);
}

function proofTarget(absent: boolean): Target {
  const name = absent ? "ics23/absence" : "ics23/existence";
  let cases: readonly ProofCase[] = [];
  let proofs: readonly Uint8Array[] = [];

  return {
    name,
    cases: 10_000_000,
    casesQuick: 20_000,
    shrinks: false,

    prepare() {
      const random = new Random();
      random.reseed(20, saltOf(name), 0);
      cases = proofCases(random, absent ? "nonexist" : "exist", treesQuickly);
      proofs = cases.map(({ proof }) => proof);
    },

    generate(random, input) {
      const kind = random.below(16);
      const model = random.pick(cases);
      const key = random.oneIn(40) ? random.bytes(random.below(40)) : model.key;
      const { value } = model;
      if (kind === 0) input.appendNoise(random, random.below(200));
      else if (kind <= 4) structuredNoise(random, input, absent);
      else {
        input.append(model.proof);
        // Chains of hundreds of steps take as long as hundreds of other cases, so most of them are passed over.
        if (model.proof.length > 8_000 && !random.oneIn(16)) input.end = input.start + random.below(300);
        else if (kind <= 14) mutate(random, input, input.start, proofs);
        else if (model.sound && key === model.key) input.numbers[soundAt] = 1;
      }
      input.numbers[keyAt] = key.length;
      input.numbers[valueAt] = value.length;
      input.numbers[proofAt] = input.length;
      input.prepend(value);
      input.prepend(key);
      if (random.oneIn(40)) {
        input.prependNoise(random, 32);
        input.numbers[soundAt] = 0;
      } else {
        input.prepend(model.root);
      }
    },

    run(subject, input) {
      const from = subject.place(input);
      const { numbers } = input;
      // A proof of absence is made without a value: value bytes are 0.
      return absent
        ? subject.exports.verifyNonMembership(from, numbers[keyAt]!, numbers[proofAt]!)
        : subject.exports.verifyMembership(from, numbers[keyAt]!, numbers[valueAt]!, numbers[proofAt]!);
    },

    label: (input, verdict) => input.note || (verdict === 1 ? "accepted" : "refused"),

    check(input, verdict) {
      const { numbers } = input;
      if (verdict !== 0 && verdict !== 1) return `the verdict is ${verdict}`;
      if (numbers[soundAt] === 1 && verdict === 0) return "a sound proof is refused";
      if (verdict === 0 && input.index % foreignEvery !== 0) return undefined;
      const bytes = input.bytes();
      const valueStart = 32 + numbers[keyAt]!;
      const proofStart = valueStart + numbers[valueAt]!;
      const proof = bytes.subarray(proofStart);
      const value = absent ? null : bytes.subarray(valueStart, proofStart);
      const foreign = foreignVerdict(bytes.subarray(0, 32), bytes.subarray(32, valueStart), value, proof);
      if (verdict === 1 && !foreign) return "@confio/ics23 refuses what is accepted";
      if (verdict === 0 && foreign) {
        const reason = strictnessOf(bytes.subarray(32, valueStart), proof);
        if (reason === undefined) return "@confio/ics23 accepts what is refused, for no stated reason";
        input.note = `stricter: ${reason}`;
      } else if (verdict === 0) {
        input.note = `refused, looked into: ${depthOf(proof)}`;
      }
      return undefined;
    },
  };
}

export const ics23Targets: readonly Target[] = [proofTarget(false), proofTarget(true)];
