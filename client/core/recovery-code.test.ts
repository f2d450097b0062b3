import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf, judgeCode, linkOf, readLink } from "./recovery-code.ts";

const request = { account: "a".repeat(40), key: "b".repeat(64) };
const passkey = { account: "a".repeat(40), key: `02${"c".repeat(64)}`, rpId: "city.example" };
const hexText = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length }).map((all) => all.join(""));

describe("the code that is read out", () => {
  it("is six groups of four digits", () => {
    expect(codeOf("city", request)).toMatch(/^\d{4}(?: \d{4}){5}$/);
  });

  it("is another one for another chain, account, key or relying party", () => {
    const codes = [
      codeOf("city", request),
      codeOf("town", request),
      codeOf("city", { ...request, account: `${"a".repeat(39)}b` }),
      codeOf("city", { ...request, key: `${"b".repeat(63)}c` }),
      codeOf("city", passkey),
      codeOf("city", { ...passkey, rpId: "city.example.org" }),
    ];
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("is right however it is written, and wrong at the first wrong digit", () => {
    const code = codeOf("city", request);
    expect(judgeCode("  ", code)).toBe("empty");
    expect(judgeCode(code.slice(0, 7), code)).toBe("incomplete");
    for (const typed of [code, code.replaceAll(" ", ""), code.replaceAll(" ", "-"), ` ${code} `])
      expect(judgeCode(typed, code)).toBe("right");
    // Digits as Korean and Japanese keyboards may give them.
    const wide = code.replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
    expect(judgeCode(wide, code)).toBe("right");
    expect(judgeCode(code.startsWith("0") ? "1" : "0", code)).toBe("wrong");
    expect(judgeCode(`${code}1`, code)).toBe("wrong");
    expect(judgeCode("abc", code)).toBe("wrong");
  });
});

describe("the link", () => {
  it("brings the request back, with and without the page before it", () => {
    fc.assert(
      fc.property(hexText(40), hexText(64), fc.boolean(), (account, key, withPasskey) => {
        const wanted = withPasskey ? { account, key: `03${key}`, rpId: "city.example" } : { account, key };
        const link = linkOf("https://city.example/?quality=low#old", wanted);
        expect(readLink(link)).toEqual(wanted);
        expect(readLink(link.slice(link.indexOf("#")))).toEqual(wanted);
        expect(readLink(`Ada asks you: ${link}\n`)).toEqual(wanted);
      }),
    );
  });

  it.each([
    "",
    "https://city.example/",
    "#recover=",
    `#recover=${request.account}`,
    `#recover=${request.account}.${request.key}x`,
    `#recover=${request.account}.${request.key}.city.example`,
    `#recover=${passkey.account}.${passkey.key}`,
    `#recover=${passkey.account}.${passkey.key}.127.0.0.1`,
    `#recover=${request.account.toUpperCase()}.${request.key}`,
    `#recover=${request.account}.${request.key}${"x".repeat(3000)}`,
  ])("is none when it is %j", (text) => {
    expect(readLink(text)).toBeNull();
  });
});
