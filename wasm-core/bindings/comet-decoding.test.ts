// Light blocks are read only in the one form: what is read encodes to the same bytes, and the core calls the same bytes well-formed.

import { describe, expect, test } from "vitest";
import { commitFromJson, headerFromJson } from "../../ledger/protocol/comet.ts";
import { encodeLightBlock as encodeForeign } from "../../tests/conformance/comet-protobuf.ts";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { decodeHeader, decodeLightBlock, decodeValidatorSet } from "./comet-decoding.ts";
import { encodeHeader, encodeLightBlock, encodeValidatorSet } from "./comet-encoding.ts";
import { loadCore } from "./node.ts";
import { madeChain, madeLightBlock } from "./testing/made-block.ts";

const core = loadCore();
const made = madeLightBlock(core, [40n, 30n, 20n, 1n << 55n], [2, 2, 3, 1]);
const plain = encodeForeign({ header: made.header, commit: made.commit }, made.validators);

function decoded(bytes: Uint8Array): ReturnType<typeof decodeLightBlock> | null {
  try {
    return decodeLightBlock(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return null;
  }
}

describe("decodeLightBlock", () => {
  test("reads what others write", () => {
    const block = decodeLightBlock(plain);
    expect(block.header).toEqual(headerFromJson(made.header));
    expect(block.commit).toEqual(commitFromJson(made.commit));
    expect(block.validators.map(({ power }) => power)).toEqual([40n, 30n, 20n, 1n << 55n]);
    expect(encodeLightBlock(block)).toEqual(plain);
  });

  test("parts by themselves", () => {
    const { header, validators } = decodeLightBlock(plain);
    expect(decodeHeader(encodeHeader(header))).toEqual(header);
    expect(decodeValidatorSet(encodeValidatorSet(validators))).toEqual(validators);
    expect(() => decodeHeader(plain)).toThrow(RangeError);
  });

  test("a set's proposer and total power are passed over", () => {
    const options = { proposer: made.validators[1]!, totalVotingPower: String(90n + (1n << 55n)) };
    const full = encodeForeign({ header: made.header, commit: made.commit }, made.validators, options);
    expect(full.length).toBeGreaterThan(plain.length);
    expect(decodeLightBlock(full)).toEqual(decodeLightBlock(plain));
  });

  test("no bytes cut off, added, or in another place", () => {
    for (let length = 0; length < plain.length; length++) expect(decoded(plain.subarray(0, length))).toBeNull();
    expect(decoded(Uint8Array.of(...plain, 0))).toBeNull();
    expect(decoded(Uint8Array.of(...plain, 0x1a, 0))).toBeNull();
  });

  test("whatever is changed: what is read encodes to the same bytes, and the core reads the same bytes", () => {
    const seed = Date.now() % 0x7fff_ffff;
    const random = seededNumbers(seed);
    let read = 0;
    for (let round = 0; round < 4_000; round++) {
      const bytes = plain.slice();
      for (let changes = 1 + random(2); changes > 0; changes--) {
        const at = random(bytes.length);
        // Small steps, too: of lengths and of tags.
        bytes[at] = random(2) === 0 ? random(256) : bytes[at]! ^ (1 << random(8));
      }
      const block = decoded(bytes);
      const { rule } = core.checkLightBlock(bytes, madeChain);
      // The core compares the chain's name as bytes, before it asks whether they are UTF-8.
      if (block === null) {
        expect(["bytes_must_be_canonical", "chain_must_match"], `seed ${seed}, round ${round}`).toContain(rule);
        continue;
      }
      read++;
      const again = encodeLightBlock(block);
      // A proposer's priority that was made out of something else is left out; nothing else is.
      if (Buffer.compare(again, bytes) !== 0)
        expect(again.length, `seed ${seed}, round ${round}`).toBeLessThan(bytes.length);
    }
    expect(read).toBeGreaterThan(100);
  });
});
