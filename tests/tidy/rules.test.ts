// Rule ids both ways: every rule of a module's README is carried by a test's name, and no test names an unknown rule.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const modules = readdirSync(join(root, "ledger/modules"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

function idsIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map((match) => match[0]));
}

describe.each(modules)("rules of ledger/modules/%s", (name) => {
  const folder = join(root, "ledger/modules", name);
  const readme = existsSync(join(folder, "README.md")) ? readFileSync(join(folder, "README.md"), "utf8") : "";
  const tests = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const rules = idsIn(readme, /\b[A-Z]{2}-\d+\b/g);
  const prefix = [...rules][0]?.slice(0, 3) ?? "??-";
  const tested = idsIn(tests, new RegExp(`\\b${prefix}\\d+\\b`, "g"));

  it("has a README with rule ids", () => {
    expect(rules.size).toBeGreaterThan(0);
  });
  it("has no rule without a test", () => {
    expect([...rules].filter((rule) => !tested.has(rule))).toEqual([]);
  });
  it("has no test of an unknown rule", () => {
    expect([...tested].filter((rule) => !rules.has(rule))).toEqual([]);
  });
});
