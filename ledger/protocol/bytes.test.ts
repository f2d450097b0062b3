// Hex and base64 of wire values against Node's own coders, and what is neither.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "./bytes.ts";
import { fromBase64, toBase64 } from "./comet.ts";

describe("hex", () => {
  test("writes and reads what Node writes and reads", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(hex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromHex(hex(bytes))).toEqual(bytes);
        expect(fromHex(hex(bytes).toUpperCase())).toEqual(bytes);
      }),
    );
  });

  test.each(["0", "0g", "g0", "  ", "0x", "é0", "0\u0130", "00 ", "\u{1f600}"])("refuses %j", (text) =>
    expect(() => fromHex(text)).toThrow(RangeError),
  );

  test("refuses any text that is not hex", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 8, unit: "binary" }), (text) => {
        if (/^([0-9a-fA-F]{2})*$/.test(text)) expect(hex(fromHex(text))).toBe(text.toLowerCase());
        else expect(() => fromHex(text)).toThrow(RangeError);
      }),
    );
  });
});

describe("base64", () => {
  test("writes and reads what btoa and atob do, also of a part of a buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (all, from) => {
        const bytes = all.subarray(Math.min(from, all.length));
        expect(toBase64(bytes)).toBe(btoa(String.fromCharCode(...bytes)));
        expect(fromBase64(toBase64(bytes))).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  test.each(["A", "AA", "AAA", "A===", "AA-_", "AA==AA==", " AAA", "AAA\n"])("refuses %j", (text) =>
    expect(() => fromBase64(text)).toThrow(RangeError),
  );
});
