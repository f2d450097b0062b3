// What is soaked: a generator of inputs, a call on them, and what must hold of the verdict. One file in targets/ a subject.

import type { Random } from "./random.ts";
import type { SoakInput } from "./soak-input.ts";
import type { Subject } from "./subject.ts";

/** The bytes that a call answered, at most 1 MiB; all variants must answer the same. */
export class Answer {
  bytes = new Uint8Array(1 << 12);
  length = 0;

  take(memory: Uint8Array, from: number, length: number): void {
    this.length = 0;
    this.add(memory.subarray(from, from + length));
  }

  add(bytes: Uint8Array): void {
    if (this.length + bytes.length > 1 << 20) throw new RangeError("an answer of more than 1 MiB");
    if (this.length + bytes.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + bytes.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}

export interface Target {
  readonly name: string;
  /** Cases of a full soak. */
  readonly cases: number;
  /** Cases of the run that is part of `npm test`. */
  readonly casesQuick: number;
  /** Makes what the cases draw on; once a thread, before the first case. Must come out the same every time. */
  prepare?(): void;
  generate(random: Random, input: SoakInput): void;
  /** Calls one variant. The verdict must be the same for all; a number is what the call returned. */
  run(subject: Subject, input: SoakInput, answer: Answer): number;
  /** What the tally calls this case; few different words. */
  label(input: SoakInput, verdict: number): string;
  /** Says what is wrong, by an independent model where there is one. */
  check?(input: SoakInput, verdict: number, answer: Answer): string | undefined;
  /** True when bytes can be left out of an input without making it a call that no binding makes. */
  readonly shrinks: boolean;
}
