// Refusal numbers are append-only: refusal-numbers.txt has every number that was ever given out, one a line.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codespaceOf, type RefusalName, refusalCodes, refuse } from "./refusals.ts";

const lines = readFileSync(join(import.meta.dirname, "refusal-numbers.txt"), "utf8")
  .trimEnd()
  .split("\n");
const given = lines.map((line) => line.split(" ") as [number: string, name: string]);
const codes = Object.entries(refusalCodes) as [RefusalName, number][];

describe("refusals", () => {
  it("keep the numbers they were given; a new one is appended to refusal-numbers.txt", () => {
    const numbers = codes.map(([name, code]) => `${code} ${name}`).sort();
    const kept = lines.filter((line) => !line.endsWith(" retired")).sort();
    expect(numbers).toEqual(kept);
  });

  it("have one number each, and a retired number is not given again", () => {
    expect(new Set(given.map(([number]) => number)).size).toBe(given.length);
    expect(given.map(([number]) => Number(number))).toEqual(
      given.map(([number]) => Number(number)).sort((a, b) => a - b),
    );
  });

  it("share a hundred numbers with those of their module only, and are predicates", () => {
    const modules = new Map<number, string>();
    for (const [name, code] of codes) {
      const hundred = Math.floor(code / 100);
      const module = codespaceOf(name);
      expect([name, modules.get(hundred) ?? module]).toEqual([name, module]);
      modules.set(hundred, module);
      expect(name).toMatch(/^[a-z]+(_[a-z0-9]+)*_must(_not)?(_[a-z0-9]+)+$/);
    }
  });

  it("carry name, number and parameters", () => {
    expect(refuse("money_balance_must_suffice", { balance: "1" })).toEqual({
      ok: false,
      name: "money_balance_must_suffice",
      code: 400,
      params: { balance: "1" },
    });
  });
});
