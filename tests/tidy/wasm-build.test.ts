// The modules of the core are built to the same bytes wherever and however often: those whose hashes are committed.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coreModules, coreVariants, fileOf } from "../../wasm-core/modules.ts";

const root = resolve(import.meta.dirname, "../..");
const names = coreModules.flatMap((module) => coreVariants.map((variant) => fileOf(module, variant))).sort();

describe("npm run build:wasm", () => {
  const place = mkdtempSync(join(tmpdir(), "glasstown-wasm-"));
  const folders = [join(place, "one"), join(place, "some", "where", "else")] as const;

  beforeAll(async () => {
    // Each from a directory of its own, by the Node that npm scripts run.
    const script = join(root, "wasm-core/build.ts");
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    await Promise.all(
      folders.map((cwd) => promisify(execFile)(join(root, "node_modules/.bin/node"), [script, cwd], { cwd })),
    );
  }, 300_000);
  afterAll(() => rmSync(place, { recursive: true }));

  it("writes every module in both variants, and nothing else", () => {
    expect(readdirSync(folders[0]).sort()).toEqual(names);
  });

  it.each(names)("builds %s to the same bytes twice", (name) => {
    const [one, other] = folders.map((folder) => readFileSync(join(folder, name)));
    expect(one!.equals(other!)).toBe(true);
  });

  it("builds what wasm-core/modules.sha256 says", () => {
    const built = coreModules.flatMap((module) =>
      coreVariants.map((variant) => {
        const name = fileOf(module, variant);
        return `${createHash("sha256")
          .update(readFileSync(join(folders[0], name)))
          .digest("hex")}  ${name}\n`;
      }),
    );
    const recorded = readFileSync(join(root, "wasm-core/modules.sha256"), "utf8");
    expect(recorded, "after a change on purpose: npm run build:wasm -- --record").toBe(built.join(""));
  });
});
