// Protocol Buffers written: the encoding guide's examples, lengths over one byte, the ends of 64 bits.

import { expect, test } from "vitest";
import { ProtoWriter } from "./proto-writer.ts";

function written(write: (to: ProtoWriter) => void): number[] {
  const to = new ProtoWriter();
  write(to);
  return [...to.take()];
}

test.each([
  ["150, as in the encoding guide", 150n, [0x08, 0x96, 0x01]],
  ["the same as a number", 150, [0x08, 0x96, 0x01]],
  ["nothing for 0", 0n, []],
  ["nothing for 0 as a number", 0, []],
  ["-1 in ten bytes", -1n, [0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
  ["2^53", 2n ** 53n, [0x08, 128, 128, 128, 128, 128, 128, 128, 16]],
  ["the largest safe integer", Number.MAX_SAFE_INTEGER, [0x08, 255, 255, 255, 255, 255, 255, 255, 15]],
  ["the largest uint64", 2n ** 64n - 1n, [0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
  ["the smallest int64", -(2n ** 63n), [0x08, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1]],
] as const)("a number: %s", (_, value, expected) => {
  expect(written((to) => to.number(1, value))).toEqual(expected);
});

test.each([2n ** 64n, -(2n ** 63n) - 1n, 1.5, -0.5, Number.NaN])("%s is refused", (value) => {
  expect(() => written((to) => to.number(1, value))).toThrow(RangeError);
});

test("empty bytes and texts are left out, empty elements and messages are not", () => {
  expect(written((to) => to.bytes(1, new Uint8Array()))).toEqual([]);
  expect(written((to) => to.text(2, ""))).toEqual([]);
  expect(written((to) => to.element(1, new Uint8Array()))).toEqual([0x0a, 0]);
  expect(written((to) => to.message(3, () => {}))).toEqual([0x1a, 0]);
});

test("a text is UTF-8, as in the encoding guide", () => {
  expect(written((to) => to.text(2, "testing"))).toEqual([0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  expect(written((to) => to.text(2, "é"))).toEqual([0x12, 2, 0xc3, 0xa9]);
});

test("a text without UTF-8 is refused", () => {
  for (const text of ["\ud800", "a\udc00b", "\ude00\ud83d"])
    expect(() => written((to) => to.text(2, text))).toThrow(RangeError);
  expect(written((to) => to.text(2, "\u{1f600}"))).toEqual([0x12, 4, 0xf0, 0x9f, 0x98, 0x80]);
});

test.each([0, 1, 125, 126, 127, 128, 1_021, 1_022, 16_380, 16_381, 16_382, 16_384, 2_097_160])(
  "messages in messages around %i bytes",
  (size) => {
    const content = Uint8Array.from({ length: size }, (_, i) => i);
    const lengthOf = (length: number): number[] => {
      const low = length % 128;
      return length < 128 ? [length] : [low + 128, ...lengthOf((length - low) / 128)];
    };
    const inner = [...(size === 0 ? [] : [0x0a, ...lengthOf(size), ...content]), 0x10, 5];
    const outer = [0x12, ...lengthOf(inner.length), ...inner, 0x18, 1];
    const bytes = written((to) =>
      to.message(15, () => {
        to.message(2, () => {
          to.bytes(1, content);
          to.number(2, 5);
        });
        to.number(3, 1);
      }),
    );
    expect(Buffer.compare(Buffer.from(bytes), Buffer.from([0x7a, ...lengthOf(outer.length), ...outer]))).toBe(0);
  },
);
