import { describe, expect, test } from "vitest";
import { fingerprintWords } from "./fingerprint-words.ts";
import { pastedCheckpoint } from "./given-checkpoint.ts";

describe("a hash in words", () => {
  // https://github.com/trezor/python-mnemonic/blob/master/vectors.json
  test("as BIP-39's vectors have it", async () => {
    expect(await fingerprintWords("00".repeat(32), "en")).toEqual([...Array(11).fill("abandon"), "about"]);
    expect((await fingerprintWords("7f".repeat(32), "en")).join(" ")).toBe(
      "legal winner thank year wave sausage worth useful legal winner thank yellow",
    );
  });

  test("in Korean with joined syllables", async () => {
    const words = await fingerprintWords("00".repeat(32), "ko");
    expect(words).toEqual([...Array(11).fill("가격"), "가능"]);
  });

  test("of nothing else than a hash", async () => {
    await expect(fingerprintWords("00".repeat(31), "en")).rejects.toThrow(RangeError);
    await expect(fingerprintWords("zz".repeat(32), "en")).rejects.toThrow(RangeError);
  });
});

test("a checkpoint is read from its text and from a link", () => {
  const text = "glasstown:city:5:aa:bb";
  expect(pastedCheckpoint(` ${text}\n`)).toBe(text);
  expect(pastedCheckpoint(`https://city.example/#checkpoint=${encodeURIComponent(text)}`)).toBe(text);
  expect(pastedCheckpoint("https://city.example/#checkpoint=%ff")).toBe("");
});
