// Base64url against Node's, and the forms that only lenient readers take.

import fc from "fast-check";
import { expect, it } from "vitest";
import { fromBase64url, toBase64url } from "./base64url.ts";

it("writes what Node writes and reads it again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64url");
      expect(toBase64url(bytes)).toBe(text);
      expect(fromBase64url(text)).toEqual(bytes);
    }),
  );
});

it("reads no byte string from two texts", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12, unit: fc.constantFrom(..."AQgwZ_-9") }), (text) => {
      const bytes = fromBase64url(text);
      if (bytes !== null) expect(toBase64url(bytes)).toBe(text);
    }),
  );
  for (const text of ["A", "AB", "AAB", "AA==", "A A", "+A", "/A", "AÄ", "AAAAA", "😀"])
    expect([text, fromBase64url(text)]).toEqual([text, null]);
});
