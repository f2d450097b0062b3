// RFC 8785: its own examples, and the same text as the npm package `canonicalize` for any JSON value.

import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalBytes, canonicalText } from "./canonical.ts";

describe("RFC 8785", () => {
  test("section 3.2.2: literals, strings and numbers", () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalText(JSON.parse(text))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test("section 3.2.3: members sort by UTF-16 code units", () => {
    const value = JSON.parse(
      String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
    );
    const order = [...canonicalText(value).matchAll(/:"([^"]+)"/g)].map(([, name]) => name);
    expect(order).toEqual([
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
  });

  test.each([
    [-0, "0"],
    [5e-324, "5e-324"],
    [-1.7976931348623157e308, "-1.7976931348623157e+308"],
    [9007199254740992, "9007199254740992"],
    [295147905179352830000, "295147905179352830000"],
    [9.999999999999997e22, "9.999999999999997e+22"],
    [1e21, "1e+21"],
    [333333333.33333325, "333333333.33333325"],
  ])("appendix B: %d", (number, text) => expect(canonicalText(number)).toBe(text));

  test("UTF-8", () => expect(Buffer.from(canonicalBytes({ é: "서울" })).toString()).toBe('{"é":"서울"}'));
});

describe("canonicalText", () => {
  test("gives what the package gives, in whatever order members stand", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
        expect(canonicalText(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test("sorts members that look like numbers, and the odd names", () => {
    const value = JSON.parse('{"9":1,"10":2,"__proto__":{"b":1,"a":2},"toJSON":1,"":0}');
    expect(canonicalText(value)).toBe('{"":0,"10":2,"9":1,"__proto__":{"a":2,"b":1},"toJSON":1}');
  });

  test("leaves out members that are undefined", () => {
    expect(canonicalText({ b: 1, a: undefined })).toBe('{"b":1}');
    expect(canonicalText({ b: { z: undefined, y: undefined }, a: 1 })).toBe('{"a":1,"b":{}}');
  });

  test.each([
    ["undefined", undefined],
    ["a big integer", 1n],
    ["a function in a member", { b: 1, a: () => 1 }],
    ["a symbol", [Symbol("s")]],
    ["an undefined item", [undefined]],
    ["NaN", { a: Number.NaN }],
    ["infinity", [1, Number.NEGATIVE_INFINITY]],
    ["a lone surrogate", { b: "", a: "\ud800" }],
    ["a lone surrogate in a name", { "\udc00": 1 }],
    ["a date", new Date(0)],
    ["a map", { a: new Map() }],
    ["an object that writes itself", { toJSON: () => "x" }],
  ])("has no text for %s", (_, value) => expect(() => canonicalText(value)).toThrow(TypeError));
});
