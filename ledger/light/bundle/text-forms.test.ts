// Base45 by the examples of RFC 9285, and bundles in links and QR codes: parts in any order, none that do not belong together.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { utf8 } from "../../protocol/bytes.ts";
import {
  fromBase45,
  fromBundleText,
  joinQrParts,
  readQrText,
  toBase45,
  toBundleText,
  toQrTexts,
} from "./text-forms.ts";

const core = loadCore();
const bytesOf = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength });

describe("Base45 (RFC 9285)", () => {
  test.each([
    ["AB", "BB8"],
    ["Hello!!", "%69 VD92EX0"],
    ["base-45", "UJCLQE7W581"],
    ["ietf!", "QED8WEX0"],
    ["", ""],
  ])("section 4.3 and 4.4: %s", (text, encoded) => {
    expect(toBase45(utf8(text))).toBe(encoded);
    expect(fromBase45(encoded)).toEqual(utf8(text));
  });

  test.each(["GGW", "::", "A", "ABCD", "bb8", "€€€", ":::", "A\n"])("section 6: %s is refused", (text) => {
    expect(fromBase45(text)).toBeNull();
  });

  test("all bytes come back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(fromBase45(toBase45(bytes))).toEqual(new Uint8Array(bytes));
      }),
    );
  });
});

describe("a bundle", () => {
  test("comes back from its text, its link, and its QR codes in any order", () => {
    fc.assert(
      fc.property(bytesOf(6_000), fc.integer(), (bytes, turn) => {
        const plain = new Uint8Array(bytes);
        const text = toBundleText(bytes);
        for (const form of [
          text,
          ` ${text}\n`,
          `https://city.example/verify/#${text}`,
          text.replace(/(.{60})/g, "$1\n"),
        ])
          expect(fromBundleText(core, form)).toEqual(plain);
        const codes = toQrTexts(core, bytes);
        expect(Math.max(...codes.map(({ length }) => length))).toBeLessThanOrEqual(1_637);
        const turned = codes.map((_, i) => codes[(i + Math.abs(turn)) % codes.length]!);
        expect(
          joinQrParts(
            core,
            turned.map((code) => readQrText(code)!),
          ),
        ).toEqual(plain);
        expect(fromBundleText(core, turned.join("\r\n"))).toEqual(plain);
      }),
      { numRuns: 40 },
    );
  });

  test("is not made of parts that are missing or of another bundle", () => {
    const parts = (fill: number) => toQrTexts(core, new Uint8Array(4_000).fill(fill)).map((text) => readQrText(text)!);
    const [one, two] = [parts(1), parts(2)];
    expect(joinQrParts(core, [])).toBeNull();
    expect(joinQrParts(core, one.slice(1))).toBeNull();
    expect(joinQrParts(core, [one[0]!, ...two.slice(1)])).toBeNull();
    expect(joinQrParts(core, [one[0]!, { ...two[1]!, checksum: one[0]!.checksum }, ...one.slice(2)])).toBeNull();
    expect(joinQrParts(core, [...one, ...two])).not.toBeNull();
  });

  test.each([
    "",
    "GT1/2/1/00000000/AA",
    "GT1/0/1/00000000/AA",
    "GT1/01/1/00000000/AA",
    "GT1/1/1/0000000g/AA",
    "GT1/1/1/00000000/",
    "GT2/1/1/00000000/AA",
    "not a bundle!",
    "#",
    `${"A".repeat(4_000_000)}`,
  ])("is not read from other text", (text) => {
    expect(fromBundleText(core, text)).toBeNull();
  });

  test("of half a megabyte has no QR codes", () => {
    expect(() => toQrTexts(core, new Uint8Array(512 * 1024))).toThrow(RangeError);
  });
});
