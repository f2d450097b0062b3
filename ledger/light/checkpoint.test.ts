import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Checkpoint, checkpointText, readCheckpoint } from "./checkpoint.ts";

const one: Checkpoint = {
  chain: "glasstown-0a1b2c3d",
  height: 1200,
  hash: new Uint8Array(32).fill(0xab),
  genesis: new Uint8Array(32).fill(0x01),
};
const text = `glasstown:glasstown-0a1b2c3d:1200:${"ab".repeat(32)}:${"01".repeat(32)}`;

describe("a checkpoint as text", () => {
  test("is written and read", () => {
    expect(checkpointText(one)).toBe(text);
    expect(readCheckpoint(` ${text}\n`)).toEqual(one);
  });

  test("holds every name that a chain may have", () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const chain = fc
      .string({ minLength: 1, maxLength: 50, unit: "grapheme" })
      .filter((name) => new TextEncoder().encode(name).length <= 50);
    fc.assert(
      fc.property(chain, fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }), hash, hash, (name, height, a, b) => {
        const checkpoint = { chain: name, height, hash: a, genesis: b };
        expect(readCheckpoint(checkpointText(checkpoint))).toEqual(checkpoint);
      }),
    );
  });

  test.each([
    ["nothing", ""],
    ["another kind of text", "https://example.org/"],
    ["a hash that is cut off", text.slice(0, -1)],
    ["a hash with capitals", text.replaceAll("ab", "AB")],
    ["height 0", text.replace(":1200:", ":0:")],
    ["a height with a zero before it", text.replace(":1200:", ":01200:")],
    ["a height beyond 2^53", text.replace(":1200:", ":9007199254740993:")],
    ["a first block that is not its own fingerprint", text.replace(":1200:", ":1:")],
    ["a chain's name of more than 50 bytes", text.replace("glasstown-0a1b2c3d", "a".repeat(51))],
    ["a name in a second form", text.replace("glasstown-", "%67lasstown-")],
    ["a name that is no UTF-8", text.replace("glasstown-", "%ff")],
    ["a megabyte", `${text}${" ".repeat(1 << 20)}`],
  ])("that is %s is none", (_, wrong) => {
    expect(readCheckpoint(wrong)).toBeNull();
  });
});
