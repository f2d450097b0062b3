// Ed25519 under ZIP-215: signatures damaged in key, R, S and message against noble; keys and signatures of noise; and batches, whose
// verdicts are those of their members.

import { type Ed25519, instantiateEd25519Sync } from "../../../wasm-core/bindings/ed25519.ts";
import { oddEncodings, oddScalars, type SignatureCase, signatureCases, validByNoble } from "../models/signatures.ts";
import { Random, saltOf } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Subject } from "../subject.ts";
import type { Target } from "../target.ts";

/** noble takes as long as ten cases. */
const modelEvery = 16;
const headBytes = 96;
const batchMax = 80;

/** Batches draw their scalars from here, so that a case can be run again. */
const scalars = new Random();
/** One instance a subject; made anew when the subject was renewed. */
const opened = new WeakMap<object, Ed25519>();

function open(subject: Subject, index: number): Ed25519 {
  scalars.reseed(index, 7, 7);
  let module = opened.get(subject.exports);
  if (module === undefined) {
    module = instantiateEd25519Sync(subject.module("ed25519"), (bytes) => bytes.set(scalars.bytes(bytes.length)));
    opened.set(subject.exports, module);
  }
  return module;
}

let cases: readonly SignatureCase[] = [];

function prepare(): void {
  if (cases.length > 0) return;
  const random = new Random();
  random.reseed(25519, saltOf("ed25519"), 0);
  cases = signatureCases(random, 128);
}

/** numbers: 1 when the verdict is known, and that verdict. */
const [knownAt, verdictAt] = [0, 1];

function verdictOf(subject: Subject, input: SoakInput): number {
  const bytes = input.bytes();
  const [key, signature, message] = [bytes.subarray(0, 32), bytes.subarray(32, headBytes), bytes.subarray(headBytes)];
  return open(subject, input.index).verify(key, message, signature) ? 1 : 0;
}

function checkByNoble(input: SoakInput, verdict: number, every: number): string | undefined {
  if (input.numbers[knownAt] === 1)
    return input.numbers[verdictAt] === verdict ? undefined : `noble says ${input.numbers[verdictAt]}`;
  if (verdict === 0 && input.index % every !== 0) return undefined;
  const bytes = input.bytes();
  const valid = validByNoble(bytes.subarray(0, 32), bytes.subarray(headBytes), bytes.subarray(32, headBytes));
  return valid === (verdict === 1) ? undefined : `noble says ${valid}`;
}

const verifyTarget: Target = {
  name: "ed25519/verdicts",
  cases: 320_000,
  casesQuick: 300,
  shrinks: false,
  prepare,

  generate(random, input) {
    const one = random.pick(cases);
    input.append(one.key);
    input.append(one.signature);
    input.append(one.message);
    const { buffer, start } = input;
    const how = random.below(10);
    if (how < 4) buffer[start + random.below(how === 0 ? input.length : headBytes)]! ^= 1 << random.below(8);
    if (how === 4) buffer.set(random.pick(oddEncodings), start + (random.oneIn(2) ? 0 : 32));
    if (how === 5) buffer.set(random.pick(oddScalars), start + 64);
    if (how === 6) buffer.set(random.pick(cases).signature, start + 32);
    if (how === 7) input.appendNoise(random, 1 + random.below(140));
    if (how === 8) input.end = start + headBytes + random.below(input.length - headBytes + 1);
    input.numbers[knownAt] = how === 9 ? 1 : 0;
    input.numbers[verdictAt] = one.valid ? 1 : 0;
  },

  run: verdictOf,
  label: (_, verdict) => (verdict === 1 ? "valid" : "invalid"),
  check: (input, verdict) => checkByNoble(input, verdict, modelEvery),
};

const noiseTarget: Target = {
  name: "ed25519/noise",
  cases: 10_000_000,
  casesQuick: 3_000,
  shrinks: false,
  prepare,

  generate(random, input) {
    if (random.oneIn(8)) input.append(random.pick(oddEncodings));
    else input.appendNoise(random, 32);
    if (random.oneIn(8)) input.append(random.pick(oddEncodings));
    else input.appendNoise(random, 32);
    // Scalars within the order lead on to the curve, which takes as long as dozens of other cases.
    if (random.oneIn(10)) input.append(random.pick(oddScalars));
    else {
      input.appendNoise(random, 32);
      if (random.oneIn(16)) input.buffer[input.end - 1] = random.below(16);
    }
    input.appendNoise(random, random.below(random.oneIn(8) ? 400 : 60));
  },

  run: verdictOf,
  label(input, verdict) {
    const scalarIsSmall = input.buffer[input.start + headBytes - 1]! < 16;
    return `${verdict === 1 ? "valid" : "invalid"}, S ${scalarIsSmall ? "below" : "beyond"} 2^252`;
  },
  check: (input, verdict) => checkByNoble(input, verdict, 4_096),
};

const batchTarget: Target = {
  name: "ed25519/batch",
  cases: 6_000,
  casesQuick: 20,
  shrinks: false,
  prepare,

  generate(random, input) {
    // Mostly valid, as batches are; sometimes with one that is not, sometimes anything.
    const kind = random.below(4);
    const valid = cases.flatMap((one, i) => (one.valid ? [i] : []));
    const count = random.below(random.oneIn(8) ? batchMax : 12);
    for (let i = 0; i < count; i++) input.appendByte(kind === 0 ? random.below(cases.length) : random.pick(valid));
    if (kind === 1 && count > 0) input.buffer[input.start + random.below(count)] = random.below(cases.length);
  },

  run(subject, input, answer) {
    const items = Array.from(input.bytes(), (i) => cases[i]!);
    const verdicts = open(subject, input.index).verifyBatch(items);
    answer.add(Uint8Array.from(verdicts, Number));
    return verdicts.length;
  },

  label: (input) => (input.bytes().every((i) => cases[i]?.valid) ? "all valid" : "some invalid"),

  check(input, _, answer) {
    const want = Array.from(input.bytes(), (i) => Number(cases[i]!.valid));
    return want.join() === answer.view().join() ? undefined : `noble says ${want.join()}`;
  },
};

export const ed25519VerdictTargets: readonly Target[] = [verifyTarget, noiseTarget, batchTarget];
