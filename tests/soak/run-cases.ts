// Runs a range of a target's cases on every variant. The first failure ends the range and is shrunk as far as it goes.

import { hex } from "../../ledger/protocol/bytes.ts";
import { Random, saltOf } from "./random.ts";
import { SoakInput } from "./soak-input.ts";
import { corePagesMax, type Subject } from "./subject.ts";
import { Answer, type Target } from "./target.ts";

export interface Failure {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly why: string;
  /** The input as generated, and as small as it could be made. */
  readonly hex: string;
  readonly shrunkHex: string;
  readonly numbers: readonly number[];
}

export interface Outcome {
  /** Cases by the target's words for them. */
  readonly tally: Map<string, number>;
  readonly failure: Failure | undefined;
}

/** Runs of the input at most while a failure is made smaller. */
const shrinkRunsMax = 3_000;
const memoryCheckEvery = 1_024;

const random = new Random();
const input = new SoakInput();
const first = new Answer();
const other = new Answer();

function difference(a: Answer, b: Answer): boolean {
  if (a.length !== b.length) return true;
  for (let i = 0; i < a.length; i++) if (a.bytes[i] !== b.bytes[i]) return true;
  return false;
}

function brief(answer: Answer): string {
  return `${hex(answer.view().subarray(0, 64))} (${answer.length} bytes)`;
}

/** Runs one input. Returns what is wrong; on success the verdict is in `lastVerdict`. */
let lastVerdict = 0;
function runInput(target: Target, subjects: readonly Subject[]): string | undefined {
  try {
    for (const [position, subject] of subjects.entries()) {
      const answer = position === 0 ? first : other;
      answer.length = 0;
      const verdict = target.run(subject, input, answer);
      if (position === 0) {
        lastVerdict = verdict;
        continue;
      }
      if (verdict !== lastVerdict && !(Number.isNaN(verdict) && Number.isNaN(lastVerdict)))
        return `${subject.variant} says ${verdict}, ${subjects[0]?.variant} ${lastVerdict}`;
      if (difference(first, other)) return `${subject.variant} answers ${brief(other)}, not ${brief(first)}`;
    }
    return target.check?.(input, lastVerdict, first);
  } catch (error) {
    for (const subject of subjects) subject.renew();
    const { message, cause } = error as Error;
    return `${message}${cause instanceof Error ? `: ${cause.message}` : ""}`;
  }
}

/** Generates one case without running it, for reports on calls that never return. */
export function inputOf(target: Target, seed: number, index: number): SoakInput {
  random.reseed(seed, saltOf(target.name), index);
  input.reset(index);
  target.generate(random, input);
  return input;
}

export function runCases(
  target: Target,
  subjects: readonly Subject[],
  seed: number,
  from: number,
  to: number,
  progress?: Float64Array,
): Outcome {
  const tally = new Map<string, number>();
  const salt = saltOf(target.name);
  for (let index = from; index < to; index++) {
    if (progress !== undefined) progress[0] = index;
    random.reseed(seed, salt, index);
    input.reset(index);
    target.generate(random, input);
    let why = runInput(target, subjects);
    if (why === undefined && index % memoryCheckEvery === 0) why = memoryTooLarge(subjects);
    if (why !== undefined) return { tally, failure: describe(target, subjects, seed, why) };
    const label = target.label(input, lastVerdict);
    tally.set(label, (tally.get(label) ?? 0) + 1);
  }
  const why = memoryTooLarge(subjects);
  return { tally, failure: why === undefined ? undefined : describe(target, subjects, seed, why) };
}

function memoryTooLarge(subjects: readonly Subject[]): string | undefined {
  const bytes = Math.max(...subjects.map(({ exports }) => exports.memory.buffer.byteLength));
  return bytes > corePagesMax << 16 ? `the memory has ${bytes} bytes` : undefined;
}

function describe(target: Target, subjects: readonly Subject[], seed: number, why: string): Failure {
  const { index } = input;
  const whole = hex(input.bytes());
  const numbers = [...input.numbers];
  shrink(target, subjects);
  return { target: target.name, seed, index, why, hex: whole, shrunkHex: hex(input.bytes()), numbers };
}

/** Leaves out, then clears, ever smaller parts as long as the input still fails. */
function shrink(target: Target, subjects: readonly Subject[]): void {
  let runs = 0;
  const numbers = input.numbers.slice();
  for (const how of target.shrinks ? (["leave out", "clear"] as const) : (["clear"] as const)) {
    for (let size = input.length >>> 1; size > 0; size >>>= 1) {
      for (let at = 0; at + size <= input.length && runs < shrinkRunsMax; ) {
        const before = input.bytes().slice();
        if (how === "clear" && before.subarray(at, at + size).every((byte) => byte === 0)) {
          at += size;
          continue;
        }
        if (how === "clear") input.bytes().fill(0, at, at + size);
        else {
          input.bytes().copyWithin(at, at + size);
          input.end -= size;
        }
        runs++;
        const failsStill = runInput(target, subjects) !== undefined;
        input.numbers.set(numbers);
        if (failsStill && how === "leave out") continue;
        if (!failsStill) {
          input.end = input.start;
          input.append(before);
        }
        at += size;
      }
    }
  }
}
