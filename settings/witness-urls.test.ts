import { describe, expect, it } from "vitest";
import { readSettings, SettingError } from "./settings.ts";
import { parseWitnessUrls, witnessUrlsMax } from "./witness-urls.ts";

describe("suggested witnesses", () => {
  it("are base URLs without a slash at the end", () => {
    expect(parseWitnessUrls("")).toEqual([]);
    expect(parseWitnessUrls(" https://One.example/ , http://127.0.0.1:4001/ledger/ ,")).toEqual([
      "https://one.example",
      "http://127.0.0.1:4001/ledger",
    ]);
  });

  it.each([
    "ledger",
    "ftp://a.example",
    "https://user:word@a.example",
    "https://:word@a.example",
    "https://a.example/?x",
    "https://a.example/#x",
    "javascript:alert(1)",
    `https://a.example/${"x".repeat(200)}`,
  ])("are not %s", (wrong) => {
    expect(() => parseWitnessUrls(wrong)).toThrow("is not the address of a ledger");
  });

  it("are named once", () => {
    expect(() => parseWitnessUrls("https://a.example,https://A.example/")).toThrow("named twice");
  });

  it("are as many as the light client takes, at most", () => {
    const some = (count: number): string => Array.from({ length: count }, (_, at) => `https://l${at}.example`).join();
    expect(parseWitnessUrls(some(witnessUrlsMax))).toHaveLength(witnessUrlsMax);
    expect(() => parseWitnessUrls(some(witnessUrlsMax + 1))).toThrow("at most 8");
  });

  it("are checked when the settings are read", () => {
    expect(readSettings({ GLASSTOWN_WITNESSES: "https://a.example" }).witnesses).toBe("https://a.example");
    expect(() => readSettings({ GLASSTOWN_WITNESSES: "nowhere" })).toThrow(SettingError);
  });
});
