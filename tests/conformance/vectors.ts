// Where foreign vectors lie: outside the project, beside it. A suite whose folder is missing is skipped and says so.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";

const folder = join(import.meta.dirname, "../../../shared/vectors");

/** Where a file or folder of the vectors lies. */
export function vectorPath(...names: string[]): string {
  return join(folder, ...names);
}

/** A suite over one folder of vectors; skipped, with the reason in its title, when the folder is missing. */
export function describeVectors(name: string, title: string, suite: () => void): void {
  if (existsSync(vectorPath(name))) describe(title, suite);
  else describe.skip(`${title}: ../shared/vectors/${name} is missing`, () => test("skipped", () => {}));
}

/** Parsed JSON of one file. Numbers beyond 2^53 lose digits; suites that care read the text. */
export function readVector(...names: string[]): unknown {
  return JSON.parse(readFileSync(vectorPath(...names), "utf8"));
}

/** All JSON files below a folder, sorted, relative to the vectors' folder. */
export function vectorFiles(...names: string[]): string[] {
  return readdirSync(vectorPath(...names), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => join(...names, name));
}
