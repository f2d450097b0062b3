import { Response, ResponseFinalizeBlock } from "cosmjs-types/tendermint/abci/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCheckAnswer, encodeFinalizeBlock } from "./abci-results.ts";

// Lengths around those where a length takes a byte more.
const text = fc.oneof(
  fc.constant(""),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.nat(400).map((length) => "x".repeat(length)),
);
const check = { code: fc.oneof(fc.nat(300), fc.constant(0xffff_ffff)), codespace: text, log: text };
const event = fc.record({ type: text, attributes: fc.dictionary(text, text, { maxKeys: 4 }) });
const result = fc.record({
  ...check,
  data: fc.uint8Array({ maxLength: 200 }),
  events: fc.array(event, { maxLength: 4 }),
});
const rest = ResponseFinalizeBlock.encode(
  ResponseFinalizeBlock.fromPartial({ appHash: new Uint8Array(32).fill(7), validatorUpdates: [{ power: 3n }] }),
).finish();

describe("results by hand", () => {
  it("of checks are what cosmjs-types writes, byte for byte", () => {
    fc.assert(
      fc.property(fc.record(check), (checkTx) => {
        const expected = Response.encode(Response.fromPartial({ checkTx })).finish();
        expect(Buffer.from(encodeCheckAnswer(checkTx)).toString("hex")).toBe(Buffer.from(expected).toString("hex"));
      }),
    );
  });

  it("of blocks are what cosmjs-types reads, nothing more and nothing less", () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 12 }), (results) => {
        const { finalizeBlock, ...others } = Response.decode(encodeFinalizeBlock(results, rest));
        expect(Object.values(others).every((member) => member === undefined)).toBe(true);
        const expected = ResponseFinalizeBlock.decode(rest);
        for (const { events, ...each } of results)
          expected.txResults.push({
            ...each,
            info: "",
            gasWanted: 0n,
            gasUsed: 0n,
            events: events.map(({ type, attributes }) => ({
              type,
              attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index: true })),
            })),
          });
        const hexOf = (block: ResponseFinalizeBlock): string =>
          Buffer.from(ResponseFinalizeBlock.encode(block).finish()).toString("hex");
        expect(hexOf(finalizeBlock!)).toBe(hexOf(expected));
      }),
    );
  });

  it("of a block of two thousand grow", () => {
    const one = { code: 5, codespace: "energy", log: "é".repeat(500), data: new Uint8Array(100), events: [] };
    const { finalizeBlock } = Response.decode(encodeFinalizeBlock(Array(2_000).fill(one), rest));
    expect(finalizeBlock?.txResults.length).toBe(2_000);
    expect(finalizeBlock?.txResults[1_999]).toMatchObject(one);
    expect(finalizeBlock?.appHash).toEqual(new Uint8Array(32).fill(7));
  });

  it.each([-1, 1.5, 2 ** 32, Number.NaN])("refuse %d as a code", (code) => {
    expect(() => encodeCheckAnswer({ code, codespace: "", log: "" })).toThrow(RangeError);
  });
});
