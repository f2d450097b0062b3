// Damage to valid inputs, so that what is wrong lies deep: bits, bytes, ranges, lengths of nested messages, parts of other inputs.

import { extremeUint32Of, extremeVarintOf } from "./extremes.ts";
import type { Random } from "./random.ts";
import type { SoakInput } from "./soak-input.ts";

/** Bytes that one mutation adds at most. */
const addedBytesMax = 48;
const nestingMax = 8;

type Mutation = (random: Random, input: SoakInput, from: number, others: readonly Uint8Array[]) => void;

function removeRange(input: SoakInput, at: number, length: number): void {
  input.buffer.copyWithin(at, at + length, input.end);
  input.end -= length;
}

function insertGap(input: SoakInput, at: number, length: number): void {
  input.buffer.copyWithin(at + length, at, input.end);
  input.end += length;
}

const flipBits: Mutation = (random, input, from) => {
  for (let n = random.below(3); n >= 0; n--) {
    const at = from + random.below(input.end - from);
    input.buffer[at] = input.buffer[at]! ^ (1 << random.below(8));
  }
};

const setByte: Mutation = (random, input, from) => {
  const at = from + random.below(input.end - from);
  input.buffer[at] = random.oneIn(2)
    ? random.below(256)
    : random.pick([0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x1a, 0x22]);
};

const truncate: Mutation = (random, input, from) => {
  input.end = random.oneIn(2) ? input.end - 1 : from + random.below(input.end - from);
};

const removeSome: Mutation = (random, input, from) => {
  const at = from + random.below(input.end - from);
  removeRange(input, at, Math.min(1 + random.below(random.oneIn(3) ? 64 : 3), input.end - at));
};

const insertSome: Mutation = (random, input, from) => {
  const at = from + random.below(input.end - from + 1);
  const length = 1 + random.below(random.oneIn(3) ? addedBytesMax : 3);
  insertGap(input, at, length);
  for (let i = 0; i < length; i++) input.buffer[at + i] = random.below(256);
};

const repeatSome: Mutation = (random, input, from) => {
  const at = from + random.below(input.end - from);
  const length = Math.min(1 + random.below(addedBytesMax), input.end - at);
  insertGap(input, at, length);
  input.buffer.copyWithin(at, at + length, at + 2 * length);
};

const spliceOther: Mutation = (random, input, from, others) => {
  if (others.length === 0) return;
  const other = random.pick(others);
  const cut = random.below(Math.min(input.end - from, other.length) + 1);
  input.end = from + cut;
  input.append(other.subarray(cut));
};

const extremeWord: Mutation = (random, input, from) => {
  if (input.end - from < 4) return;
  const at = from + random.below(input.end - from - 3);
  const end = input.end;
  input.end = at;
  input.appendUint32(extremeUint32Of(random));
  input.end = end;
};

/** Finds the length of a nested field by walking down messages, choosing at random; 0 when the bytes are no message. */
function nestedLengthAt(random: Random, input: SoakInput, from: number): number {
  let found = 0;
  let at = from;
  let end = input.end;
  for (let depth = 0; depth < nestingMax; depth++) {
    let chosen = 0;
    let chosenContent = 0;
    let chosenEnd = 0;
    let seen = 0;
    while (at < end) {
      const type = input.buffer[at++]! & 7;
      if (type === 0) {
        while (at < end && input.buffer[at]! >= 0x80) at++;
        at++;
      } else if (type === 2) {
        const lengthAt = at;
        let length = 0;
        for (let shift = 0; at < end && shift < 28; shift += 7) {
          const byte = input.buffer[at++]!;
          length += (byte & 0x7f) << shift;
          if (byte < 0x80) break;
        }
        if (at + length > end) break;
        // Each of the fields with the same chance, without a list of them.
        if (random.oneIn(++seen)) {
          chosen = lengthAt;
          chosenContent = at;
          chosenEnd = at + length;
        }
        at += length;
      } else {
        break;
      }
    }
    if (seen === 0) return found;
    found = chosen;
    if (random.oneIn(3)) return found;
    at = chosenContent;
    end = chosenEnd;
  }
  return found;
}

const lieInLength: Mutation = (random, input, from) => {
  const at = nestedLengthAt(random, input, from);
  if (at === 0) return;
  if (random.oneIn(3)) {
    input.buffer[at] = input.buffer[at]! + (random.oneIn(2) ? 1 : -1);
    return;
  }
  const lie = extremeVarintOf(random);
  let old = 1;
  while (at + old < input.end && input.buffer[at + old - 1]! >= 0x80) old++;
  if (lie.length > old) insertGap(input, at, lie.length - old);
  else if (lie.length < old) removeRange(input, at, old - lie.length);
  input.buffer.set(lie, at);
};

const mutations: readonly Mutation[] = [
  flipBits,
  flipBits,
  setByte,
  setByte,
  truncate,
  removeSome,
  insertSome,
  repeatSome,
  spliceOther,
  extremeWord,
  lieInLength,
  lieInLength,
  lieInLength,
];

/** One to three changes to the input's bytes from `from` on; `others` are inputs of the same kind to splice with. */
export function mutate(random: Random, input: SoakInput, from: number, others: readonly Uint8Array[]): void {
  for (let n = random.oneIn(3) ? random.below(3) : 0; n >= 0; n--) {
    if (input.end <= from) return;
    random.pick(mutations)(random, input, from, others);
  }
}
