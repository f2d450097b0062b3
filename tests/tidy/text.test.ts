// Repository-wide text checks: no secrets or download hosts in what is committed, and bundles within their budgets.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { coreModules, coreVariants, fileOf } from "../../wasm-core/modules.ts";
import { gzipBytes, lightFiles, withStaticImports } from "../bench/light/wire-files.ts";

const root = resolve(import.meta.dirname, "../..");
const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter((name) => name !== "" && existsSync(join(root, name)));

describe("repository text", () => {
  it("has a lock file without download addresses", () => {
    const lock = readFileSync(join(root, "package-lock.json"), "utf8");
    expect(lock.match(/"resolved": "(?!\.|file:)[^"]*"/g) ?? []).toEqual([]);
  });

  it("pins every dependency exactly", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    const loose = [
      ...Object.entries(manifest["dependencies"] ?? {}),
      ...Object.entries(manifest["devDependencies"] ?? {}),
    ].filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it("commits no private key and nothing larger than 2 MB", () => {
    const wrong: string[] = [];
    for (const name of tracked) {
      const bytes = readFileSync(join(root, name));
      if (bytes.length > 2_000_000) wrong.push(`${name} has ${bytes.length} bytes`);
      if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(bytes.toString("latin1")) && !name.endsWith("text.test.ts"))
        wrong.push(`${name} holds a private key`);
    }
    expect(wrong).toEqual([]);
  });
});

/** Gzip bytes over the wire. Raised only on purpose, with the reason in the commit. */
const budgets = { wasm: 45_000, light: 40_000, page: 165_000, scene: 520_000 };

describe("gzip budgets", () => {
  const assets = join(root, "build/client/assets");
  const built = existsSync(assets) ? readdirSync(assets) : [];
  const gzipOf = (pattern: RegExp): number =>
    built
      .filter((name) => pattern.test(name))
      .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);

  // An engine fetches the modules of one variant.
  it.each(coreVariants)("keeps all %s modules of the WASM core together within their budget", (variant) => {
    const bytes = coreModules.map(
      (module) => gzipSync(readFileSync(join(root, "build/wasm", fileOf(module, variant)))).length,
    );
    expect(bytes.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(budgets.wasm);
  });
  // Code for rare cases (another node's RPC, what older pages kept, Ed25519 without the module) comes when such a case is there.
  it.skipIf(built.length === 0)("keeps all that the light client needs at its start within its budget", () => {
    expect(gzipBytes(lightFiles(assets), assets)).toBeLessThanOrEqual(budgets.light);
  });
  it("counts what a script imports statically, however deep, and nothing that it loads later", () => {
    const folder = mkdtempSync(join(tmpdir(), "static-imports-"));
    try {
      writeFileSync(
        join(folder, "a.js"),
        'import{x as y}from"./b.js";import "./c.js";const z=()=>import(`./late.js`);',
      );
      writeFileSync(join(folder, "b.js"), 'export*from"./d.js";const w=()=>import("./late.js");');
      writeFileSync(join(folder, "c.js"), 'import"./a.js"');
      writeFileSync(join(folder, "d.js"), "export const x=1");
      expect(withStaticImports("a.js", folder)).toEqual(["a.js", "b.js", "c.js", "d.js"]);
      rmSync(join(folder, "d.js"));
      expect(() => withStaticImports("a.js", folder)).toThrow(/ENOENT/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it.skipIf(built.length === 0)("keeps all scripts together within the budget of page and scene", () => {
    expect(gzipOf(/\.js$/)).toBeLessThanOrEqual(budgets.page + budgets.scene + budgets.light);
  });
});
