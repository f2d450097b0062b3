// The auditors' judgement of keys against the state machine's.

import fc from "fast-check";
import { expect, it } from "vitest";
import { isSoundKey } from "../protocol/sound-key.ts";
import { isSoundEd25519 } from "./auditor-keys.ts";
import { person } from "./test-city.ts";

const key = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

it("agrees on keys, and on any 32 bytes", () => {
  for (const label of ["ann", "bob", "eve"]) expect(isSoundEd25519(person(label).key)).toBe(true);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(isSoundEd25519(key(bytes))).toBe(isSoundKey(key(bytes)));
    }),
    { numRuns: 200 },
  );
});

it("agrees where encodings are odd: the least and the greatest y, and the points of small order, with either sign", () => {
  const near = Array.from({ length: 32 }, (_, n) => (8 * n + 6).toString(16).padStart(2, "0"));
  const small = [
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03",
  ];
  const stems = [...near.flatMap((first) => [`${first}${"00".repeat(30)}`, `${first}${"ff".repeat(30)}`]), ...small];
  let sound = 0;
  for (const stem of stems) {
    for (const last of ["00", "80", "05", "85", "7a", "fa", "7f", "ff"]) {
      expect([stem, last, isSoundEd25519(stem + last)]).toEqual([stem, last, isSoundKey(stem + last)]);
      if (isSoundEd25519(stem + last)) sound++;
    }
  }
  expect(sound).toBeGreaterThan(100);
  for (const last of ["05", "85"]) expect(isSoundEd25519(small[0] + last)).toBe(false);
  for (const last of ["7a", "fa"]) expect(isSoundEd25519(small[1] + last)).toBe(false);
});
