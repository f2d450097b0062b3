// Replayed households: the real Ausgrid file, and files that are not right.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SettingError } from "../../../settings/settings.ts";
import { parseReplayProfile, readReplayProfile } from "./replay-profile.ts";

const ausgrid = new URL("../../../../shared/data/profiles/ausgrid_customer12_2011-2012.csv", import.meta.url).pathname;

describe.skipIf(!existsSync(ausgrid))("ausgrid_customer12_2011-2012.csv (missing: ../shared)", () => {
  it("is the household's 17,568 half hours; values are kW", () => {
    const profile = readReplayProfile(ausgrid);
    expect(profile.halfHours).toBe(17_568);
    // 2011-07-01 15:30 is the file's "2.29,0.138".
    expect(profile.at(Date.UTC(2026, 6, 1, 15, 45))).toEqual({ loadW: 2290, solarW: 138 });
    let [loadKwh, solarKwh] = [0, 0];
    for (let at = Date.UTC(2028, 0, 1); at < Date.UTC(2029, 0, 1); at += 1_800_000) {
      loadKwh += profile.at(at).loadW / 2000;
      solarKwh += profile.at(at).solarW / 2000;
    }
    // The sums that the data's own page states.
    expect(Math.round(loadKwh)).toBe(5938);
    expect(Math.round(solarKwh)).toBe(1296);
  });

  it.each([
    ["a word for a number", (text: string) => text.replace("0.578", "many"), /line 3 is not/],
    ["a missing column", (text: string) => text.replace(",0.392,0.0", ",0.392"), /line 2 is not/],
    [
      "a day that does not exist",
      (text: string) => text.replace("2011-07-01 00:30", "2011-13-01 00:30"),
      /line 3 is not/,
    ],
    ["a negative value", (text: string) => text.replace("0.578", "-0.578"), /line 3 is not/],
    ["another header", (text: string) => text.replace(",GC,GG", "a,b,c"), /line 1 must be a header/],
    ["a file cut short", (text: string) => text.slice(0, 5000), /line \d+ is not|is missing/],
    [
      "a half hour left out",
      (text: string) => text.replace(/2011-07-01 02:00.*\n/, ""),
      /half hour 07-01 02:00 is missing/,
    ],
    ["a half hour twice", (text: string) => text.replace("2011-07-01 00:30", "2011-07-01 00:00"), /line 3 repeats/],
    ["an empty file", () => "", /line 1 must be a header/],
  ])("refuses %s with one line", (_what, damage, message) => {
    const damaged = damage(readFileSync(ausgrid, "utf8"));
    expect(() => parseReplayProfile(damaged, "file")).toThrow(SettingError);
    expect(() => parseReplayProfile(damaged, "file")).toThrow(message);
  });
});

it("names a file that is not there", () => {
  expect(() => readReplayProfile("/nowhere/x.csv")).toThrow("GLASSTOWN_REPLAY /nowhere/x.csv: no such file");
});
