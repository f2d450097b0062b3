// 100,000 random changes to sound messages against the raw exports of block validation: no trap, memory within its maximum, and what is
// still found sound is no longer than what memory holds. Prints its seed.

import { expect, test } from "vitest";
import {
  encodeBlock,
  encodeCommit,
  encodeLightBlock,
  encodeValidatorSet,
} from "../../tests/conformance/comet-protobuf.ts";
import { compiledModule, describeCores } from "../../tests/conformance/variants.ts";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { coreExports } from "./instantiate.ts";
import { madeBlock, madeChain, madeLightBlock, madeValidators } from "./testing/made-block.ts";

const seed = Date.now() & 0x7fff_ffff;
console.log(`block check mutations: seed ${seed}`);
/** For each of four messages and both variants: 100,000 in all. */
const runs = 12_500;

describeCores((core, variant) => {
  const exports = coreExports(new WebAssembly.Instance(compiledModule("core", variant), {}));
  const random = seededNumbers(seed);
  const chain = new TextEncoder().encode(madeChain);
  const light = madeLightBlock(core, [40n, 30n, 20n, 10n], [2, 2, 3, 1]);
  const commit = encodeCommit(light.commit);
  const set = encodeValidatorSet(madeValidators([1n, 2n, 3n]));

  const buffer = new Uint8Array(4096);
  const marks = [0x08, 0x0a, 0x10, 0x12, 0x18, 0x1a, 0x20, 0x22, 0xff];

  /** Bytes changed, cut, doubled, or set to what tags and lengths have. A view until the next call. */
  function mutated(bytes: Uint8Array): Uint8Array {
    buffer.set(bytes);
    let length = bytes.length;
    for (let changes = 1 + random(3); changes > 0; changes--) {
      const at = random(length);
      const some = Math.min(1 + random(40), length - at - 1);
      const kind = random(8);
      if (kind === 0) {
        buffer.copyWithin(at, at + some, length);
        length -= some;
      } else if (kind === 1) {
        buffer.copyWithin(at + some, at, length);
        length += some;
      } else if (kind === 2) buffer.fill(0xff, at, at + 4);
      else if (kind === 3) buffer[at] = marks[random(marks.length)]!;
      else buffer[at] = random(256);
    }
    return buffer.subarray(0, length);
  }

  function place(parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    let at = exports.reserveInput(length);
    const view = new Uint8Array(exports.memory.buffer);
    for (const part of parts) {
      view.set(part, at);
      at += part.length;
    }
  }

  /** The list lies within the memory. */
  function expectListInside(): void {
    const output = new DataView(exports.memory.buffer, exports.outputStart(), 36);
    const end = output.getUint32(4, true) + output.getUint32(8, true);
    if (end > exports.memory.buffer.byteLength) expect(end).toBeLessThanOrEqual(exports.memory.buffer.byteLength);
  }

  const messages: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => number])[] = [
    [
      "checkLightBlock",
      encodeLightBlock(light, light.validators, { proposer: light.validators[0]!, totalVotingPower: "100" }),
      (bytes) => {
        place([chain, bytes]);
        return exports.checkLightBlock(chain.length, bytes.length);
      },
    ],
    [
      "checkBlock",
      encodeBlock(madeBlock(core, [Uint8Array.of(1, 2, 3), new Uint8Array()])),
      (bytes) => {
        place([chain, bytes]);
        return exports.checkBlock(chain.length, bytes.length);
      },
    ],
    [
      "checkTrusting, commit",
      commit,
      (bytes) => {
        place([chain, set, bytes]);
        return exports.checkTrusting(chain.length, set.length, bytes.length, 1, 3);
      },
    ],
    [
      "checkTrusting, set",
      set,
      (bytes) => {
        place([chain, bytes, commit]);
        return exports.checkTrusting(chain.length, bytes.length, commit.length, 1, 3);
      },
    ],
  ];

  test.each(messages)("%s", (_, sound, call) => {
    const rules = new Set<number>();
    expect(call(sound)).toBe(0);
    for (let i = 0; i < runs; i++) {
      rules.add(call(mutated(sound)));
      expectListInside();
    }
    // Changes come past the reader too.
    expect(rules.size).toBeGreaterThan(2);
    expect(exports.memory.buffer.byteLength).toBeLessThanOrEqual(128 * 65_536);
  });

  test("lengths that lie read nothing outside", () => {
    const lengths = [0, 1, 50, 51, 65_536, 4 << 20, (4 << 20) + 1, 0x7fff_ffff, 0xffff_ffff];
    for (const a of lengths)
      for (const b of lengths) {
        exports.checkLightBlock(a, b);
        exports.checkBlock(a, b);
        exports.partSetHeader(b);
        for (const c of lengths) exports.checkTrusting(a, b, c, 0xffff_ffff, 0xffff_ffff);
      }
    expect(exports.memory.buffer.byteLength).toBeLessThanOrEqual(128 * 65_536);
  });
});
